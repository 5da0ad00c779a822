"""Payouts as a bank statement names them, and what each is made of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from config import Mode
from membership.books.models import EntryKind, LedgerEntry, Settlement
from membership.books.payout_models import Payout, PayoutEntry
from membership.extensions import db
from membership.money import Money
from membership.patrons.models import Person

AT_ONCE = 1000
CAME_BACK = "payout_reversal"
"""Stripe's category of the money of an earlier payout that failed."""

PARTS = {
    EntryKind.charge: "payments",
    EntryKind.refund: "refunds",
    EntryKind.refund_reversal: "refunds",
    EntryKind.dispute: "disputes",
    EntryKind.dispute_reversal: "disputes",
}
LINES = ("payments", "refunds", "disputes", "fees", "returned", "other")


class Content(NamedTuple):
    """How many movements a payout is made of, and what they come to in minor units."""

    movements: int = 0
    net: int = 0


@dataclass(frozen=True)
class Made:
    """What a payout is made of, line by line, in the currency of the payout.

    `payments`, `refunds` and `disputes` are ours before fees, `fees` what Stripe took of ours,
    `returned` earlier payouts that failed, `other` all else that moved on the account.
    """

    lines: Mapping[str, Money]
    net: Money
    off_by: Money
    """How much less, or more, reached the bank."""


@dataclass(frozen=True)
class Movement:
    """One movement in a payout; without a person it is none of ours. Amounts in its currency."""

    number: str
    when: datetime
    category: str
    gross: Money
    fee: Money
    net: Money
    kind: EntryKind | None
    source: str | None
    paid: Money | None
    rate: str | None
    name: str | None
    email: str | None


def listed(
    mode: Mode, since: date | None, until: date | None, *, limit: int, offset: int = 0
) -> Sequence[Payout]:
    """Those that arrive from one day to another, the latest first; one query."""
    wanted = _arriving(mode, since, until).limit(limit).offset(offset)
    return db.session.scalars(wanted).all()


def every(mode: Mode, since: date | None, until: date | None) -> Iterator[tuple[Payout, Content]]:
    """All of them, so many in memory at a time."""
    wanted = _arriving(mode, since, until).execution_options(yield_per=AT_ONCE)
    for payouts in db.session.scalars(wanted).partitions():
        contents = contents_of(payouts)
        for payout in payouts:
            yield payout, contents[payout.id]


def contents_of(payouts: Sequence[Payout]) -> dict[int, Content]:
    """What each is made of, by its id; one query."""
    rows = db.session.execute(
        sa.select(PayoutEntry.payout_id, sa.func.count(), sa.func.sum(PayoutEntry.net))
        .where(PayoutEntry.payout_id.in_([payout.id for payout in payouts]))
        .group_by(PayoutEntry.payout_id)
    )
    found = {payout_id: Content(count, int(net)) for payout_id, count, net in rows}
    return {payout.id: found.get(payout.id, Content()) for payout in payouts}


def find(mode: Mode, stripe_id: str) -> Payout | None:
    return db.session.scalar(
        sa.select(Payout).where(Payout.stripe_id == stripe_id, Payout.mode == mode)
    )


def made_of(payout: Payout) -> Made:
    """The movements of a payout added up; one query."""
    rows = db.session.execute(
        sa.select(
            LedgerEntry.kind,
            PayoutEntry.category,
            sa.func.sum(PayoutEntry.gross),
            sa.func.sum(PayoutEntry.fee),
        )
        .outerjoin(Settlement, Settlement.stripe_id == PayoutEntry.stripe_id)
        .outerjoin(LedgerEntry, LedgerEntry.id == Settlement.entry_id)
        .where(PayoutEntry.payout_id == payout.id)
        .group_by(LedgerEntry.kind, PayoutEntry.category)
    )
    amounts = dict.fromkeys(LINES, 0)
    for kind, category, gross, fee in rows:
        if kind is not None:
            amounts[PARTS[kind]] += int(gross)
            amounts["fees"] -= int(fee)
        else:
            amounts["returned" if category == CAME_BACK else "other"] += int(gross) - int(fee)
    net = sum(amounts.values())
    return Made(
        {line: Money(amount, payout.currency) for line, amount in amounts.items()},
        Money(net, payout.currency),
        Money(payout.amount - net, payout.currency),
    )


def movements(payout: Payout, *, limit: int, offset: int = 0) -> list[Movement]:
    """In the order they happened; one query."""
    wanted = _movements(payout).limit(limit).offset(offset)
    return [_movement(row) for row in db.session.execute(wanted)]


def every_movement(payout: Payout) -> Iterator[Movement]:
    """All of them as they are read, so many in memory at a time."""
    wanted = _movements(payout).execution_options(yield_per=AT_ONCE)
    for row in db.session.execute(wanted):
        yield _movement(row)


def _arriving(mode: Mode, since: date | None, until: date | None) -> sa.Select[Payout]:
    wanted = sa.select(Payout).where(Payout.mode == mode)
    if since is not None:
        wanted = wanted.where(Payout.arrives_on >= since)
    if until is not None:
        wanted = wanted.where(Payout.arrives_on <= until)
    return wanted.order_by(Payout.arrives_on.desc(), Payout.id.desc())


def _movements(payout: Payout) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            PayoutEntry.stripe_id,
            PayoutEntry.created_at,
            PayoutEntry.category,
            PayoutEntry.gross,
            PayoutEntry.fee,
            PayoutEntry.net,
            PayoutEntry.currency,
            LedgerEntry.kind,
            LedgerEntry.stripe_source,
            LedgerEntry.amount,
            LedgerEntry.currency.label("paid_in"),
            Settlement.exchange_rate,
            Person.name,
            Person.email,
        )
        .outerjoin(Settlement, Settlement.stripe_id == PayoutEntry.stripe_id)
        .outerjoin(LedgerEntry, LedgerEntry.id == Settlement.entry_id)
        .outerjoin(Person, Person.id == LedgerEntry.person_id)
        .where(PayoutEntry.payout_id == payout.id)
        .order_by(PayoutEntry.created_at, PayoutEntry.stripe_id)
    )


def _movement(row: Any) -> Movement:
    return Movement(
        number=row.stripe_id,
        when=row.created_at,
        category=row.category,
        gross=Money(row.gross, row.currency),
        fee=Money(row.fee, row.currency),
        net=Money(row.net, row.currency),
        kind=row.kind,
        source=row.stripe_source,
        paid=Money(row.amount, row.paid_in) if row.kind is not None else None,
        rate=row.exchange_rate,
        name=row.name,
        email=row.email,
    )
