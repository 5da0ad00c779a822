"""Sums by day, kept in the transaction that changes them, so that a page adds up a few rows.

A transaction only adds rows of its own (`SumChange`): two that change the same sum do not wait
for each other. A job folds them into `DailySum` now and then; who reads adds both.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import reduce
from typing import Any, NamedTuple

import sqlalchemy as sa

from config import Mode
from membership.extensions import db, insert_or_add
from membership.history.models import DailySum, SumChange
from membership.writes import Writes

AT_ONCE = 5000


class Key(NamedTuple):
    """Which sum: of a figure on a day in the newsroom's time zone.

    `by` names what it is counted by, such as the tier, and `value` which one; both are empty for
    the sum of all.
    """

    mode: Mode
    figure: str
    currency: str
    by: str
    day: date
    value: str


class Total(NamedTuple):
    """Minor units, people more (or, below 0, fewer) who give, and how often it happened."""

    amount: int
    people: int
    times: int

    def plus(self, other: "Total", sign: int = 1) -> "Total":
        return Total(
            self.amount + sign * other.amount,
            self.people + sign * other.people,
            self.times + sign * other.times,
        )


class Part(NamedTuple):
    """One summand of a sum."""

    key: Key
    total: Total


NOTHING = Total(0, 0, 0)


def added(totals: Iterable[Total]) -> Total:
    """All of them together; of none nothing."""
    return reduce(Total.plus, totals, NOTHING)


def change(added: Iterable[Part], removed: Iterable[Part], writes: Writes) -> None:
    """Add to the sums and take from them, by `writes`."""
    totals = _totals(added)
    for key, total in removed:
        totals[key] = totals[key].plus(total, -1)
    rows = [_row(key, total) for key, total in totals.items() if any(total)]
    writes.insert(SumChange, rows)


def fold() -> int:
    """Fold what transactions added into the sums; how many rows that was. Commits."""
    folded = 0
    while True:
        taken = _take()
        db.session.commit()
        folded += taken
        if taken < AT_ONCE:
            return folded


def replace(figures: Iterable[str], since: date, until: date, parts: Iterable[Part]) -> None:
    """Make the sums of `figures` over the days from `since` to before `until` anew, of all modes.

    The caller has seen to it that nobody changes them meanwhile.
    """
    names, modes = list(figures), list(Mode)
    # In this order: what a fold at work takes from the one is in the other once it is done.
    for table in (SumChange, DailySum):
        its = table.mode.in_(modes), table.figure.in_(names)
        db.session.execute(sa.delete(table).where(*its, table.day >= since, table.day < until))
    _add(_totals(parts))


def _take() -> int:
    """Two that fold at once take different rows; each waits for the other's sums."""
    oldest = (
        sa.select(SumChange.id)
        .order_by(SumChange.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    rows = db.session.execute(
        sa.delete(SumChange)
        .where(SumChange.id.in_(oldest))
        .returning(*(getattr(SumChange, name) for name in (*Key._fields, *Total._fields)))
    ).all()
    split = len(Key._fields)
    _add(_totals(Part(Key(*row[:split]), Total(*row[split:])) for row in rows))
    return len(rows)


def _totals(parts: Iterable[Part]) -> dict[Key, Total]:
    totals: dict[Key, Total] = defaultdict(lambda: NOTHING)
    for key, total in parts:
        totals[key] = totals[key].plus(total)
    return totals


def _add(totals: dict[Key, Total]) -> None:
    """In an order that is the same for everybody, so that no two wait for each other."""
    rows = [_row(key, totals[key]) for key in sorted(totals)]
    if rows:
        insert_or_add(DailySum, list(Key._fields), rows)


def _row(key: Key, total: Total) -> dict[str, Any]:
    return key._asdict() | total._asdict()
