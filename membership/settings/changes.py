"""Setting something: each change a row of its own, and none over somebody else's unseen."""

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import current_app

from membership.clock import clock
from membership.extensions import db
from membership.settings import current
from membership.settings.models import Setting

LAST = 2**31 - 1
"""As far as a database numbers changes."""


class Change(NamedTuple):
    """A setting's value before and after, as JSON knows them; `at` is in UTC, and without a person
    it was the command line. What is new to the newsroom, such as a tier, has no before.
    """

    id: int
    name: str
    before: Any
    after: Any
    at: datetime
    by_id: int | None
    has_before: bool = True


class Overtaken(Exception):
    """Somebody else has set these since they were looked at."""

    def __init__(self, names: Set[str]) -> None:
        super().__init__(", ".join(sorted(names)))
        self.names = names


def in_force(names: Iterable[str]) -> dict[str, Any]:
    """These settings' values, as JSON knows them; without such as have none yet."""
    return as_of(LAST, names)


def as_of(version: int, names: Iterable[str]) -> dict[str, Any]:
    """These settings' values as they were after the change of that number."""
    wanted = set(names)
    last = (
        sa.select(sa.func.max(Setting.id))
        .where(Setting.name.in_(wanted), Setting.id <= min(version, LAST))
        .group_by(Setting.name)
    )
    rows = db.session.scalars(sa.select(Setting).where(Setting.id.in_(last)))
    first = current.of(current_app).first_values
    return {name: first[name] for name in wanted & first.keys()} | {
        row.name: row.value for row in rows if row.value is not None
    }


def version(names: Iterable[str]) -> int:
    """The number of the last change of any of these settings, 0 before the first."""
    last = sa.select(sa.func.max(Setting.id)).where(Setting.name.in_(names))
    return db.session.scalar(last) or 0


def change(values: Mapping[str, Any], *, seen: int, by_id: int | None) -> list[Change]:
    """Set what differs from what was looked at, in the transaction at hand; what that is.

    `values` are valid and as JSON knows them; `seen` is the version that they were looked at in.
    Raises Overtaken where somebody else has set the same to something else since.
    """
    take_turn()
    before, now = as_of(seen, values), in_force(values)
    meant = {name: value for name, value in values.items() if value != before.get(name)}
    overtaken = {name for name in meant if now.get(name) not in (before.get(name), meant[name])}
    if overtaken:
        raise Overtaken(overtaken)
    return [
        _add(name, now.get(name), after, by_id, value=after)
        for name, after in meant.items()
        if after != now.get(name)
    ]


def keep_first(name: str, value: Any) -> int:
    """Write down, in the transaction at hand, what something is that was never set before, so that
    there is a way back to it; the version in which it is known.
    """
    return _add(name, None, value, None, value=value).id


def put_back(number: int, *, by_id: int | None) -> list[Change]:
    """Give a setting the value it had before the change of that number, in the transaction at hand;
    nothing where it has it again by now.

    LookupError if there is no such change, or nothing was before it.
    """
    take_turn()
    undone = db.session.get(Setting, number)
    if undone is None:
        raise LookupError(number)
    name = undone.name
    before = as_of(number - 1, [name])
    if name not in before:
        raise LookupError(number)
    then, now = before[name], in_force([name])[name]
    if then == now:
        return []
    earlier = sa.select(Setting.value).where(Setting.name == name, Setting.id < number)
    value = db.session.scalar(earlier.order_by(Setting.id.desc()).limit(1))
    return [_add(name, now, then, by_id, value=value)]


def latest(limit: int, *, name: str | None = None) -> Sequence[Change]:
    """The last changes, of all settings or of one, the latest first."""
    before = sa.func.lag(Setting.value, type_=Setting.value.type).over(
        partition_by=Setting.name, order_by=Setting.id
    )
    wanted = sa.select(
        Setting.id, Setting.name, before, Setting.value, Setting.at, Setting.by_id
    ).order_by(Setting.id.desc())
    if name is not None:
        wanted = wanted.where(Setting.name == name)
    first = current.of(current_app).first_values
    rows = [Change(*row) for row in db.session.execute(wanted.limit(limit))]
    is_kept_first = {row.id for row in rows if row.name not in first and row.by_id is None}
    return [
        row._replace(
            before=first.get(row.name) if row.before is None else row.before,
            after=first.get(row.name) if row.after is None else row.after,
            has_before=row.before is not None or row.name in first,
        )
        for row in rows
        if row.id not in is_kept_first
    ]


def _add(name: str, before: Any, after: Any, by_id: int | None, *, value: Any) -> Change:
    """`value` is what is kept of `after`: None for the environment's."""
    row = Setting(name=name, value=value, at=clock.now(), by_id=by_id)
    db.session.add(row)
    db.session.flush()
    return Change(row.id, name, before, after, row.at, by_id)


def take_turn() -> None:
    """See to it that nobody else sets anything until the transaction ends."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(sa.text("lock table setting in share row exclusive mode"))
