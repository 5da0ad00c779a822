"""Where those came from who first gave in some days, what it came to in a year, and who stays."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from config import Mode
from membership.extensions import db
from membership.figures.spans import Span
from membership.figures.totals import by_value_sums, ranked
from membership.history.origins import BY, CAME
from membership.history.sums import Total


@dataclass(frozen=True)
class Source:
    """`came` are people, `amount` (minor units) is what they gave in their first year so far, and
    `stay` how many of them give by the month or the year and have not ended it."""

    value: str
    came: int
    amount: int
    stay: int


@dataclass
class Ranked:
    """The most first, who came from nowhere known last; `count` is how many there are in all."""

    rows: list[Source] = field(default_factory=list)
    count: int = 0


@dataclass
class Sources:
    """In one currency: all who came, and by the article, the page before it and the campaign."""

    whole: Source
    by: dict[str, Ranked] = field(default_factory=lambda: {by: Ranked() for by in BY})


def sources(mode: Mode, span: Span, *, most: int | None = None) -> dict[str, Sources]:
    """By currency, of those who first gave in `span`, at most so many by each thing they are told
    by; a query for each.
    """
    found: dict[str, Sources] = {}
    for by in BY:
        for place in ranked(mode, [CAME], span, by=by, most=most):
            its = found.setdefault(place.currency, Sources(_source("", place.whole)))
            its.by[by].rows.append(_source(place.value, place.total))
            its.by[by].count = place.among
    return dict(sorted(found.items()))


def best(mode: Mode, span: Span, *, by: str, limit: int) -> Sequence[str]:
    """The articles by which the most came, in whatever currency; `by` is "source" for the one
    before the gift, "first_source" for the first. One query.
    """
    its = by_value_sums(mode, [CAME], span, by=by).subquery().c
    wanted = sa.select(its.value).where(its.value != "").group_by(its.value)
    return db.session.scalars(
        wanted.order_by(sa.func.sum(its.people).desc(), its.value).limit(limit)
    ).all()


def by_article(
    mode: Mode, span: Span, articles: Collection[str], *, by: str
) -> dict[str, dict[str, Source]]:
    """Who came by each of `articles`, by article and currency; one query."""
    its = by_value_sums(mode, [CAME], span, by=by).subquery()
    found: dict[str, dict[str, Source]] = {}
    for currency, article, *total in db.session.execute(
        sa.select(its).where(its.c.value.in_(articles))
    ):
        found.setdefault(article, {})[currency] = _source(article, Total(*map(int, total)))
    return found


def _source(value: str, total: Total) -> Source:
    return Source(value, came=total.people, amount=total.amount, stay=total.times)


def as_json(mode: Mode, span: Span) -> dict[str, Any]:
    """By currency and what they are told by; minor units."""
    return {
        currency: {
            by: {
                one.value: {"came": one.came, "amount": one.amount, "stay": one.stay}
                for one in its.by[by].rows
            }
            for by in BY
        }
        for currency, its in sources(mode, span).items()
    }
