"""Opening, closing and finding rounds."""

import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import defer, selectinload

from membership.clock import clock
from membership.extensions import db
from membership.patrons.models import Person
from membership.rounds import ballots, letters, locks, planning, proof, results, roll
from membership.rounds.models import RollEntry, Round, RoundTopic
from membership.topics import life
from membership.topics.models import Topic, TopicState

LISTED = 100


def open(round: Round, *, at: datetime | None = None) -> None:
    """Take the roll and begin to take ballots; from now on nothing about the round changes.

    `at` (UTC) is now unless a history is being made up. Raises CannotPrepare.
    """
    at = at or clock.now()
    locks.exclusive(round)
    if round.opened_at is not None:
        raise planning.CannotPrepare("open")
    if round.closes_at <= at:
        raise planning.CannotPrepare("over")
    if not round.entries:
        raise planning.CannotPrepare("empty")
    for entry in sorted(round.entries, key=lambda entry: entry.topic_id):
        try:
            life.move(entry.topic, TopicState.on_ballot, round_id=round.id, at=at)
        except life.WrongTurn:
            raise planning.CannotPrepare("moved", entry.topic.title) from None
        entry.title, entry.cost = entry.topic.title, planning.cost(entry.topic, round)
    round.opened_at, round.ballot_key, round.trouble = at, secrets.token_bytes(32), None
    roll.take(round, at=at)
    round.terms_digest = proof.terms(round)
    letters.tell_of_opening(round)
    db.session.flush()


def withdraw(entry: RoundTopic, *, reason: str) -> None:
    """Take a topic off an open ballot, in public; ticks for it count for nothing.

    Raises Frozen, ReasonMissing.
    """
    if not reason:
        raise life.ReasonMissing
    locks.exclusive(entry.round)
    db.session.refresh(entry)
    try:
        ballots.check_open(entry.round)
    except roll.CannotVote:
        raise planning.Frozen(entry.round.slug) from None
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
    locks.exclusive(round)
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
    letters.tell_of_outcome(round)
    db.session.flush()


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


def every() -> Iterator[tuple[Round, roll.Turnout]]:
    """All rounds, those in preparation too, the newest first, so many in memory at a time."""
    wanted = sa.select(Round).order_by(Round.id.desc()).options(defer(Round.result))
    reading = db.session.scalars(wanted.execution_options(yield_per=LISTED))
    for some in reading.partitions():
        turnouts = roll.turnouts(some)
        for round in some:
            yield round, turnouts[round.id]


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
    """The latest rounds in which `person` voted, with their topics; never how they voted.

    Also those of who turned out to be one with them, and stays on the rolls that were taken.
    """
    theirs = sa.select(Person.id).where(
        sa.or_(Person.id == person.id, Person.joined_into_id == person.id)
    )
    voted = sa.select(RollEntry.round_id).where(RollEntry.person_id.in_(theirs), RollEntry.voted)
    return db.session.scalars(
        sa.select(Round)
        .where(Round.id.in_(voted))
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
