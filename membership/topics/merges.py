"""Taking a duplicate into another topic before a ballot, and undoing that."""

import sqlalchemy as sa

from membership.clock import clock
from membership.extensions import db, insert_missing
from membership.topics import follows, life
from membership.topics.models import Follow, Topic, TopicMerge, TopicState


class CannotMerge(ValueError):
    """Two topics that cannot become one, or that cannot be parted again."""


def merge(source: Topic, target: Topic, *, reason: str) -> TopicMerge:
    """Take `source` into `target`: who followed the one follows the other.

    Raises CannotMerge, life.ReasonMissing.
    """
    if source.id == target.id:
        raise CannotMerge("a topic cannot be merged into itself")
    _lock_both(source, target)
    for topic in (source, target):
        if topic.state not in life.BEFORE_A_BALLOT:
            raise CannotMerge(f"{topic.slug} is {topic.state}")
    merge = TopicMerge(
        source_id=source.id,
        target_id=target.id,
        state_before=source.state,
        moved=0,
        already=0,
        at=clock.now(),
    )
    db.session.add(merge)
    life.move(source, TopicState.merged, reason=reason)
    source.merged_into_id = target.id
    db.session.flush()
    followers, moved = follows.number(source), _bring(merge)
    merge.moved, merge.already = moved, followers - moved
    return merge


def undo(merge: TopicMerge, *, reason: str) -> None:
    """Part the topics again: the source is what it was, and whom it brought go with it.

    Raises CannotMerge.
    """
    source, target = (
        db.session.get_one(Topic, topic_id) for topic_id in (merge.source_id, merge.target_id)
    )
    _lock_both(source, target)
    db.session.refresh(merge)
    if merge.undone_at is not None:
        raise CannotMerge("it was undone already")
    if target.state not in life.BEFORE_A_BALLOT:
        raise CannotMerge(f"{target.slug} is {target.state}")
    db.session.execute(sa.delete(Follow).where(Follow.merge_id == merge.id))
    source.merged_into_id, merge.undone_at = None, clock.now()
    life.go_back(source, merge.state_before, reason=reason)


def of(topic: Topic) -> TopicMerge | None:
    """The merge that took `topic` into another, if it stands."""
    return db.session.scalar(
        sa.select(TopicMerge)
        .where(TopicMerge.source_id == topic.id, TopicMerge.undone_at.is_(None))
        .order_by(TopicMerge.id.desc())
        .limit(1)
    )


def _lock_both(*topics: Topic) -> None:
    """In one order, so that two merges cannot wait for each other."""
    for topic in sorted(topics, key=lambda topic: topic.id):
        life.lock(topic)


def _bring(merge: TopicMerge) -> int:
    """Let who follows the source follow the target; how many did not yet."""
    newcomers = sa.select(
        sa.literal(merge.target_id), Follow.person_id, sa.literal(merge.id)
    ).where(Follow.topic_id == merge.source_id)
    insert_missing(
        Follow, ["topic_id", "person_id"], ["topic_id", "person_id", "merge_id"], newcomers
    )
    brought = sa.select(sa.func.count()).select_from(Follow).where(Follow.merge_id == merge.id)
    return db.session.scalar(brought) or 0
