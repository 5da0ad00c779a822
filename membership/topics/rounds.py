"""Preparing, opening, finding and closing rounds."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import defer, selectinload

from membership.clock import clock
from membership.extensions import db
from membership.patrons import memberships
from membership.topics import ballots, equal_shares, life, results, roll, slugs
from membership.topics.models import Round, RoundTopic, Topic, TopicState

LISTED = 100


class CannotPrepare(ValueError):
    """A round that could not be voted on or counted as its page would say."""


def prepare(
    title: str,
    topics: Sequence[Topic],
    *,
    budget_minutes: int,
    closes_at: datetime,
    join_by: datetime | None = None,
) -> Round:
    """A round on `topics` at their present reporting times, not yet open.

    `closes_at` and `join_by` are UTC. Raises CannotPrepare.
    """
    if join_by is not None and join_by > closes_at:
        raise CannotPrepare("join_by is after closes_at")
    round = Round(
        title=title,
        slug=_free_slug(title),
        budget_minutes=budget_minutes,
        rule=equal_shares.STEP_BY_STEP,
        share_step=_fine_step(),
        seed=secrets.token_hex(32),
        closes_at=closes_at,
        join_by=join_by,
        entries=[
            RoundTopic(topic=topic, position=position, minutes=_cost(topic, budget_minutes))
            for position, topic in enumerate(topics, 1)
        ],
    )
    db.session.add(round)
    db.session.flush()
    return round


def open(round: Round, *, at: datetime | None = None) -> None:
    """Take the roll and begin to take ballots; from now on nothing about the round changes.

    `at` (UTC) is now unless a history is being made up. Raises CannotPrepare, life.WrongTurn.
    """
    at = at or clock.now()
    _lock(round)
    if round.opened_at is not None or round.closes_at <= at or not round.entries:
        raise CannotPrepare(f"{round.slug} is open, empty, or would be over at once")
    for entry in round.entries:
        life.move(entry.topic, TopicState.on_ballot)
    round.opened_at, round.ballot_key = at, secrets.token_bytes(32)
    roll.take(round, at=at)


def close(round: Round, *, at: datetime | None = None) -> None:
    """Count the ballots, keep the result, destroy the key: once, whoever else asks for it.

    `at` (UTC) is now unless a history is being made up. Raises RoundNotOpen.
    """
    _lock(round)
    if round.opened_at is None:
        raise ballots.RoundNotOpen
    if round.closed_at is not None:
        return
    results.record(round)
    ballots.seal(round)
    round.closed_at = at or clock.now()
    db.session.flush()


def close_due() -> int:
    """Close every round whose time has come, each in a transaction of its own; how many."""
    due = db.session.scalars(
        sa.select(Round).where(
            Round.opened_at.is_not(None), Round.closed_at.is_(None), Round.closes_at <= clock.now()
        )
    ).all()
    for round in due:
        close(round)
        db.session.commit()
    return len(due)


def current() -> Round | None:
    """The open round that closes first."""
    return db.session.scalar(
        sa.select(Round)
        .where(
            Round.opened_at.is_not(None), Round.closed_at.is_(None), Round.closes_at > clock.now()
        )
        .order_by(Round.closes_at)
        .limit(1)
    )


def listed() -> list[tuple[Round, roll.Turnout]]:
    """Every round that was ever opened, the latest first, with its turnout."""
    found = db.session.scalars(
        sa.select(Round)
        .where(Round.opened_at.is_not(None))
        .order_by(Round.opened_at.desc())
        .options(defer(Round.result))
    ).all()
    turnouts = roll.turnouts(found)
    return [(round, turnouts[round.id]) for round in found]


def by_slug(slug: str) -> Round | None:
    """A round that was opened, with its topics."""
    return db.session.scalar(
        sa.select(Round)
        .where(Round.slug == slug, Round.opened_at.is_not(None))
        .options(selectinload(Round.entries))
    )


def with_topic(topic: Topic) -> Sequence[Round]:
    """The rounds on whose ballot the topic stood, the latest first."""
    return db.session.scalars(
        sa.select(Round)
        .join(RoundTopic)
        .where(RoundTopic.topic_id == topic.id, Round.opened_at.is_not(None))
        .order_by(Round.opened_at.desc())
    ).all()


def seed_hash(round: Round) -> str:
    """What is public of the seed while the round is open."""
    return hashlib.sha256(round.seed.encode()).hexdigest()


def _lock(round: Round) -> None:
    """Keep others from opening, closing and voting until the transaction ends."""
    db.session.flush()  # a refresh forgets what is not written yet
    db.session.refresh(round, with_for_update=True)


def _free_slug(title: str) -> str:
    return next(
        slug
        for slug in slugs.candidates(title)
        if not db.session.scalar(sa.select(sa.exists().where(Round.slug == slug)))
    )


def _fine_step() -> str:
    """So small that a step raises all shares together by less than a minute."""
    members = db.session.scalar(
        sa.select(sa.func.count()).select_from(memberships.members().subquery())
    )
    places = len(str(members or 0))
    return "0." + "1".zfill(places)


def _cost(topic: Topic, budget_minutes: int) -> int:
    """A topic dearer than the whole budget could never win, and would end the count for others."""
    if topic.minutes is None or topic.minutes > budget_minutes:
        raise CannotPrepare(f"{topic.slug} needs a reporting time within the budget")
    return topic.minutes
