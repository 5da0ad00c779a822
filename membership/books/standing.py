"""What the books say a patron has paid for: their membership follows from it alone.

Worked out anew from the ledger whenever something in it changes, so that it does not matter
in which order payments, refunds and disputes are heard of.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from membership.books import ledger
from membership.books.models import Dispute, EntryKind, LedgerEntry, Subscription
from membership.extensions import db
from membership.patrons import memberships
from membership.patrons.memberships import Paid
from membership.patrons.touched import Told, touch

CONTESTED = ("needs_response", "under_review")


def refresh(subscription: Subscription) -> None:
    """Bring `subscription`, whose row the caller has locked, and its membership up to the books."""
    paid, before = list(_paid(subscription.id)), subscription.paid_until
    subscription.paid_until = max((one.until for one in paid if not one.undone_at), default=None)
    if (before is None) != (subscription.paid_until is None):
        touch(subscription.person_id, Told.due)
    memberships.lay(
        subscription.person_id,
        source=subscription.stripe_id,
        paid=paid,
        ended=subscription.ended_at,
        contested=_is_contested(subscription.id),
    )


def _is_contested(subscription_id: int) -> bool:
    """Whether the bank holds back any of its payments. A mere inquiry moves no money."""
    return db.session.scalar(A_CONTESTED_PAYMENT, {"subscription_id": subscription_id}) is not None


def _paid(subscription_id: int) -> Iterator[Paid]:
    rows = db.session.execute(CHARGES, {"subscription_id": subscription_id})
    for since, until, given_back, lost in rows:
        yield Paid(since, until, min(filter(None, (given_back, lost)), default=None))


def _charges() -> sa.Select[Any, Any, Any, Any]:
    charge = sa.orm.aliased(LedgerEntry)
    return sa.select(
        charge.covers_from, charge.covers_until, ledger.given_back(charge), ledger.lost(charge)
    ).where(
        charge.subscription_id == sa.bindparam("subscription_id"),
        charge.kind == EntryKind.charge,
        charge.covers_until.is_not(None),
    )


# Written once: putting the two together takes longer than asking the database.
CHARGES = _charges()
A_CONTESTED_PAYMENT = (
    sa.select(Dispute.id)
    .join(LedgerEntry, Dispute.entry_id == LedgerEntry.id)
    .where(
        LedgerEntry.subscription_id == sa.bindparam("subscription_id"),
        Dispute.status.in_(CONTESTED),
    )
    .limit(1)
)
