"""The people behind a movement: the list that a cell of a table leads to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from config import Mode
from membership.books.models import Interval
from membership.figures.spans import Span
from membership.history.models import Movement, MovementKind
from membership.history.revenue import UNKNOWN
from membership.listing import Listing
from membership.money import Money
from membership.patrons.models import Person

COUNTED_BY = {
    "reason": Movement.reason,
    "tenure": Movement.tenure,
    "tier": Movement.tier_id,
    "interval": Movement.interval,
    "source": Movement.source,
}
"""What a list may be narrowed by, and in which column that stands."""

Narrowed = Mapping[str, str]


@dataclass(frozen=True)
class Mover:
    """One movement of one person; `change` is by the month."""

    person_id: int
    name: str | None
    email: str
    day: date
    kind: MovementKind
    change: Money
    interval: Interval
    reason: str | None


def listing(
    mode: Mode, currency: str, kinds: Sequence[MovementKind], span: Span, narrowed: Narrowed
) -> Listing[Mover]:
    """The latest first, of those whose values are as `narrowed` says."""
    values = [
        sa.func.coalesce(sa.cast(COUNTED_BY[by], sa.String), UNKNOWN) == value
        for by, value in narrowed.items()
    ]
    wanted = (
        sa.select(
            Movement.person_id,
            Person.name,
            Person.email,
            Movement.day,
            Movement.kind,
            Movement.amount,
            Movement.currency,
            Movement.interval,
            Movement.reason,
        )
        .join(Person, Person.id == Movement.person_id)
        .where(
            Movement.mode == mode,
            Movement.currency == currency,
            Movement.kind.in_(kinds),
            Movement.day.between(span.first, span.last),
            *values,
        )
        .order_by(Movement.day.desc(), Movement.id.desc())
    )
    return Listing(wanted, _mover)


def _mover(row: Any) -> Mover:
    return Mover(
        person_id=row.person_id,
        name=row.name,
        email=row.email,
        day=row.day,
        kind=row.kind,
        change=Money(row.amount, row.currency),
        interval=row.interval,
        reason=row.reason,
    )
