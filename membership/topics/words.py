"""What readers call a topic's states, in their language."""

from collections.abc import Iterable, Sequence

from flask_babel import gettext as _

from membership.topics.models import Topic, TopicState


def state_name(state: TopicState) -> str:
    names: dict[TopicState, str] = {
        TopicState.proposed: _("waiting for an editor"),
        TopicState.in_review: _("under consideration"),
        TopicState.merged: _("merged into another topic"),
        TopicState.declined: _("declined"),
        TopicState.on_ballot: _("on the ballot"),
        TopicState.chosen: _("chosen"),
        TopicState.carried_over: _("carried over"),
        TopicState.assigned: _("a reporter is assigned"),
        TopicState.reporting: _("being reported"),
        TopicState.published: _("published"),
        TopicState.dropped: _("dropped"),
    }
    return names[state]


def sections(topics: Iterable[Topic]) -> list[tuple[str, Sequence[Topic]]]:
    """The topics under headings, in the order in which they matter to a reader."""
    headings = [
        (_("On the ballot"), {TopicState.on_ballot}),
        (_("Chosen by members"), {TopicState.chosen, TopicState.assigned, TopicState.reporting}),
        (_("Published"), {TopicState.published}),
        (_("Waiting for a ballot"), {TopicState.in_review, TopicState.carried_over}),
        (_("Waiting for an editor"), {TopicState.proposed}),
        (_("Not taken up"), {TopicState.merged, TopicState.declined, TopicState.dropped}),
    ]
    listed = list(topics)
    found = [(name, [t for t in listed if t.state in states]) for name, states in headings]
    return [(name, under) for name, under in found if under]
