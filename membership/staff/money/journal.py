"""The accounting journal: what moved by day and account, each debit with its credit.

docs/journal.md has the accounts, the rules and an example worked by hand. Every rule posts the same
amount to two accounts, on one day and in one currency, so that no day and no currency can be off.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

import sqlalchemy as sa

from config import Mode
from membership import days
from membership.books.models import EntryKind, LedgerEntry, Settlement
from membership.books.payout_models import Payout, PayoutEntry
from membership.extensions import UTCDateTime, db
from membership.figures.spans import Span
from membership.money import Money
from membership.staff.money.payouts import CAME_BACK

DAYS_AT_ONCE = 92


class Account(StrEnum):
    """In the order of a journal: what there is, what came in, what it cost."""

    balance = "stripe balance"
    unsettled = "stripe unsettled"
    on_the_way = "payouts on the way"
    bank = "bank"
    outside = "bank and cash outside stripe"
    recurring = "donations recurring"
    once = "donations one-time"
    offline = "donations offline"
    refunds = "refunds"
    disputes = "disputes"
    fees = "stripe fees"
    exchange = "exchange"
    other = "other movements at stripe"


CREDITED = {
    EntryKind.refund: Account.refunds,
    EntryKind.refund_reversal: Account.refunds,
    EntryKind.dispute: Account.disputes,
    EntryKind.dispute_reversal: Account.disputes,
    EntryKind.offline: Account.offline,
}


class Sides(NamedTuple):
    """What went in and what went out, both not below zero, in minor units."""

    debit: int = 0
    credit: int = 0


class Posting(NamedTuple):
    """What went from one account to another on a day, and what came back."""

    day: date
    currency: str
    debited: Account
    credited: Account
    sides: Sides


@dataclass(frozen=True)
class Line:
    """What moved on one account on one day, or in a whole span."""

    day: date
    account: Account
    debit: Money
    credit: Money

    @property
    def left(self) -> Money:
        return Money(self.debit.amount - self.credit.amount, self.debit.currency)


def every(mode: Mode, span: Span) -> Iterator[Line]:
    """The lines of `span` by day, currency and account; a quarter in memory at a time."""
    first = span.first
    while first <= span.last:
        last = min(first + timedelta(days=DAYS_AT_ONCE - 1), span.last)
        yield from lines(mode, Span(first, last))
        first = last + timedelta(days=1)


def lines(mode: Mode, span: Span) -> list[Line]:
    """The same of some days, no more than DAYS_AT_ONCE; six queries."""
    sides: dict[tuple[date, str, Account], Sides] = {}
    for posting in _postings(mode, span):
        _add(sides, posting.day, posting.currency, posting.debited, posting.sides)
        other_way = Sides(posting.sides.credit, posting.sides.debit)
        _add(sides, posting.day, posting.currency, posting.credited, other_way)
    order = {account: place for place, account in enumerate(Account)}
    return [
        Line(day, account, Money(its.debit, currency), Money(its.credit, currency))
        for (day, currency, account), its in sorted(
            sides.items(), key=lambda item: (item[0][0], item[0][1], order[item[0][2]])
        )
    ]


def summed(found: Sequence[Line]) -> dict[str, list[Line]]:
    """What moved on each account in all of some days, by currency; the day is the last."""
    sums: dict[tuple[str, Account], Line] = {}
    for line in found:
        key = line.debit.currency, line.account
        before = sums.get(key)
        sums[key] = Line(
            line.day,
            line.account,
            line.debit + before.debit if before else line.debit,
            line.credit + before.credit if before else line.credit,
        )
    return {
        currency: [sums[currency, account] for account in Account if (currency, account) in sums]
        for currency in sorted({currency for currency, _account in sums})
    }


def _add(
    sides: dict[tuple[date, str, Account], Sides],
    day: date,
    currency: str,
    account: Account,
    its: Sides,
) -> None:
    if its != Sides():
        known = sides.get((day, currency, account), Sides())
        added = Sides(known.debit + its.debit, known.credit + its.credit)
        sides[day, currency, account] = added


def _postings(mode: Mode, span: Span) -> Iterator[Posting]:
    yield from _given(mode, span)
    yield from _settled(mode, span)
    yield from _sent(mode, span)
    yield from _arrived(mode, span)
    yield from _came_back(mode, span)
    yield from _others(mode, span)


def _given(mode: Mode, span: Span) -> Iterator[Posting]:
    """What the ledger says, in the currency paid in; fees stand with what they were taken from."""
    by_day = _days(span)
    regular = LedgerEntry.subscription_id.is_not(None)
    rows = db.session.execute(
        sa.select(
            by_day.c.day,
            LedgerEntry.currency,
            LedgerEntry.kind,
            regular,
            *_both_ways(LedgerEntry.amount),
        )
        .join(LedgerEntry, _within(LedgerEntry.occurred_at, by_day))
        .where(LedgerEntry.mode == mode, LedgerEntry.kind != EntryKind.fee)
        .group_by(by_day.c.day, LedgerEntry.currency, LedgerEntry.kind, regular)
    )
    for day, currency, kind, is_regular, paid_in, paid_out in rows:
        donations = Account.recurring if is_regular else Account.once
        credited = CREDITED.get(kind, donations)
        debited = Account.outside if kind is EntryKind.offline else Account.unsettled
        yield Posting(day, currency, debited, credited, _sides(paid_in, paid_out))


def _settled(mode: Mode, span: Span) -> Iterator[Posting]:
    """What these came to on the balance, changed into its currency where that is another."""
    by_day = _days(span)
    moved = sa.case((Settlement.gross != 0, LedgerEntry.amount), else_=0)
    rows = db.session.execute(
        sa.select(
            by_day.c.day,
            Settlement.currency,
            LedgerEntry.currency,
            *_both_ways(moved),
            *_both_ways(Settlement.gross),
            *_both_ways(Settlement.fee),
        )
        .join(Settlement, _within(Settlement.created_at, by_day))
        .join(LedgerEntry, LedgerEntry.id == Settlement.entry_id)
        .where(Settlement.mode == mode)
        .group_by(by_day.c.day, Settlement.currency, LedgerEntry.currency)
    )
    for day, currency, paid_in, *sums in rows:
        paid, gross, fee = (_sides(*sums[place : place + 2]) for place in (0, 2, 4))
        if currency == paid_in:
            yield Posting(day, currency, Account.balance, Account.unsettled, gross)
        else:
            yield Posting(day, paid_in, Account.exchange, Account.unsettled, paid)
            yield Posting(day, currency, Account.balance, Account.exchange, gross)
        yield Posting(day, currency, Account.fees, Account.balance, fee)


def _sent(mode: Mode, span: Span) -> Iterator[Posting]:
    for day, currency, sides in _payouts(Payout.created_at, mode, span):
        yield Posting(day, currency, Account.on_the_way, Account.balance, sides)


def _came_back(mode: Mode, span: Span) -> Iterator[Posting]:
    for day, currency, sides in _payouts(Payout.returned_at, mode, span):
        yield Posting(day, currency, Account.balance, Account.on_the_way, sides)


def _arrived(mode: Mode, span: Span) -> Iterator[Posting]:
    """On the bank's own day. One that came back never arrived."""
    rows = db.session.execute(
        sa.select(Payout.arrives_on, Payout.currency, *_both_ways(Payout.amount))
        .where(
            Payout.mode == mode,
            Payout.arrives_on.between(span.first, span.last),
            Payout.status == "paid",
        )
        .group_by(Payout.arrives_on, Payout.currency)
    )
    for day, currency, paid_in, paid_out in rows:
        yield Posting(day, currency, Account.bank, Account.on_the_way, _sides(paid_in, paid_out))


def _others(mode: Mode, span: Span) -> Iterator[Posting]:
    """What is none of ours and was paid out with ours; payouts that came back are said above."""
    by_day = _days(span)
    rows = db.session.execute(
        sa.select(by_day.c.day, PayoutEntry.currency, *_both_ways(PayoutEntry.net))
        .join(PayoutEntry, _within(PayoutEntry.created_at, by_day))
        .join(Payout, Payout.id == PayoutEntry.payout_id)
        .outerjoin(Settlement, Settlement.stripe_id == PayoutEntry.stripe_id)
        .where(
            Payout.mode == mode,
            PayoutEntry.category != CAME_BACK,
            Settlement.stripe_id.is_(None),
        )
        .group_by(by_day.c.day, PayoutEntry.currency)
    )
    for day, currency, paid_in, paid_out in rows:
        yield Posting(day, currency, Account.balance, Account.other, _sides(paid_in, paid_out))


def _payouts(moment: Any, mode: Mode, span: Span) -> Iterator[tuple[date, str, Sides]]:
    by_day = _days(span)
    rows = db.session.execute(
        sa.select(by_day.c.day, Payout.currency, *_both_ways(Payout.amount))
        .join(Payout, _within(moment, by_day))
        .where(Payout.mode == mode)
        .group_by(by_day.c.day, Payout.currency)
    )
    for day, currency, paid_in, paid_out in rows:
        yield day, currency, _sides(paid_in, paid_out)


def _days(span: Span) -> sa.CTE:
    """Each day with the moments it lies between: no database of both knows the newsroom's zone."""
    each = (span.first + timedelta(days=n) for n in range((span.last - span.first).days + 1))
    rows = (
        sa.select(
            sa.literal(day, sa.Date()).label("day"),
            sa.literal(days.begin(day), UTCDateTime()).label("since"),
            sa.literal(days.end(day), UTCDateTime()).label("until"),
        )
        for day in each
    )
    return sa.union_all(*rows).cte("days")


def _within(moment: Any, by_day: sa.CTE) -> sa.ColumnElement[bool]:
    return sa.and_(moment >= by_day.c.since, moment < by_day.c.until)


def _both_ways(amount: Any) -> tuple[sa.ColumnElement[int], sa.ColumnElement[int]]:
    """What is above zero and what is below, each added up."""
    return (
        sa.func.sum(sa.case((amount > 0, amount), else_=0)),
        sa.func.sum(sa.case((amount < 0, amount), else_=0)),
    )


def _sides(paid_in: Any, paid_out: Any) -> Sides:
    return Sides(int(paid_in), -int(paid_out))
