"""Who left and why: counted by reason, by how long they stayed, by tier, interval and source."""

from dataclasses import dataclass
from fractions import Fraction

from config import Mode
from membership.figures import movements
from membership.figures.spans import Span
from membership.figures.totals import by_value
from membership.history.models import MovementKind
from membership.history.movements import LEAVING
from membership.history.sums import Total, added

BY = ("reason", "tenure", "tier", "interval", "source")


@dataclass(frozen=True)
class Left:
    """In one currency: `by` each thing its values with how many left (`times`) and what they gave
    by the month, the most first. `rate` is how many churned of those who gave at the start, came,
    came back or resumed; None where nobody did."""

    total: Total
    rate: Fraction | None
    by: dict[str, list[tuple[str, Total]]]


def leaving(mode: Mode, span: Span) -> dict[str, Left]:
    """By currency, of the days of `span`; a query for each thing and one more."""
    kinds = [kind.value for kind in LEAVING]
    counted = {by: by_value(mode, kinds, span, by=by) for by in BY}
    found = {}
    for currency, (its,) in movements.moved(mode, [span]).items():
        found[currency] = Left(
            total=added(its.by_kind[kind] for kind in LEAVING),
            rate=_rate(its),
            by={by: _the_most_first(values.get(currency, {})) for by, values in counted.items()},
        )
    return found


def _rate(its: movements.Moved) -> Fraction | None:
    were_there = its.opening.people + sum(
        total.people for total in its.by_kind.values() if total.people > 0
    )
    lost = its.by_kind[MovementKind.churn].times
    return Fraction(lost, were_there) if were_there > 0 else None


def _the_most_first(values: dict[str, Total]) -> list[tuple[str, Total]]:
    return sorted(values.items(), key=lambda pair: (-pair[1].times, pair[1].amount, pair[0]))
