"""Preparing, opening, finding and closing rounds."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import defer, selectinload

from membership.clock import clock
from membership.extensions import db
from membership.patrons import memberships
from membership.patrons.models import Person
from membership.topics import ballots, equal_shares, life, news, proof, results, roll, slugs
from membership.topics.models import RollEntry, Round, RoundTopic, Topic, TopicState, Unit

LISTED = 100
MOST_TOPICS = 60

log = structlog.get_logger()


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
    _lock(round)
    if round.opened_at is not None:
        raise Frozen(round.slug)
    round.entries.clear()
    db.session.flush()
    _plan(round, title, topics, **plan)
    db.session.flush()


def discard(round: Round) -> None:
    """Give up a round that was never open. Raises Frozen."""
    _lock(round)
    if round.opened_at is not None:
        raise Frozen(round.slug)
    db.session.delete(round)
    db.session.flush()


def open(round: Round, *, at: datetime | None = None) -> None:
    """Take the roll and begin to take ballots; from now on nothing about the round changes.

    `at` (UTC) is now unless a history is being made up. Raises CannotPrepare.
    """
    at = at or clock.now()
    _lock(round)
    if round.opened_at is not None:
        raise CannotPrepare("open")
    if round.closes_at <= at:
        raise CannotPrepare("over")
    if not round.entries:
        raise CannotPrepare("empty")
    for entry in sorted(round.entries, key=lambda entry: entry.topic_id):
        try:
            life.move(entry.topic, TopicState.on_ballot, round=round, at=at)
        except life.WrongTurn:
            raise CannotPrepare("moved", entry.topic.title) from None
        entry.title, entry.cost = entry.topic.title, _cost(entry.topic, round)
    round.opened_at, round.ballot_key, round.trouble = at, secrets.token_bytes(32), None
    roll.take(round, at=at)
    round.terms_digest = proof.terms(round)
    news.tell_of_opening(round)
    db.session.flush()


def withdraw(entry: RoundTopic, *, reason: str) -> None:
    """Take a topic off an open ballot, in public; ticks for it count for nothing.

    Raises Frozen, ReasonMissing.
    """
    if not reason:
        raise life.ReasonMissing
    _lock(entry.round)
    db.session.refresh(entry)
    try:
        ballots.check_open(entry.round)
    except roll.CannotVote:
        raise Frozen(entry.round.slug) from None
    if entry.withdrawn_at is not None:
        return
    entry.withdrawn_at, entry.withdrawn_reason = clock.now(), reason
    life.move(entry.topic, TopicState.dropped, reason=reason)
    db.session.flush()


def close(round: Round, *, reason: str | None = None, at: datetime | None = None) -> None:
    """Count the ballots, keep the result, destroy the key: once, whoever else asks for it.

    Before the announced time a published `reason` is needed. `at` (UTC) is now unless a history
    is being made up. Raises RoundNotOpen, ReasonMissing.
    """
    _lock(round)
    if round.opened_at is None:
        raise ballots.RoundNotOpen
    if round.closed_at is not None:
        return
    at = at or clock.now()
    if at < round.closes_at and not reason:
        raise life.ReasonMissing
    round.close_reason = reason if at < round.closes_at else None
    results.record(round, at=at)
    round.ballots_digest = proof.ballots(round)
    ballots.seal(round)
    round.closed_at = at
    news.tell_of_outcome(round)
    db.session.flush()


def open_due() -> int:
    """Open every round whose time has come, each in a transaction of its own; how many.

    What keeps one from opening is written down for staff.
    """
    opened = 0
    for round in _due(Round.opens_at, Round.opened_at.is_(None), Round.trouble.is_(None)):
        try:
            open(round)
            opened += 1
        except CannotPrepare as trouble:
            db.session.rollback()
            log.warning("round not opened", slug=round.slug, reason=str(trouble))
            round.trouble = str(trouble)
        db.session.commit()
    return opened


def remind_due() -> int:
    """Have those reminded who have not voted yet, once a round; how many rounds."""
    rounds = _due(Round.remind_at, Round.opened_at.is_not(None), Round.closed_at.is_(None))
    for round in rounds:
        _lock(round)
        if round.remind_at is not None:
            round.remind_at = None
            news.remind(round)
        db.session.commit()
    return len(rounds)


def close_due() -> int:
    """Close every round whose time has come, each in a transaction of its own; how many."""
    rounds = _due(Round.closes_at, Round.opened_at.is_not(None), Round.closed_at.is_(None))
    for round in rounds:
        close(round)
        db.session.commit()
    return len(rounds)


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
    """The latest rounds that were ever opened, the newest first, with their turnout."""
    found = db.session.scalars(
        sa.select(Round)
        .where(Round.opened_at.is_not(None))
        .order_by(Round.opened_at.desc())
        .options(defer(Round.result))
        .limit(LISTED)
    ).all()
    turnouts = roll.turnouts(found)
    return [(round, turnouts[round.id]) for round in found]


def drafts() -> Sequence[Round]:
    """Rounds that are not open yet, the latest first."""
    return db.session.scalars(
        sa.select(Round)
        .where(Round.opened_at.is_(None))
        .order_by(Round.id.desc())
        .options(selectinload(Round.entries))
        .limit(LISTED)
    ).all()


def by_slug(slug: str, *, prepared: bool = False) -> Round | None:
    """A round that was opened, or any that is `prepared`, with its topics."""
    wanted = sa.select(Round).where(Round.slug == slug)
    if not prepared:
        wanted = wanted.where(Round.opened_at.is_not(None))
    return db.session.scalar(
        wanted.options(
            selectinload(Round.entries),
            selectinload(Round.carried_from).load_only(Round.slug, Round.title),
        )
    )


def voted_by(person: Person) -> Sequence[Round]:
    """The latest rounds in which `person` voted, with their topics; never how they voted."""
    return db.session.scalars(
        sa.select(Round)
        .join(RollEntry)
        .where(RollEntry.person_id == person.id, RollEntry.voted)
        .order_by(Round.opened_at.desc())
        .options(selectinload(Round.entries))
        .limit(LISTED)
    ).all()


def with_topic(topic: Topic) -> Sequence[Round]:
    """The rounds on whose ballot the topic stood, the latest first."""
    return db.session.scalars(
        sa.select(Round)
        .join(RoundTopic)
        .where(RoundTopic.topic_id == topic.id, Round.opened_at.is_not(None))
        .order_by(Round.opened_at.desc())
        .options(defer(Round.result))
        .limit(LISTED)
    ).all()


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
        RoundTopic(topic=topic, position=position, title=topic.title, cost=_cost(topic, round))
        for position, topic in enumerate(topics, 1)
    ]


def _due(moment: Any, *conditions: Any) -> Sequence[Round]:
    return db.session.scalars(
        sa.select(Round).where(moment <= clock.now(), *conditions).order_by(moment).limit(LISTED)
    ).all()


def _lock(round: Round) -> None:
    """Keep others from opening, closing and voting until the transaction ends."""
    db.session.flush()  # a refresh forgets what is not written yet
    db.session.refresh(round, with_for_update={"of": Round})


def _free_slug(title: str) -> str:
    return next(
        slug
        for slug in slugs.candidates(title)
        if not db.session.scalar(sa.select(sa.exists().where(Round.slug == slug)))
    )


def _fine_step(unit: Unit) -> str:
    """So small that a step raises all shares together by less than a minute, or a 60th topic."""
    members = db.session.scalar(
        sa.select(sa.func.count()).select_from(memberships.members().subquery())
    )
    places = len(str(members or 0)) + (2 if unit is Unit.topics else 0)
    return "0." + "1".zfill(places)


def _cost(topic: Topic, round: Round) -> int:
    """A topic dearer than the whole budget could never win, and would end the count for others."""
    if round.unit is Unit.topics:
        return 1
    if topic.minutes is None or topic.minutes > round.budget:
        raise CannotPrepare("hours", topic.title)
    return topic.minutes
