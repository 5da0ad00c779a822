"""A topic's life: which step may follow which (DESIGN, "Voting")."""

from collections.abc import Collection, Mapping

from membership.topics.models import Topic, TopicState

NEXT: Mapping[TopicState, Collection[TopicState]] = {
    TopicState.proposed: {
        TopicState.in_review,
        TopicState.merged,
        TopicState.declined,
        TopicState.on_ballot,
    },
    TopicState.in_review: {TopicState.merged, TopicState.declined, TopicState.on_ballot},
    TopicState.on_ballot: {TopicState.chosen, TopicState.carried_over},
    TopicState.carried_over: {TopicState.on_ballot, TopicState.merged, TopicState.dropped},
    TopicState.chosen: {TopicState.assigned, TopicState.dropped},
    TopicState.assigned: {TopicState.reporting, TopicState.dropped},
    TopicState.reporting: {TopicState.published, TopicState.dropped},
}
NEEDS_REASON = {TopicState.merged, TopicState.declined, TopicState.dropped}


class WrongTurn(ValueError):
    """A step that cannot follow where the topic is now."""


class ReasonMissing(ValueError):
    """What is merged, declined or dropped needs a published reason."""


class LinkMissing(ValueError):
    """What is published needs a link."""


def move(
    topic: Topic, to: TopicState, *, reason: str | None = None, link: str | None = None
) -> None:
    """Take the next step. Raises WrongTurn, ReasonMissing, LinkMissing."""
    if to not in NEXT.get(topic.state, ()):
        raise WrongTurn(f"{topic.state} to {to}")
    if to in NEEDS_REASON and not reason:
        raise ReasonMissing(to)
    if to is TopicState.published and not link:
        raise LinkMissing(to)
    topic.state, topic.reason, topic.link = to, reason, link
