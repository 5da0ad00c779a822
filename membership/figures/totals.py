"""Adding up the sums that the books keep by day: the few rows that a page is made of."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa

from config import Mode
from membership.extensions import db
from membership.figures.spans import Span
from membership.history.models import DailySum, SumChange
from membership.history.sums import NOTHING, Total

BEFORE = -1


class Key(NamedTuple):
    """`part` is the place of a span in what was asked for, or BEFORE for all the days before."""

    currency: str
    part: int
    figure: str
    value: str


def totals(
    mode: Mode,
    figures: Iterable[str],
    spans: Sequence[Span],
    *,
    by: str = "",
    since: str = "",
    has_before: bool = True,
) -> dict[Key, Total]:
    """The sums of `figures` in each of `spans`, which follow each other, and before; one query.

    Values that come before `since` are one, an empty one. Where nobody asks what was before, its
    days need not be read.
    """
    first = date.min if has_before else spans[0].first
    summed = _both(mode, figures, by, Span(first, spans[-1].last))
    part = _part_of(summed.c.day, spans)
    value = sa.case((summed.c.value < since, ""), else_=summed.c.value) if since else summed.c.value
    rows = db.session.execute(
        sa.select(
            summed.c.currency,
            part,
            summed.c.figure,
            value,
            *(sa.func.sum(summed.c[name]) for name in Total._fields),
        ).group_by(summed.c.currency, part, summed.c.figure, value)
    )
    found = {
        Key(currency, part, figure, value): Total(*map(int, total))
        for currency, part, figure, value, *total in rows
    }
    # What was counted once and taken back is nothing, and no row of a table.
    return {key: total for key, total in found.items() if any(total)}


def by_value(
    mode: Mode, figures: Iterable[str], span: Span, *, by: str
) -> dict[str, dict[str, Total]]:
    """The sums of `figures` together in `span`, by currency and by what they are told by."""
    found: dict[str, dict[str, Total]] = {}
    for key, total in totals(mode, figures, [span], by=by, has_before=False).items():
        values = found.setdefault(key.currency, {})
        values[key.value] = values.get(key.value, NOTHING).plus(total)
    return found


class Place(NamedTuple):
    """Of a value among those of its currency: `among` so many, of which `whole` is the sum."""

    currency: str
    value: str
    total: Total
    among: int
    whole: Total


def ranked(
    mode: Mode, figures: Iterable[str], span: Span, *, by: str, most: int | None
) -> Iterator[Place]:
    """The sums of `figures` together in `span`, by currency and by what they are told by: the first
    `most` of each currency, the most people first, what is not known last. One query.
    """
    its = by_value_sums(mode, figures, span, by=by).subquery().c
    order = (its.value == "", its.people.desc(), its.amount.desc(), its.value)
    place = sa.func.row_number().over(partition_by=its.currency, order_by=order).label("place")
    among = sa.func.count().over(partition_by=its.currency)
    whole = [sa.func.sum(its[name]).over(partition_by=its.currency) for name in Total._fields]
    sums = [its[name] for name in Total._fields]
    found = sa.select(its.currency, place, its.value, among, *sums, *whole).subquery()
    wanted = sa.select(found).order_by(found.c.currency, found.c.place)
    if most is not None:
        wanted = wanted.where(found.c.place <= most)
    split = len(Total._fields)
    for currency, _place, value, number, *numbers in db.session.execute(wanted):
        total, all_of_it = Total(*map(int, numbers[:split])), Total(*map(int, numbers[split:]))
        yield Place(currency, value, total, number, all_of_it)


def by_value_sums(mode: Mode, figures: Iterable[str], span: Span, *, by: str) -> sa.Select[Any]:
    """A row for each currency and value; what was counted once and taken back is none."""
    summed = _both(mode, figures, by, span).c
    sums = {name: sa.func.sum(summed[name]) for name in Total._fields}
    return (
        sa.select(summed.currency, summed.value, *(its.label(name) for name, its in sums.items()))
        .group_by(summed.currency, summed.value)
        .having(sa.or_(*(its != 0 for its in sums.values())))
    )


class DayKey(NamedTuple):
    currency: str
    day: date
    figure: str
    value: str


def totals_by_day(
    mode: Mode, figures: Iterable[str], last: date, *, by: str
) -> Iterator[tuple[DayKey, Total]]:
    """The sums of `figures` of each day up to `last`; one query."""
    rows = _both(mode, figures, by, Span(date.min, last))
    columns = [rows.c[name] for name in DayKey._fields]
    sums = [sa.func.sum(rows.c[name]) for name in Total._fields]
    for row in db.session.execute(sa.select(*columns, *sums).group_by(*columns)):
        total = Total(*map(int, row[len(columns) :]))
        if any(total):
            yield DayKey(*row[: len(columns)]), total


def _part_of(day: sa.ColumnElement[date], spans: Sequence[Span]) -> sa.Case[int]:
    """Told day by day, where a table of spans to join with would be gone through for each row."""
    return sa.case(
        (day < spans[0].first, sa.literal_column(str(BEFORE))),
        *((day <= span.last, sa.literal_column(str(part))) for part, span in enumerate(spans)),
    )


def _both(mode: Mode, figures: Iterable[str], by: str, days: Span) -> sa.Subquery:
    """What was folded, and what was not yet."""
    names = list(figures)
    return sa.union_all(
        *(_rows(table, mode, names, by, days) for table in (DailySum, SumChange))
    ).subquery()


def _rows(
    table: type[DailySum] | type[SumChange], mode: Mode, figures: list[str], by: str, days: Span
) -> sa.Select[Any]:
    wanted = (table.currency, table.day, table.figure, table.value)
    return sa.select(*wanted, *(getattr(table, name) for name in Total._fields)).where(
        table.mode == mode,
        table.figure.in_(figures),
        table.by == by,
        table.day.between(days.first, days.last),
    )
