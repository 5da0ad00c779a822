"""What is coming: renewals of the next ninety days, and subscriptions that are set to end."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from dateutil.relativedelta import relativedelta

from config import Mode
from membership.books.models import Interval
from membership.days import today
from membership.figures.spans import Span
from membership.figures.totals import totals_by_day
from membership.history.dues import FIGURES, ONLY_ONE
from membership.history.models import DueKind
from membership.history.sums import NOTHING, Total, added

DAYS = 90
LENGTHS = {
    Interval.day: relativedelta(days=1),
    Interval.week: relativedelta(weeks=1),
    Interval.month: relativedelta(months=1),
    Interval.year: relativedelta(years=1),
}


@dataclass
class Coming:
    """In one currency, by the day: renewals with what they bill (minor units), ends and cards that
    expire with what is given by the month."""

    renewals: dict[date, Total] = field(default_factory=lambda: defaultdict(lambda: NOTHING))
    ends: dict[date, Total] = field(default_factory=lambda: defaultdict(lambda: NOTHING))
    cards: dict[date, Total] = field(default_factory=lambda: defaultdict(lambda: NOTHING))

    @property
    def renewing(self) -> Total:
        return added(self.renewals.values())

    @property
    def expiring(self) -> Total:
        return added(self.cards.values())

    @property
    def ending(self) -> Total:
        return added(self.ends.values())

    def in_span(self, span: Span) -> tuple[Total, Total, Total]:
        """The renewals, the ends and the cards of some days."""
        renewals, ends, cards = (
            added(_within(days, span)) for days in (self.renewals, self.ends, self.cards)
        )
        return renewals, ends, cards


def span() -> Span:
    """The days that are shown: today and those after it."""
    return Span(today(), today() + timedelta(days=DAYS - 1))


def coming(mode: Mode) -> dict[str, Coming]:
    """By currency; one query. A renewal comes again after each interval that still fits."""
    shown = span()
    found: dict[str, Coming] = defaultdict(Coming)
    kinds = {figure: kind for kind, figure in FIGURES.items()}
    for key, total in totals_by_day(mode, kinds, shown.last, by="every"):
        its = found[key.currency]
        kind = kinds[key.figure]
        if kind is DueKind.end:
            _add(its.ends, key.day, total, shown)
        elif kind is DueKind.card:
            _add(its.cards, key.day, total, shown)
        elif kind is DueKind.renewal:
            for day in _days(key.day, key.value, shown.last):
                # What should have come by now is expected any moment.
                _add(its.renewals, max(day, shown.first), total, shown)
    return dict(sorted(found.items()))


class Comes(NamedTuple):
    """That what is due on `day` and comes `every` so often is expected on the day `on`."""

    every: str
    day: date
    on: date


def renewals_in(mode: Mode, currency: str, wanted: Span) -> list[Comes]:
    """Which renewals are expected when, in `wanted`, of the days that are shown; one query."""
    shown, figure = span(), FIGURES[DueKind.renewal]
    due = {
        (key.value, key.day)
        for key, _total in totals_by_day(mode, [figure], shown.last, by="every")
        if key.currency == currency
    }
    expected = (
        Comes(every, day, max(comes, shown.first))
        for every, day in sorted(due)
        for comes in _days(day, every, shown.last)
    )
    return [one for one in expected if wanted.first <= one.on <= wanted.last]


def _days(first: date, every: str, last: date) -> list[date]:
    """Counted from the first one, as Stripe does: a month after 31 January and two after it."""
    if every == ONLY_ONE:
        return [first]
    interval, count, *_paused = every.split()
    length, days, number = LENGTHS[Interval(interval)] * int(count), [], 0
    while (day := first + length * number) <= last:
        days.append(day)
        number += 1
    return days


def _add(days: dict[date, Total], day: date, total: Total, shown: Span) -> None:
    if shown.first <= day <= shown.last:
        days[day] = days[day].plus(total)


def _within(days: dict[date, Total], span: Span) -> Iterator[Total]:
    return (total for day, total in days.items() if span.first <= day <= span.last)


def as_json(mode: Mode) -> dict[str, Any]:
    """By currency and day, the next ninety; minor units."""
    return {
        currency: {
            "renewals": _told(its.renewals),
            "ends": _told(its.ends),
            "cards": _told(its.cards),
        }
        for currency, its in coming(mode).items()
    }


def _told(days: dict[date, Total]) -> dict[str, dict[str, int]]:
    return {
        day.isoformat(): {"amount": total.amount, "times": total.times}
        for day, total in sorted(days.items())
    }
