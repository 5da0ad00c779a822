"""Where those came from who first gave in some days, what it came to in a year, and who stays."""

from dataclasses import dataclass
from typing import Any

from config import Mode
from membership.figures.spans import Span
from membership.figures.totals import by_value
from membership.history.origins import BY, CAME
from membership.history.sums import Total, added


@dataclass(frozen=True)
class Source:
    """`came` are people, `amount` (minor units) is what they gave in their first year so far, and
    `stay` how many of them give by the month or the year and have not ended it."""

    value: str
    came: int
    amount: int
    stay: int


@dataclass(frozen=True)
class Sources:
    """In one currency: all who came, and by the article, the page before it and the campaign."""

    whole: Source
    by: dict[str, list[Source]]


def sources(mode: Mode, span: Span) -> dict[str, Sources]:
    """By currency, of those who first gave in `span`; a query for each thing they are told by."""
    counted = {by: by_value(mode, [CAME], span, by=by) for by in BY}
    currencies = sorted({currency for values in counted.values() for currency in values})
    return {
        currency: Sources(
            whole=_source("", added(counted[BY[0]].get(currency, {}).values())),
            by={by: _the_most_first(values.get(currency, {})) for by, values in counted.items()},
        )
        for currency in currencies
    }


def by_article(mode: Mode, span: Span, *, by: str) -> dict[str, dict[str, Source]]:
    """By article and currency; `by` is "source" for the one before the gift, "first_source" for the
    first. Who came by none is left out. One query.
    """
    found: dict[str, dict[str, Source]] = {}
    for currency, values in by_value(mode, [CAME], span, by=by).items():
        for article, total in values.items():
            if article:
                found.setdefault(article, {})[currency] = _source(article, total)
    return found


def _the_most_first(values: dict[str, Total]) -> list[Source]:
    """Who came from nowhere known comes last."""
    its = [_source(value, total) for value, total in values.items()]
    return sorted(its, key=lambda one: (not one.value, -one.came, -one.amount, one.value))


def _source(value: str, total: Total) -> Source:
    return Source(value, came=total.people, amount=total.amount, stay=total.times)


def as_json(mode: Mode, span: Span) -> dict[str, Any]:
    """By currency and what they are told by; minor units."""
    return {
        currency: {
            by: {
                one.value: {"came": one.came, "amount": one.amount, "stay": one.stay}
                for one in values
            }
            for by, values in its.by.items()
        }
        for currency, its in sources(mode, span).items()
    }
