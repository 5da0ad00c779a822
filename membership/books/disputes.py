"""Payments that a card's owner contests at the bank: opened, won, lost.

Money leaves when a dispute is opened and comes back if it is won; membership holds until it
is lost, without a vote meanwhile. A lost dispute ends the subscription too: the bank would only
contest it again.
"""

from datetime import datetime

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import joinedload

from membership.books import changes, ledger, mails, payments, standing, sync
from membership.books.models import Dispute, EntryKind, LedgerEntry, Subscription
from membership.books.odd import GOES_FOR_ALL
from membership.clock import at
from membership.extensions import db, insert_once
from membership.gateway import Json, gateway
from membership.money import Money

log = structlog.get_logger()

UNANSWERED = ("needs_response", "warning_needs_response")
OPEN = ("needs_response", "under_review", "warning_needs_response", "warning_under_review")
FINAL = ("won", "lost", "warning_closed", "prevented")


def dispute_changed(event: Json) -> None:
    write(event["data"]["object"], at(event["created"]))


def write(said: Json, as_of: datetime, latest: datetime | None = None) -> bool:
    """Write down a dispute as Stripe `said` it at `as_of` (UTC), and what it moved.

    What was read may also be true of a later moment, up to `latest`. False if the dispute is
    not ours or nothing was new.
    """
    charge = payments.charge_behind(said["payment_intent"])
    if charge is None:
        return False
    subscription = sync.locked_behind(charge)
    new = insert_once(
        Dispute,
        ["stripe_id"],
        {
            "stripe_id": said["id"],
            "mode": gateway().mode,
            "entry_id": charge.id,
            "person_id": charge.person_id,
            "status": said["status"],
            "reason": said["reason"],
            "amount": said["amount"],
            "currency": said["currency"],
            "opened_at": at(said["created"]),
            "as_of": as_of,
        },
    )
    row = db.session.scalars(
        sa.select(Dispute).where(Dispute.stripe_id == said["id"]).with_for_update(key_share=True)
    ).one()
    if not new and as_of <= row.as_of <= (latest or as_of) and row.status not in FINAL:
        read = gateway().dispute(said["id"])
        said, as_of = read.said, max(row.as_of, read.as_of)
    before = row.status
    if new or (as_of >= row.as_of and row.status not in FINAL):
        row.status, row.as_of = said["status"], as_of
        due = (said["evidence_details"] or {}).get("due_by")
        row.respond_by = at(due) if due else None
    moved = _book(row, said)
    if new or row.status != before:
        _follow(row, subscription)
    return new or moved or row.status != before


def unanswered(mode: str) -> sa.Select[Dispute]:
    """Selects the disputes that still wait for an answer, with whose payment each is about, the
    most pressing first.
    """
    return (
        sa.select(Dispute)
        .where(Dispute.mode == mode, Dispute.status.in_(UNANSWERED))
        .options(joinedload(Dispute.person), joinedload(Dispute.entry))
        .order_by(Dispute.respond_by.asc().nulls_last(), Dispute.id)
    )


def end_lost() -> int:
    """End at Stripe the subscriptions whose payment was lost to a dispute; how many. Commits.

    Kept out of the events' transactions: what is told must not depend on what is answered. One
    that Stripe does not end, or that is odd, is tried again the next time. Raises StripeDown.
    """
    running = db.session.scalars(
        sa.select(Subscription.stripe_id)
        .join(LedgerEntry, LedgerEntry.subscription_id == Subscription.id)
        .join(Dispute, Dispute.entry_id == LedgerEntry.id)
        .where(
            Dispute.mode == gateway().mode,
            Dispute.status == ledger.LOST,
            Subscription.ended_at.is_(None),
        )
        .distinct()
    ).all()
    db.session.commit()
    return sum(map(_end, running))


def _end(stripe_id: str) -> bool:
    try:
        changes.end(stripe_id)
    except GOES_FOR_ALL:
        raise
    except Exception:
        db.session.rollback()
        log.exception("subscription not ended", stripe_id=stripe_id)
        return False
    return True


def _book(row: Dispute, said: Json) -> bool:
    """The money that left and came back, as the balance transactions of the dispute say."""
    moved = False
    for entry in said["balance_transactions"]:
        back = entry["amount"] > 0
        kind = EntryKind.dispute_reversal if back else EntryKind.dispute
        amount = row.amount if back else -row.amount
        money = Money(amount, row.currency)
        moved |= ledger.book_against(row.entry, kind, row.stripe_id, money, at(entry["created"]))
    return moved


def _follow(row: Dispute, subscription: Subscription | None) -> None:
    if row.status in OPEN:
        mails.tell_staff_of_dispute(row)
    if subscription is not None:
        standing.refresh(subscription)
