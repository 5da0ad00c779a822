"""What the editors have before them: topics by what there is to do with them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from membership.extensions import db
from membership.topics import life
from membership.topics.models import Follow, Topic, TopicState

LISTED = 100


@dataclass(frozen=True)
class Waiting:
    """A topic, and how many follow it."""

    topic: Topic
    followers: int


@dataclass(frozen=True)
class Desk:
    unread: Sequence[Waiting]
    candidates: Sequence[Waiting]
    promised: Sequence[Waiting]


def desk() -> Desk:
    """The oldest of those nobody has read first; the others by how many follow them."""
    followed = sa.func.count(Follow.person_id).desc()
    return Desk(
        unread=_waiting([TopicState.proposed], Topic.created_at.asc()),
        candidates=_waiting([TopicState.in_review, TopicState.carried_over], followed),
        promised=_waiting(
            [TopicState.chosen, TopicState.assigned, TopicState.reporting], Topic.created_at.asc()
        ),
    )


def every() -> Iterator[Any]:
    """All topics, the latest first, as columns, so many in memory at a time."""
    followers = sa.select(sa.func.count()).where(Follow.topic_id == Topic.id).scalar_subquery()
    yield from db.session.execute(
        sa.select(Topic.created_at, Topic.title, Topic.state, Topic.minutes, followers, Topic.slug)
        .order_by(Topic.created_at.desc(), Topic.id.desc())
        .execution_options(yield_per=LISTED)
    )


def candidates() -> Sequence[Topic]:
    """What can be put on a ballot, by title."""
    return _in_states([TopicState.in_review, TopicState.carried_over])


def mergeable(source: Topic) -> Sequence[Topic]:
    """What `source` can be merged into, by title."""
    if source.state not in life.BEFORE_A_BALLOT:
        return []
    return [topic for topic in _in_states(sorted(life.BEFORE_A_BALLOT)) if topic.id != source.id]


def unread() -> int:
    """How many proposals nobody has read."""
    return (
        db.session.scalar(
            sa.select(sa.func.count()).select_from(Topic).where(Topic.state == TopicState.proposed)
        )
        or 0
    )


def _in_states(states: Sequence[TopicState]) -> Sequence[Topic]:
    return db.session.scalars(
        sa.select(Topic)
        .where(Topic.state.in_(states))
        .order_by(Topic.title, Topic.id)
        .limit(LISTED)
    ).all()


def _waiting(states: Sequence[TopicState], order: sa.ColumnElement[Any]) -> Sequence[Waiting]:
    rows = db.session.execute(
        sa.select(Topic, sa.func.count(Follow.person_id))
        .outerjoin(Follow, Follow.topic_id == Topic.id)
        .where(Topic.state.in_(states))
        .group_by(Topic.id)
        .order_by(order, Topic.id)
        .limit(LISTED)
    )
    return [Waiting(topic, followers) for topic, followers in rows]
