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
    """At the end of `day`, those who first gave in `began` if it is given; the largest first.

    Written so that the first page of a million costs no more than itself: movements are looked at
    from the largest amount down, and whether another one came after each by then.
    """
    later = sa.orm.aliased(Movement)
    wanted = (
        sa.select(Person.id, Person.name, Person.email, Movement.began, Movement.mrr)
        .join(Person, Person.id == Movement.person_id)
        .where(
            Movement.mode == mode,
            Movement.currency == currency,
            Movement.mrr > 0,
            Movement.day <= day,
            ~sa.exists().where(
                later.person_id == Movement.person_id,
                later.mode == mode,
                later.currency == currency,
                later.day <= day,
                sa.or_(
                    later.at > Movement.at,
                    sa.and_(later.at == Movement.at, later.id > Movement.id),
                ),
            ),
        )
        .order_by(Movement.mrr.desc(), Movement.id)
    )
    if began is not None:
        wanted = wanted.where(Movement.began.between(began.first, began.last))
    return Listing(wanted, lambda row: _giver(row, currency))


def _giver(row: Any, currency: str) -> Giver:
    return Giver(row.id, row.name, row.email, row.began, Money(row.mrr, currency))
