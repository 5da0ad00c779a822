"""Movements of monthly recurring revenue: as rows, and what each adds to the sums."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from config import Mode
from membership import days
from membership.books.models import Interval
from membership.history.derived import Derived
from membership.history.facts import LED_HERE, TERMS, UNDONE, Facts
from membership.history.models import Movement, MovementKind
from membership.history.movements import LEAVING, Move
from membership.history.sums import Key, Part, Total
from membership.patrons.touched import Told

TENURES = (1, 3, 6, 12, 24, 36)
"""Whole months after which a supporter counts as longer with us."""

UNKNOWN = "unknown"


class Values(NamedTuple):
    """A row of `Movement` without its number."""

    mode: Mode
    person_id: int
    currency: str
    at: datetime
    kind: MovementKind
    day: date
    amount: int
    mrr: int
    people: int
    began: date
    tenure: int
    subscription_id: int
    tier_id: int
    interval: Interval
    source: str | None
    campaign: str | None
    reason: str | None


def found(facts: Facts) -> Iterator[Values]:
    """The movements that the facts of these people come to."""
    numbers = {row.stripe_id: row.subscription_id for row in facts.terms}
    for person_id, moves in facts.moves.items():
        origin = facts.origins.get(person_id)
        began: dict[str, date] = {}
        given = _given(moves)
        for move in moves:
            day = days.of(move.at)
            first = began.setdefault(move.currency, day)
            yield Values(
                mode=facts.mode,
                person_id=person_id,
                currency=move.currency,
                at=move.at,
                kind=move.kind,
                day=day,
                amount=move.amount,
                mrr=given[move.currency, move.at],
                people=move.people,
                began=first,
                tenure=_tenure(first, day),
                subscription_id=numbers[move.subscription],
                tier_id=move.tier,
                interval=move.interval,
                source=origin.source if origin else None,
                campaign=origin.campaign if origin else None,
                reason=move.reason,
            )


def _given(moves: Iterable[Move]) -> dict[tuple[str, datetime], int]:
    """What is given by the month once all movements of a moment are over, by currency."""
    amounts: Counter[str] = Counter()
    given = {}
    for move in moves:
        amounts[move.currency] += move.amount
        given[move.currency, move.at] = amounts[move.currency]
    return given


def parts(row: Values) -> Iterator[Part]:
    """What one movement adds to the sums: in all, and by each thing that it is counted by."""
    told = {
        "": "",
        "tier": str(row.tier_id),
        "interval": row.interval.value,
        "source": row.source,
        "campaign": row.campaign,
    }
    if row.kind in LEAVING:
        told |= {"reason": row.reason or UNKNOWN, "tenure": str(row.tenure)}
    for by, value in told.items():
        if value is not None:
            yield _part(row, row.day, by, value)
    yield _part(row, row.day.replace(day=1), "cohort", f"{row.began:%Y-%m}")


def _part(row: Values, day: date, by: str, value: str) -> Part:
    key = Key(row.mode, row.kind.value, row.currency, by, day, value)
    return Part(key, Total(row.amount, row.people, 1))


def _tenure(began: date, day: date) -> int:
    """The longest of TENURES that was reached, 0 before the first."""
    since = relativedelta(day, began)
    months = since.years * 12 + since.months
    return max((tenure for tenure in TENURES if tenure <= months), default=0)


MOVEMENTS = Derived(
    table=Movement,
    values=Values,
    found=found,
    parts=parts,
    figures=tuple(kind.value for kind in MovementKind),
    follows_from=Told.given,
    reads=(TERMS, UNDONE, LED_HERE),
)
