"""Planning a round before it opens: its topics, what they cost, budget and times."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from membership.clock import clock
from membership.extensions import db
from membership.patrons import memberships
from membership.rounds import equal_shares, locks, results
from membership.rounds.models import Round, RoundTopic, Unit
from membership.topics import slugs
from membership.topics.models import Topic

MOST_TOPICS = 60


class CannotPrepare(ValueError):
    """A round that could not be voted on or counted as its page would say.

    Says what is wrong by one of open, over, empty, many, hours, moved or the name of a moment,
    and about what.
    """

    def __init__(self, what: str, about: str = "") -> None:
        super().__init__(f"{what}: {about}" if about else what)


class Frozen(ValueError):
    """What members were told when the round opened stays as it is."""


def prepare(
    title: str,
    topics: Sequence[Topic],
    *,
    budget: int,
    closes_at: datetime,
    unit: Unit = Unit.minutes,
    **plan: Any,
) -> Round:
    """A round on `topics`, not yet open.

    `budget` is in the unit: minutes of reporting, or a number of topics. `plan` may have
    opens_at, join_by, remind_at (UTC), quorum (per cent of the roll) and carry_from (a closed
    round whose leftover is added to the budget). Raises CannotPrepare.
    """
    round = Round(
        slug=_free_slug(title),
        rule=equal_shares.STEP_BY_STEP,
        seed=secrets.token_hex(32),
        roll_salt=secrets.token_hex(16),
        created_at=clock.now(),
    )
    _plan(round, title, topics, budget=budget, closes_at=closes_at, unit=unit, **plan)
    db.session.add(round)
    db.session.flush()
    return round


def change(round: Round, title: str, topics: Sequence[Topic], **plan: Any) -> None:
    """Plan a round anew that is not open yet; takes what `prepare` takes.

    Raises Frozen, CannotPrepare.
    """
    locks.exclusive(round)
    if round.opened_at is not None:
        raise Frozen(round.slug)
    round.entries.clear()
    db.session.flush()
    _plan(round, title, topics, **plan)
    db.session.flush()


def discard(round: Round) -> None:
    """Give up a round that was never open. Raises Frozen."""
    locks.exclusive(round)
    if round.opened_at is not None:
        raise Frozen(round.slug)
    db.session.delete(round)
    db.session.flush()


def cost(topic: Topic, round: Round) -> int:
    """A topic dearer than the whole budget could never win, and would end the count for others."""
    if round.unit is Unit.topics:
        return 1
    if topic.minutes is None or topic.minutes > round.budget:
        raise CannotPrepare("hours", topic.title)
    return topic.minutes


def left_over(unit: Unit, *, instead_of: Round | None = None) -> tuple[Round, int] | None:
    """The latest closed round with something left that no other has taken over, and how much.

    `instead_of` is a round being planned anew, which may have taken it over itself.
    """
    taken = sa.select(Round.carried_from_id).where(Round.carried_from_id.is_not(None))
    if instead_of is not None:
        taken = taken.where(Round.id != instead_of.id)
    latest = db.session.scalar(
        sa.select(Round)
        .where(Round.closed_at.is_not(None), Round.unit == unit, Round.id.not_in(taken))
        .order_by(Round.closed_at.desc())
        .limit(1)
    )
    left = results.left_over(latest) if latest else 0
    return (latest, left) if latest and left else None


def _plan(
    round: Round,
    title: str,
    topics: Sequence[Topic],
    *,
    budget: int,
    closes_at: datetime,
    unit: Unit = Unit.minutes,
    opens_at: datetime | None = None,
    join_by: datetime | None = None,
    remind_at: datetime | None = None,
    quorum: int = 0,
    carry_from: Round | None = None,
) -> None:
    for name, moment in (("join_by", join_by), ("remind_at", remind_at), ("opens_at", opens_at)):
        if moment is not None and moment > closes_at:
            raise CannotPrepare(name)
    if len(topics) > MOST_TOPICS:
        raise CannotPrepare("many", str(MOST_TOPICS))
    round.title, round.unit, round.quorum = title, unit, quorum
    round.carried_from = carry_from
    round.carried = results.left_over(carry_from) if carry_from else 0
    round.budget = budget + round.carried
    round.opens_at, round.closes_at, round.trouble = opens_at, closes_at, None
    round.join_by, round.remind_at = join_by, remind_at
    round.share_step = _fine_step(unit)
    round.entries = [
        RoundTopic(topic=topic, position=position, title=topic.title, cost=cost(topic, round))
        for position, topic in enumerate(topics, 1)
    ]


def _free_slug(title: str) -> str:
    taken = Round.__table__.c.slug
    return next(
        slug
        for slug in slugs.candidates(title)
        if not db.session.scalar(sa.select(sa.exists().where(taken == slug)))
    )


def _fine_step(unit: Unit) -> str:
    """So small that a step raises all shares together by less than a minute, or a 60th topic."""
    members = db.session.scalar(
        sa.select(sa.func.count()).select_from(memberships.members().subquery())
    )
    places = len(str(members or 0)) + (2 if unit is Unit.topics else 0)
    return "0." + "1".zfill(places)
