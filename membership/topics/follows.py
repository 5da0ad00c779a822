"""Following a topic: being written to about each step of its life."""

from collections.abc import Sequence

import sqlalchemy as sa

from membership.extensions import db, insert_once
from membership.patrons.models import Person
from membership.topics.models import Follow, Topic, TopicState

LISTED = 100


def follow(topic: Topic, person: Person) -> None:
    row = {"topic_id": topic.id, "person_id": person.id}
    insert_once(Follow, list(row), row)


def unfollow(topic: Topic, person: Person) -> None:
    db.session.execute(
        sa.delete(Follow).where(Follow.topic_id == topic.id, Follow.person_id == person.id)
    )


def forget(person: Person) -> None:
    """Stop all following of somebody."""
    db.session.execute(sa.delete(Follow).where(Follow.person_id == person.id))


def follows(topic: Topic, person: Person) -> bool:
    return db.session.get(Follow, (topic.id, person.id)) is not None


def followed_by(person: Person) -> Sequence[Topic]:
    """The latest topics that `person` follows, but for their own; the newest first."""
    return db.session.scalars(
        sa.select(Topic)
        .join(Follow, Follow.topic_id == Topic.id)
        .where(
            Follow.person_id == person.id,
            Topic.state != TopicState.merged,
            Topic.hidden.is_(False),
            Topic.proposed_by_id.is_distinct_from(person.id),
        )
        .order_by(Topic.created_at.desc(), Topic.id.desc())
        .limit(LISTED)
    ).all()


def number(topic: Topic) -> int:
    return (
        db.session.scalar(
            sa.select(sa.func.count()).select_from(Follow).where(Follow.topic_id == topic.id)
        )
        or 0
    )
