"""What staff set, each change in the audit log with what it was before."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask import current_app
from pydantic import BaseModel

from membership.books import offers
from membership.extensions import db, jobs
from membership.patrons.models import Person
from membership.settings import changes, current
from membership.settings.abuse import Abuse
from membership.settings.amounts import Amounts
from membership.settings.articles import Articles
from membership.settings.changes import Change
from membership.settings.newsroom import Newsroom
from membership.settings.voting import Voting
from membership.staff import audit

MOST_LETTERS, VERSIONS = 100, 20
MODELS: Sequence[type[BaseModel]] = (Newsroom, Amounts, Voting, Abuse, Articles)
"""What is set together, and has to make sense together."""
TIME_ZONE = "timezone"
TIER, ORDER_OF_TIERS = "tier ", "order of tiers"
"""Settings that tables are brought up to; a tier's is named by its slug."""


def change(values: Mapping[str, Any], *, seen: int, by: Person | None) -> bool:
    """Set what differs from what is in force; whether anything did. `by` None is the command line.

    Commits. Raises Overtaken.
    """
    made = changes.change(values, seen=seen, by_id=by.id if by else None)
    return _written_down(made, by)


def change_own(name: str, value: Any, *, first: Any, seen: int, by: Person | None) -> bool:
    """The same for something of its own, which is `first` where it was never set."""
    changes.take_turn()
    if not changes.version([name]):
        if value == first:
            return False
        seen = changes.keep_first(name, first)
    return change({name: value}, seen=seen, by=by)


def put_back(number: int, *, by: Person) -> bool:
    """Undo a change; whether that changed anything. Commits.

    LookupError if there is none, ValueError where it does not fit with what is set by now.
    """
    return _written_down(changes.put_back(number, by_id=by.id), by)


def history(name: str) -> list[tuple[Change, str | None]]:
    """The last changes of one setting, as `latest` has them."""
    return latest(VERSIONS, name=name)


def latest(limit: int, *, name: str | None = None) -> list[tuple[Change, str | None]]:
    """The last changes, the latest first, each with the address of who made it."""
    made = changes.latest(limit, name=name)
    numbers = {one.by_id for one in made if one.by_id}
    people = dict(
        db.session.execute(sa.select(Person.id, Person.email).where(Person.id.in_(numbers))).all()
    )
    return [(one, people.get(one.by_id) if one.by_id else None) for one in made]


def _written_down(made: Sequence[Change], by: Person | None) -> bool:
    for model in MODELS:
        if {one.name for one in made} & model.model_fields.keys():
            model.model_validate(changes.in_force(model.model_fields))
    for one in made:
        _bring_up(one.name, one.after)
        audit.note(
            "change setting", f"{one.name}: {_short(one.before)} → {_short(one.after)}", by=by
        )
    db.session.commit()
    current.of(current_app).look_again()
    if any(one.name == TIME_ZONE for one in made):
        # Missed here, it is done by the job that looks each hour.
        jobs.ask(current_app.extensions["count_by_zone_soon"])
    return bool(made)


def _bring_up(name: str, value: Any) -> None:
    if name == ORDER_OF_TIERS:
        offers.put_in_order(value)
    elif name.startswith(TIER):
        offers.bring_up(name.removeprefix(TIER), value)


def _short(value: Any) -> str:
    """In full it stands with the setting's own changes."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 1]}…"
