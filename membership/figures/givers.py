"""Who gives by the month on a day, and how much: the list behind a number of people."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from config import Mode
from membership.figures.spans import Span
from membership.history.models import Movement
from membership.listing import Listing
from membership.money import Money
from membership.patrons.models import Person


@dataclass(frozen=True)
class Giver:
    """`monthly` is what they give by the month, `began` the day they first gave."""

    person_id: int
    name: str | None
    email: str
    began: date
    monthly: Money


def listing(mode: Mode, currency: str, day: date, began: Span | None) -> Listing[Giver]:
    """At the end of `day`, those who first gave in `began` if it is given; the largest first."""
    monthly = sa.func.sum(Movement.amount).label("monthly")
    wanted = (
        sa.select(
            Person.id,
            Person.name,
            Person.email,
            sa.func.min(Movement.began).label("began"),
            monthly,
        )
        .join(Person, Person.id == Movement.person_id)
        .where(Movement.mode == mode, Movement.currency == currency, Movement.day <= day)
        .group_by(Person.id, Person.name, Person.email)
        .having(sa.func.sum(Movement.amount) > 0)
        .order_by(monthly.desc(), Person.id)
    )
    if began is not None:
        wanted = wanted.where(Movement.began.between(began.first, began.last))
    return Listing(wanted, lambda row: _giver(row, currency))


def _giver(row: Any, currency: str) -> Giver:
    return Giver(row.id, row.name, row.email, row.began, Money(int(row.monthly), currency))
