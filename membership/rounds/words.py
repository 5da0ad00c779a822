"""What a round shares out and when it reminds, as people call it in their language."""

from collections.abc import Iterable
from fractions import Fraction

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from membership.rounds.models import Unit
from membership.web import hours

REMINDERS = [
    (0, _l("not at all")),
    (1, _l("a day before the close")),
    (2, _l("two days before the close")),
    (3, _l("three days before the close")),
]
"""By how many days before the close who has not voted is reminded."""


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
