"""How many carry the newsroom now, as everybody may know it."""

from membership import days
from membership.extensions import settings
from membership.figures.spans import Span
from membership.figures.totals import totals
from membership.history.supporters import FIGURES
from membership.patrons.models import MembershipKind


def patrons() -> int:
    """Those who are patrons today, whatever they give, in the mode of this process; one query."""
    today = Span(days.today(), days.today())
    found = totals(settings.mode, FIGURES.values(), [today], by="kind")
    its = (total for key, total in found.items() if key.value == MembershipKind.patron)
    return sum(total.people for total in its)
