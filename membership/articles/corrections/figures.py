"""How many cases wait and for how long, and how the editors have dealt with them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from membership.articles.corrections.models import STOOD, UNDECIDED, Correction, State
from membership.clock import clock
from membership.extensions import db

LATELY = timedelta(days=90)


@dataclass(frozen=True)
class Waiting:
    """Cases that an editor has to look at, and since when the oldest waits."""

    count: int
    since: datetime | None

    def __bool__(self) -> bool:
        return self.count > 0


@dataclass(frozen=True)
class Lately:
    """Of ninety days: decided, of these right about a mistake, and the middle time it took."""

    decided: int
    stood: int
    median: timedelta | None


def waiting() -> Waiting:
    """Without who was asked back, and what is held back in a flood; one query."""
    wanted = sa.select(sa.func.count(Correction.id), sa.func.min(Correction.first_at))
    found = db.session.execute(
        wanted.where(Correction.state == State.open, Correction.listed_at.is_not(None))
    ).one()
    return Waiting(*found)


def lately() -> Lately:
    """In two queries."""
    decided = (
        Correction.state.not_in(UNDECIDED),
        Correction.decided_at > clock.now() - LATELY,
    )
    stood = sa.func.count(sa.case((Correction.state.in_(STOOD), Correction.id)))
    wanted = sa.select(sa.func.count(Correction.id), stood).where(*decided)
    count, stood_count = db.session.execute(wanted).one()
    middle = sa.select(Correction.took).where(*decided).order_by(Correction.took)
    # Of an even number the two in the middle.
    took = db.session.scalars(middle.offset(max(count - 1, 0) // 2).limit(2 - count % 2)).all()
    known = [one for one in took if one is not None]
    return Lately(count, stood_count, timedelta(seconds=sum(known) / len(known)) if known else None)
