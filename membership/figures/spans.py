"""Spans of days in the newsroom's time zone, and how they are cut for a table or a picture."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from dateutil.relativedelta import relativedelta

A_DAY = timedelta(days=1)


class By(StrEnum):
    """A part that a span is cut into. A week begins on a Monday."""

    day = "day"
    week = "week"
    month = "month"
    quarter = "quarter"
    year = "year"


LENGTH = {
    By.day: relativedelta(days=1),
    By.week: relativedelta(weeks=1),
    By.month: relativedelta(months=1),
    By.quarter: relativedelta(months=3),
    By.year: relativedelta(years=1),
}


@dataclass(frozen=True, order=True)
class Span:
    """The days from `first` to `last`, both included. ValueError if there are none."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"{self.last} is before {self.first}")

    @property
    def day_before(self) -> date:
        return self.first - A_DAY

    @property
    def before(self) -> "Span":
        """As many days before it; of whole months as many months."""
        if self.first.day == 1 and (self.last + A_DAY).day == 1:
            ends = relativedelta(self.last + A_DAY, self.first)
            return Span(self.first - ends, self.first - A_DAY)
        return Span(self.first - (self.last + A_DAY - self.first), self.first - A_DAY)

    def cut(self, by: By) -> list["Span"]:
        """Its parts by the calendar, the first and the last perhaps not whole."""
        return list(self._parts(by))

    def _parts(self, by: By) -> Iterator["Span"]:
        begins = _begin(self.first, by)
        while begins <= self.last:
            ends = begins + LENGTH[by]
            yield Span(max(begins, self.first), min(ends - A_DAY, self.last))
            begins = ends


def month(day: date) -> Span:
    """The whole month that `day` lies in. OverflowError for the last one that there is."""
    first = day.replace(day=1)
    return Span(first, first + LENGTH[By.month] - A_DAY)


def _begin(day: date, by: By) -> date:
    """The first day of the part that `day` lies in."""
    if by is By.week:
        return day - timedelta(days=day.weekday())
    if by is By.day:
        return day
    months = {By.month: 1, By.quarter: 3, By.year: 12}[by]
    return day.replace(day=1, month=(day.month - 1) // months * months + 1)
