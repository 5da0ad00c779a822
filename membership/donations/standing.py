"""What the books say a patron has paid for: their membership follows from it alone.

Worked out anew from the ledger whenever something in it changes, so that it does not matter
in which order payments, refunds and disputes are heard of.
"""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from membership.donations.models import Dispute, EntryKind, LedgerEntry, Subscription
from membership.extensions import db
from membership.patrons import memberships
from membership.patrons.memberships import Paid

GIVEN_BACK = (EntryKind.refund, EntryKind.refund_reversal)
LOST = "lost"


def refresh(subscription: Subscription) -> None:
    """Bring `subscription`, whose row the caller has locked, and its membership up to the books."""
    paid = list(_paid(subscription.id))
    subscription.paid_until = max((one.until for one in paid if not one.undone_at), default=None)
    memberships.lay(
        subscription.person_id,
        source=subscription.stripe_id,
        paid=paid,
        ended=subscription.ended_at,
    )


def _paid(subscription_id: int) -> Iterator[Paid]:
    charges = db.session.scalars(
        sa.select(LedgerEntry).where(
            LedgerEntry.subscription_id == subscription_id,
            LedgerEntry.kind == EntryKind.charge,
            LedgerEntry.covers_until.is_not(None),
        )
    ).all()
    undone = _given_back(subscription_id) | _lost(subscription_id)
    for charge in charges:
        assert charge.covers_from is not None and charge.covers_until is not None
        yield Paid(charge.covers_from, charge.covers_until, undone.get(charge.id))


def _given_back(subscription_id: int) -> dict[int, datetime]:
    """Charges that were refunded whole, and when the last of it was."""
    charge = sa.orm.aliased(LedgerEntry)
    rows = db.session.execute(
        sa.select(charge.id, sa.func.max(LedgerEntry.occurred_at))
        .join(charge, LedgerEntry.parent_id == charge.id)
        .where(charge.subscription_id == subscription_id, LedgerEntry.kind.in_(GIVEN_BACK))
        .group_by(charge.id, charge.amount)
        .having(sa.func.sum(LedgerEntry.amount) <= -charge.amount)
    )
    return dict(rows.all())


def _lost(subscription_id: int) -> dict[int, datetime]:
    """Charges whose dispute was lost, and when the money left: as the dispute was opened."""
    rows = db.session.execute(
        sa.select(Dispute.entry_id, sa.func.min(Dispute.opened_at))
        .join(Dispute.entry)
        .where(LedgerEntry.subscription_id == subscription_id, Dispute.status == LOST)
        .group_by(Dispute.entry_id)
    )
    return dict(rows.all())
