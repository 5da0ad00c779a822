"""What readers call a topic's states, in their language."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from membership.topics.models import Topic, TopicState, Unit
from membership.web import hours


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


def amount(value: int | Fraction, unit: Unit) -> str:
    """So much of what a round shares out: "12 hours", "3 topics", "0.95 of a topic"."""
    if unit is Unit.minutes:
        return hours(int(value))
    if value == int(value):
        return str(ngettext("%(num)d topic", "%(num)d topics", int(value)))
    return portion(float(value), unit)


def portion(value: float | str, unit: Unit) -> str:
    """A part of a share, which need not be whole: "12.35 minutes", "0.02 of a topic"."""
    if unit is Unit.minutes:
        return str(_("%(number)s minutes", number=figure(value)))
    return str(_("%(number)s of a topic", number=figure(value)))


def figure(value: float | str | Fraction) -> str:
    """A number for a table, with as many places as tell small shares apart."""
    value = float(value)
    return str(format_decimal(value, format="#,##0.##" if value >= 1 else "0.######"))


def quoted(titles: Iterable[str]) -> str:
    """Titles in the quotation marks of the language."""
    return ", ".join(_("“%(title)s”", title=title) for title in titles)


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
