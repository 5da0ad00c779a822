"""Committed MRR: what the next invoices will say, by the month."""

from datetime import date
from fractions import Fraction

import sqlalchemy as sa

from config import Mode
from membership.books.gives import A_MONTH, DAYS
from membership.books.models import Interval, Subscription
from membership.extensions import db
from membership.figures.totals import totals_by_day
from membership.history.dues import EVERY, FIGURES, ONLY_ONE, PAUSED
from membership.history.models import DueKind
from membership.money import Money, whole

FAILING = "past_due"


def committed(mode: Mode) -> dict[str, Money]:
    """By currency; two queries.

    A year is twelve months and has 365 days, a week seven of them. Of subscriptions active and
    past due that have been paid for at least once, are not paused and not set to end. Exact until
    the sum, which is rounded once.
    """
    sums: dict[str, Fraction] = {}
    figures = [FIGURES[DueKind.renewal]]
    for key, total in totals_by_day(mode, figures, date.max, by=EVERY):
        interval, count, *rest = key.value.split()
        if key.value != ONLY_ONE and PAUSED not in rest:
            monthly = _monthly(total.amount, Interval(interval), int(count))
            sums[key.currency] = sums.get(key.currency, Fraction(0)) + monthly
    for row in db.session.execute(_failing(mode)):
        monthly = _monthly(int(row.amount), row.interval, row.interval_count)
        sums[row.currency] = sums.get(row.currency, Fraction(0)) + monthly
    return {code: Money(whole(exact), code) for code, exact in sorted(sums.items())}


def _failing(mode: Mode) -> sa.Select[str, Interval, int, int]:
    """Of those nobody knows whether they renew, so they are not among what is due."""
    return (
        sa.select(
            Subscription.currency,
            Subscription.interval,
            Subscription.interval_count,
            sa.func.sum(Subscription.amount).label("amount"),
        )
        .where(
            Subscription.mode == mode,
            Subscription.status == FAILING,
            Subscription.paid_until.is_not(None),
            Subscription.is_paused.is_(False),
            Subscription.cancel_at.is_(None),
            Subscription.cancel_at_period_end.is_(False),
        )
        .group_by(Subscription.currency, Subscription.interval, Subscription.interval_count)
    )


def _monthly(amount: int, interval: Interval, count: int) -> Fraction:
    return amount * A_MONTH / (DAYS[interval] * count)
