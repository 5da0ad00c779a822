"""The ledger: rows are added, each once whoever tells of it, and never changed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import sqlalchemy as sa

from membership.books.models import Dispute, EntryKind, InvoicePayment, LedgerEntry, Subscription
from membership.extensions import db, insert_once
from membership.gateway import gateway
from membership.money import Money
from membership.patrons.touched import Told, booked, touch

GIVEN_BACK = (EntryKind.refund, EntryKind.refund_reversal)
LOST = "lost"


class Entry(Protocol):
    """A row of the ledger, or what is told of one; the amount in minor units."""

    @property
    def id(self) -> int: ...

    @property
    def amount(self) -> int: ...


class Undone(NamedTuple):
    """When (UTC) the whole of a charge went back, and whether the bank took it."""

    at: datetime
    is_lost: bool


def book(
    kind: EntryKind, source: str, person_id: int, money: Money, occurred_at: datetime, **row: object
) -> bool:
    """Add one row, `money` positive in and negative out; False if it was booked before."""
    whole = {
        "kind": kind,
        "stripe_source": source,
        "person_id": person_id,
        "mode": gateway().mode,
        "amount": money.amount,
        "currency": money.currency,
        "is_renewal": False,
        "occurred_at": occurred_at,
    }
    is_new = insert_once(LedgerEntry, ["kind", "stripe_source"], whole | row)
    if is_new:
        booked(LedgerEntry, whole | row)
    if is_new and kind is not EntryKind.fee:
        # Nothing of a person's history follows from what Stripe kept.
        touch(person_id, Told.given)
    return is_new


def book_against(
    charge: LedgerEntry, kind: EntryKind, source: str, money: Money, occurred_at: datetime
) -> bool:
    """Add a row that takes from `charge` or gives back to it; False if it was booked before."""
    return book(
        kind,
        source,
        charge.person_id,
        money,
        occurred_at,
        parent_id=charge.id,
        subscription_id=charge.subscription_id,
        donation_id=charge.donation_id,
    )


def find(kind: EntryKind, source: str) -> LedgerEntry | None:
    return db.session.scalar(
        sa.select(LedgerEntry).where(LedgerEntry.kind == kind, LedgerEntry.stripe_source == source)
    )


def link(payment_intent: str, invoice: str) -> None:
    """Remember which payment intent paid which invoice."""
    insert_once(
        InvoicePayment,
        ["stripe_payment_intent"],
        {"stripe_payment_intent": payment_intent, "stripe_invoice": invoice},
    )


def intent_of(charge: LedgerEntry) -> str | None:
    """The payment intent behind a charge; None if it was paid from credit, or is not known."""
    if charge.stripe_source.startswith("pi_"):
        return charge.stripe_source
    return db.session.scalar(
        sa.select(InvoicePayment.stripe_payment_intent).where(
            InvoicePayment.stripe_invoice == charge.stripe_source
        )
    )


def left_of(charge: LedgerEntry) -> Money:
    """What of an entry has neither been given back nor been taken by a dispute."""
    return Money(left_of_each([charge])[charge.id], charge.currency)


def left_of_each(entries: Sequence[Entry]) -> dict[int, int]:
    """The same of several, in minor units by their id; one query."""
    rows = db.session.execute(
        sa.select(LedgerEntry.parent_id, sa.func.sum(LedgerEntry.amount))
        .where(
            LedgerEntry.parent_id.in_([entry.id for entry in entries]),
            LedgerEntry.kind != EntryKind.fee,
        )
        .group_by(LedgerEntry.parent_id)
    ).all()
    taken = {parent_id: int(amount) for parent_id, amount in rows}
    return {entry.id: entry.amount + taken.get(entry.id, 0) for entry in entries}


def undone(rows: Iterable[Any]) -> dict[str, Undone]:
    """Which charges went back whole, by their invoices: of the rows of `of_ended`."""
    return {
        row.stripe_source: Undone(
            min(filter(None, (row.refunded, row.disputed))), is_lost=row.disputed is not None
        )
        for row in rows
        if row.refunded or row.disputed
    }


def of_ended(*whose: sa.ColumnElement[bool]) -> sa.Select[Any, Any, Any]:
    """What became of each charge of those subscriptions that have ended, and are `whose` says."""
    charge = sa.orm.aliased(LedgerEntry)
    # Said so that SQLite finds no index for it, by which it would go through all charges there are;
    # PostgreSQL knows how many they are either way.
    is_charge = (charge.kind != EntryKind.charge).is_(False)
    return (
        sa.select(
            charge.stripe_source,
            given_back(charge).label("refunded"),
            lost(charge).label("disputed"),
        )
        .join(Subscription, Subscription.id == charge.subscription_id)
        .where(
            *whose,
            Subscription.ended_at.is_not(None),
            is_charge,
        )
    )


def given_back(charge: type[LedgerEntry]) -> sa.ScalarSelect[datetime]:
    """When the last of a charge was refunded, if it was refunded whole."""
    return (
        sa.select(sa.func.max(LedgerEntry.occurred_at))
        .where(LedgerEntry.parent_id == charge.id, LedgerEntry.kind.in_(GIVEN_BACK))
        .having(sa.func.sum(LedgerEntry.amount) <= -charge.amount)
        .scalar_subquery()
    )


def lost(charge: type[LedgerEntry]) -> sa.ScalarSelect[datetime]:
    """When the money of a charge left whose dispute was lost: as the dispute was opened."""
    return (
        sa.select(sa.func.min(Dispute.opened_at))
        .where(Dispute.entry_id == charge.id, Dispute.status == LOST)
        .scalar_subquery()
    )
