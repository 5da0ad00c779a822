"""The names by which Stripe, and we, call one payment, and the rows of the ledger behind each."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from membership.books.models import (
    Donation,
    EntryKind,
    InvoicePayment,
    LedgerEntry,
    Settlement,
    Subscription,
)
from membership.extensions import db
from membership.gateway import NotThere, gateway

# A charge by a direct debit is called otherwise than one of a card.
CHARGES = ("ch_", "py_")


@dataclass(frozen=True)
class Named:
    """What a name stands for: rows of the ledger, subscriptions and donations, by their ids."""

    entries: Sequence[int]
    subscriptions: Sequence[int]
    donations: Sequence[int]

    @property
    def rows(self) -> sa.ColumnElement[bool]:
        """The rows of the ledger that belong to it, with what was taken from them."""
        return sa.or_(
            sa.false(),
            *(
                column.in_(ids)
                for column, ids in (
                    (LedgerEntry.id, self.entries),
                    (LedgerEntry.parent_id, self.entries),
                    (LedgerEntry.subscription_id, self.subscriptions),
                    (LedgerEntry.donation_id, self.donations),
                )
                if ids
            ),
        )


def find(name: str) -> Named:
    """What is called `name`: an invoice, charge, payment intent, refund, dispute, subscription,
    balance transaction, or the public id of a donation; five queries.

    Raises StripeDown, StripeRefused: a charge is in no book of ours, so Stripe is asked for it.
    """
    name = _intent_of(name) if name.startswith(CHARGES) else name
    invoices = db.session.scalars(
        sa.select(InvoicePayment.stripe_invoice).where(InvoicePayment.stripe_payment_intent == name)
    )
    booked = db.session.scalars(
        sa.select(LedgerEntry.id).where(
            # All of them, because the index of names begins with the kind.
            LedgerEntry.kind.in_(list(EntryKind)),
            LedgerEntry.stripe_source.in_([name, *invoices]),
        )
    )
    settled = sa.select(Settlement.entry_id).where(Settlement.stripe_id == name)
    subscriptions = sa.select(Subscription.id).where(Subscription.stripe_id == name)
    donations = sa.select(Donation.id).where(Donation.public_id == name)
    return Named(
        [*booked, *db.session.scalars(settled)],
        db.session.scalars(subscriptions).all(),
        db.session.scalars(donations).all(),
    )


def _intent_of(charge: str) -> str:
    """The payment intent that made a charge; the charge itself where there is none."""
    try:
        return gateway().charge(charge)["payment_intent"] or charge
    except NotThere:
        return charge
