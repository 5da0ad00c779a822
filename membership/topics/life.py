"""A topic's life: which step may follow which (DESIGN, "Voting"), and who hears of it."""

from collections.abc import Collection, Mapping
from datetime import datetime

from membership.clock import clock
from membership.extensions import db
from membership.topics import news
from membership.topics.models import Topic, TopicState, TopicStep

NEXT: Mapping[TopicState, Collection[TopicState]] = {
    TopicState.proposed: {TopicState.in_review, TopicState.merged, TopicState.declined},
    TopicState.in_review: {TopicState.merged, TopicState.declined, TopicState.on_ballot},
    TopicState.on_ballot: {TopicState.chosen, TopicState.carried_over, TopicState.dropped},
    TopicState.carried_over: {TopicState.on_ballot, TopicState.merged, TopicState.dropped},
    TopicState.chosen: {
        TopicState.assigned,
        TopicState.reporting,
        TopicState.published,
        TopicState.dropped,
    },
    TopicState.assigned: {TopicState.reporting, TopicState.published, TopicState.dropped},
    TopicState.reporting: {TopicState.published, TopicState.dropped},
}
FIRST = TopicState.proposed
NEEDS_REASON = {TopicState.merged, TopicState.declined, TopicState.dropped}
BEFORE_A_BALLOT = {TopicState.proposed, TopicState.in_review, TopicState.carried_over}


class WrongTurn(ValueError):
    """A step that cannot follow where the topic is now."""


class ReasonMissing(ValueError):
    """What ends a topic's life or a vote before its time needs a published reason."""


class LinkMissing(ValueError):
    """What is published needs a link."""


def begin(topic: Topic) -> None:
    """Write down the first step of a topic that has just been made."""
    db.session.add(TopicStep(topic_id=topic.id, state=topic.state, at=topic.created_at))


def move(
    topic: Topic,
    to: TopicState,
    *,
    reason: str | None = None,
    link: str | None = None,
    round_id: int | None = None,
    at: datetime | None = None,
) -> TopicStep:
    """Take the next step and have it told to those who follow the topic.

    `round_id` is the round that put the topic where it goes; `at` (UTC) is now unless a history is
    being made up. Raises WrongTurn, ReasonMissing, LinkMissing.
    """
    lock(topic)
    if to not in NEXT.get(topic.state, ()):
        raise WrongTurn(f"{topic.state} to {to}")
    if to in NEEDS_REASON and not reason:
        raise ReasonMissing(to)
    if to is TopicState.published and not link:
        raise LinkMissing(to)
    return _step(topic, to, reason=reason, link=link, round_id=round_id, at=at)


def go_back(topic: Topic, to: TopicState, *, reason: str) -> TopicStep:
    """Return to an earlier state, because the step away from it was undone."""
    lock(topic)
    return _step(topic, to, reason=reason, link=None, round_id=None, at=None)


def lock(topic: Topic) -> None:
    """Keep others from moving the topic until the transaction ends."""
    db.session.flush()  # a refresh forgets what is not written yet
    db.session.refresh(topic, with_for_update=True)


def _step(
    topic: Topic,
    to: TopicState,
    *,
    reason: str | None,
    link: str | None,
    round_id: int | None,
    at: datetime | None,
) -> TopicStep:
    topic.state, topic.reason, topic.link = to, reason, link
    step = TopicStep(
        topic=topic, state=to, at=at or clock.now(), reason=reason, link=link, round_id=round_id
    )
    db.session.add(step)
    news.tell_of_step(step)
    return step
