"""How often the guards held a gift back, so that staff see whether somebody tries stolen cards."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

import sqlalchemy as sa

from membership import days
from membership.extensions import db, insert_or_add
from membership.giving.models import HeldBack

SHOWN = timedelta(days=30)


class Why(StrEnum):
    """`hidden` is that a field was filled in which nobody sees."""

    tries = "tries"
    fast = "fast"
    hidden = "hidden"


def note(why: Why) -> None:
    """Count one. Commits."""
    row = {"day": days.today(), "why": why.value, "times": 1}
    insert_or_add(HeldBack, ["day", "why"], [row])
    db.session.commit()


def lately() -> Sequence[HeldBack]:
    """Of the last thirty days, the latest first; one query."""
    wanted = sa.select(HeldBack).where(HeldBack.day > days.today() - SHOWN)
    return db.session.scalars(wanted.order_by(HeldBack.day.desc(), HeldBack.why)).all()
