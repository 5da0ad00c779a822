"""The names by which Stripe, and we, call one payment, and the rows of the ledger behind each."""

from collections.abc import Sequence

import sqlalchemy as sa

from membership.books.models import (
    Donation,
    EntryKind,
    InvoicePayment,
    LedgerEntry,
    Settlement,
    Subscription,
)
from membership.gateway import NotThere, gateway

# A charge by a direct debit is called otherwise than one of a card.
CHARGES = ("ch_", "py_")


def known_as(name: str) -> Sequence[str]:
    """By what else the ledger may know what is called `name`.

    A charge is in no book of ours: Stripe is asked which payment intent made it. Raises StripeDown,
    StripeRefused.
    """
    if not name.startswith(CHARGES):
        return (name,)
    try:
        intent = gateway().charge(name)["payment_intent"]
    except NotThere:
        return (name,)
    return (intent,) if intent else (name,)


def named(names: Sequence[str]) -> sa.ColumnElement[bool]:
    """The rows of what is called one of `names`, and what was taken from it.

    An invoice, payment intent, refund, dispute, balance transaction, subscription, or the public id
    of a donation. Written as a union, because of an OR the databases would read every row.
    """
    row = sa.orm.aliased(LedgerEntry)
    invoices = sa.select(InvoicePayment.stripe_invoice).where(
        InvoicePayment.stripe_payment_intent.in_(names)
    )
    subscriptions = sa.select(Subscription.id).where(Subscription.stripe_id.in_(names))
    donations = sa.select(Donation.id).where(Donation.public_id.in_(names))
    # All kinds, because the index of names begins with the kind.
    booked = sa.select(row.id).where(row.kind.in_(list(EntryKind)))
    own = sa.union(
        booked.where(row.stripe_source.in_(names)),
        booked.where(row.stripe_source.in_(invoices)),
        sa.select(Settlement.entry_id).where(Settlement.stripe_id.in_(names)),
    ).cte("own")
    taken = sa.select(row.id).where(row.parent_id.in_(sa.select(own.c.id)))
    return LedgerEntry.id.in_(
        sa.union(
            sa.select(own.c.id),
            taken,
            sa.select(row.id).where(row.subscription_id.in_(subscriptions)),
            sa.select(row.id).where(row.donation_id.in_(donations)),
        )
    )
