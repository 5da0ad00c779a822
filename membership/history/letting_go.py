"""Subscriptions that were taken in by mistake leave the books, with all that came of them.

Rows of money are never deleted, for they are what Stripe says of what is ours. These were never
ours: the database lets them go, and nothing else, once their subscription is named in `let_go`.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from membership.books import turns
from membership.books.card_models import Card
from membership.books.models import (
    Customer,
    Dispute,
    EntryKind,
    FailedPayment,
    InvoicePayment,
    LedgerEntry,
    LetGo,
    Settlement,
    Subscription,
)
from membership.books.term_models import Term
from membership.extensions import Model, db
from membership.history import booked, sums, upkeep
from membership.patrons.models import MembershipPeriod
from membership.writes import Writes

OF_A_SUBSCRIPTION = (Subscription, LedgerEntry, Term, FailedPayment, MembershipPeriod)
BESIDE_IT = (Customer, Card, Dispute)
"""What else a subscription brings that is about its giver."""


def let_go(subscriptions: Sequence[Subscription]) -> None:
    """Take these out, in the transaction at hand: what was booked, settled and billed of them, the
    memberships, and what the sums have of them.
    """
    turns.take(turns.MANY)
    ids = [one.id for one in subscriptions]
    if not ids:
        return
    db.session.execute(sa.insert(LetGo), [{"subscription_id": number} for number in ids])
    entries = sa.select(LedgerEntry.id).where(LedgerEntry.subscription_id.in_(ids))
    _take_from_sums(LedgerEntry, LedgerEntry.subscription_id.in_(ids))
    _take_from_sums(Settlement, Settlement.entry_id.in_(entries))
    invoices = sa.select(LedgerEntry.stripe_source).where(
        LedgerEntry.subscription_id.in_(ids), LedgerEntry.kind == EntryKind.charge
    )
    for table, condition in (
        (InvoicePayment, InvoicePayment.stripe_invoice.in_(invoices)),
        (Dispute, Dispute.entry_id.in_(entries)),
        (Settlement, Settlement.entry_id.in_(entries)),
        (LedgerEntry, LedgerEntry.parent_id.in_(entries)),
        (LedgerEntry, LedgerEntry.subscription_id.in_(ids)),
        (Term, Term.subscription_id.in_(ids)),
        (FailedPayment, FailedPayment.subscription_id.in_(ids)),
        (MembershipPeriod, MembershipPeriod.source.in_([one.stripe_id for one in subscriptions])),
    ):
        _delete(table, condition)
    _forget_what_follows(subscriptions)
    _delete(LetGo, LetGo.subscription_id.in_(ids))
    _delete(Subscription, Subscription.id.in_(ids))
    customers = {one.stripe_customer for one in subscriptions}
    still = sa.select(Subscription.stripe_customer).where(
        Subscription.stripe_customer.in_(customers)
    )
    card, customer = Card.stripe_customer, Customer.stripe_id
    _delete(Card, sa.and_(card.in_(customers), card.not_in(still)))
    _delete(Customer, sa.and_(customer.in_(customers), customer.not_in(still)))


def _take_from_sums(table: type[Model], condition: sa.ColumnElement[bool]) -> None:
    rows = db.session.execute(sa.select(*sa.inspect(table).columns).where(condition))
    parts = booked.parts_of([(table, dict(row._mapping)) for row in rows])
    writes = Writes()
    sums.change([], parts, writes)
    writes.send()


def _forget_what_follows(subscriptions: Sequence[Subscription]) -> None:
    """Of one that ended as it began and billed nothing, nothing follows."""
    for one in subscriptions:
        one.status, one.ended_at = "canceled", one.started_at
        one.paid_until = one.cancel_at = one.donation_id = None
    db.session.flush()
    people = sorted({one.person_id for one in subscriptions})
    upkeep.bring_up(people)
    for one in subscriptions:
        db.session.expunge(one)


def _delete(table: type[Model], condition: sa.ColumnElement[bool]) -> None:
    db.session.execute(
        sa.delete(table).where(condition).execution_options(synchronize_session=False)
    )
