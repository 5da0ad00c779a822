"""The figures of the dashboard, as docs/metrics.md defines them. Amounts are minor units."""

from collections.abc import Iterable
from datetime import UTC, datetime
from fractions import Fraction

import sqlalchemy as sa
from dateutil.relativedelta import relativedelta

from config import Mode
from membership.books.gives import A_MONTH, DAYS
from membership.books.models import EntryKind, FailedPayment, LedgerEntry, Subscription
from membership.clock import clock
from membership.extensions import db
from membership.money import Money, whole
from membership.patrons.models import MembershipKind, MembershipPeriod

COUNTED = ("active", "past_due")
FAILING = ("past_due", "unpaid")


def month_of(moment: datetime) -> tuple[datetime, datetime]:
    """First moment of the UTC month of `moment`, and of the next."""
    first = moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return first, first + relativedelta(months=1)


def committed(mode: Mode) -> dict[str, Money]:
    """Committed MRR by currency: what next invoices will say, by the month.

    A year is twelve months and has 365 days, a week seven of them. Of subscriptions active and
    past due that have been paid for at least once, are not paused and not set to end. Exact until
    the sum, which is rounded once.
    """
    rows = db.session.execute(
        sa.select(
            Subscription.currency,
            Subscription.interval,
            Subscription.interval_count,
            sa.func.sum(Subscription.amount),
        )
        .where(
            Subscription.mode == mode,
            Subscription.status.in_(COUNTED),
            Subscription.paid_until.is_not(None),
            Subscription.is_paused.is_(False),
            Subscription.cancel_at.is_(None),
            Subscription.cancel_at_period_end.is_(False),
        )
        .group_by(Subscription.currency, Subscription.interval, Subscription.interval_count)
    )
    sums: dict[str, Fraction] = {}
    for currency, interval, count, amount in rows:
        monthly = int(amount) * A_MONTH / (DAYS[interval] * count)
        sums[currency] = sums.get(currency, Fraction(0)) + monthly
    return {code: Money(whole(exact), code) for code, exact in sorted(sums.items())}


def active_patrons(mode: Mode, at: datetime | None = None) -> int:
    """People with a patron's membership at `at` (UTC, default now), grace included."""
    at = at or clock.now()
    period = MembershipPeriod
    return _count(
        sa.select(sa.func.count(period.person_id.distinct())).where(
            *_patronage(mode), period.starts_at <= at, period.ends_at > at
        )
    )


def new_patrons(mode: Mode, since: datetime, until: datetime) -> int:
    """People whose first patron's membership began in [since, until)."""
    first = (
        sa.select(sa.func.min(MembershipPeriod.starts_at).label("began"))
        .where(*_patronage(mode))
        .group_by(MembershipPeriod.person_id)
        .subquery()
    )
    return _count(sa.select(sa.func.count()).where(first.c.began >= since, first.c.began < until))


def lost_patrons(mode: Mode, since: datetime, until: datetime) -> int:
    """People whose last patron's membership ended in [since, until) and before now."""
    last = (
        sa.select(sa.func.max(MembershipPeriod.ends_at).label("ended"))
        .where(*_patronage(mode))
        .group_by(MembershipPeriod.person_id)
        .subquery()
    )
    end = min(until, clock.now())
    return _count(sa.select(sa.func.count()).where(last.c.ended >= since, last.c.ended < end))


def failed_payments(mode: Mode) -> int:
    """Renewals that the bank refused, not recovered, of subscriptions still past due."""
    return _count(
        sa.select(sa.func.count())
        .select_from(FailedPayment)
        .join(Subscription, Subscription.id == FailedPayment.subscription_id)
        .where(*still_failing(mode))
    )


def still_failing(mode: Mode) -> tuple[sa.ColumnElement[bool], ...]:
    """Conditions for such renewals, on FailedPayment joined with its Subscription."""
    return (
        FailedPayment.mode == mode,
        FailedPayment.recovered_at.is_(None),
        Subscription.status.in_(FAILING),
    )


def recovered(mode: Mode, since: datetime, until: datetime) -> dict[str, Money]:
    """Renewals that were refused and paid after all in [since, until), by currency."""
    rows = db.session.execute(
        sa.select(FailedPayment.currency, sa.func.sum(FailedPayment.amount))
        .where(
            FailedPayment.mode == mode,
            FailedPayment.recovered_at >= since,
            FailedPayment.recovered_at < until,
        )
        .group_by(FailedPayment.currency)
        .order_by(FailedPayment.currency)
    )
    return _sums(rows)


def received(mode: Mode, since: datetime, until: datetime) -> dict[str, Money]:
    """Given, less what was refunded or contested, in [since, until), by currency; fees apart."""
    return _booked(mode, since, until, LedgerEntry.kind != EntryKind.fee)


def fees(mode: Mode, since: datetime, until: datetime) -> dict[str, Money]:
    """What Stripe kept in [since, until), by the currency it settles in, as negative sums."""
    return _booked(mode, since, until, LedgerEntry.kind == EntryKind.fee)


def _booked(
    mode: Mode, since: datetime, until: datetime, kinds: sa.ColumnElement[bool]
) -> dict[str, Money]:
    rows = db.session.execute(
        sa.select(LedgerEntry.currency, sa.func.sum(LedgerEntry.amount))
        .where(
            LedgerEntry.mode == mode,
            kinds,
            LedgerEntry.occurred_at >= since,
            LedgerEntry.occurred_at < until,
        )
        .group_by(LedgerEntry.currency)
        .order_by(LedgerEntry.currency)
    )
    return _sums(rows)


def _sums(rows: Iterable[tuple[str, int]]) -> dict[str, Money]:
    return {code: Money(int(amount), code) for code, amount in rows}


def _patronage(mode: Mode) -> tuple[sa.ColumnElement[bool], ...]:
    return (MembershipPeriod.mode == mode, MembershipPeriod.kind == MembershipKind.patron)


def _count(statement: sa.Select[int]) -> int:
    return db.session.scalar(statement) or 0
