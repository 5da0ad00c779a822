"""For how long people have given, and what one of them comes to over all that time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from config import Mode
from membership.figures.movements import KINDS, Moved
from membership.figures.spans import Span
from membership.figures.totals import totals
from membership.history.models import MovementKind
from membership.money import whole


@dataclass(frozen=True)
class Value:
    """In one currency, exact: what one person gives by the month on average (minor units), the
    share that leaves in a month, and for how many months those who give have given."""

    average: Fraction
    churn: Fraction | None
    tenure: Fraction | None

    @property
    def lifetime(self) -> int | None:
        """What one gives by the month, by the share that leaves in one; None if nobody left."""
        return whole(self.average / self.churn) if self.churn else None


def values(mode: Mode, moved: dict[str, list[Moved]]) -> dict[str, Value]:
    """By currency, of `moved` month by month; one query. Where nobody gives, there is none."""
    last = next(iter(moved.values()))[-1].span.last if moved else date.min
    tenures = _tenures(mode, last) if moved else {}
    return {
        currency: Value(
            average=Fraction(its[-1].closing.amount, its[-1].closing.people),
            churn=_churn(its),
            tenure=tenures.get(currency),
        )
        for currency, its in moved.items()
        if its[-1].closing.people > 0
    }


def _churn(months: Sequence[Moved]) -> Fraction | None:
    """Of those who gave at the start of each month, all months together."""
    gave = sum(month.opening.people for month in months)
    left = sum(month.by_kind[MovementKind.churn].times for month in months)
    return Fraction(left, gave) if gave > 0 and left else None


def _tenures(mode: Mode, last: date) -> dict[str, Fraction]:
    """From the month somebody first gave to the one of `last`, on average of those who give."""
    people: dict[str, int] = {}
    months: dict[str, int] = {}
    for key, total in totals(mode, KINDS, [Span(last, last)], by="cohort").items():
        since = date.fromisoformat(f"{key.value}-01")
        age = (last.year - since.year) * 12 + last.month - since.month
        people[key.currency] = people.get(key.currency, 0) + total.people
        months[key.currency] = months.get(key.currency, 0) + total.people * age
    return {one: Fraction(months[one], count) for one, count in people.items() if count > 0}
