"""Renewals that the bank refused: why, what the patron can do, and whether it came right."""

from datetime import datetime

import sqlalchemy as sa

from membership.books import ledger, mails, sync
from membership.books.models import EntryKind, FailedPayment, Subscription
from membership.clock import at
from membership.extensions import db, insert_once
from membership.gateway import Json, gateway
from membership.patrons.touched import Told, touch

RENEWAL = "subscription_cycle"
CONFIRM = "authentication_required"


def invoice_failed(event: Json) -> None:
    """A renewal was refused: written down with its reason, and told to the patron once."""
    failure = note(event["data"]["object"])
    if failure is not None and failure.recovered_at is None:
        mails.tell_of_failure(failure)


def card_updated(event: Json) -> None:
    """The bank sent Stripe a new card by itself: the patron has nothing to update."""
    customer = event["data"]["object"]["customer"]
    db.session.execute(
        sa.update(FailedPayment)
        .where(
            FailedPayment.stripe_customer == customer,
            FailedPayment.recovered_at.is_(None),
            FailedPayment.reason != CONFIRM,
        )
        .values(reason=None)
    )


def note(invoice: Json) -> FailedPayment | None:
    """Write down that the bank refused a renewal; None if this is no renewal of ours.

    A first payment that is declined happens in front of the reader, on Stripe's page.
    """
    subscription = sync.subscription_of(invoice)
    if subscription is None or invoice["billing_reason"] != RENEWAL:
        return None
    _insert(invoice, subscription, attempts=0)
    row = db.session.scalars(
        sa.select(FailedPayment)
        .where(FailedPayment.stripe_invoice == invoice["id"])
        .with_for_update(key_share=True)
    ).one()
    if invoice["attempt_count"] > row.attempts:
        row.attempts = invoice["attempt_count"]
        next_try = invoice["next_payment_attempt"]
        row.next_try_at = at(next_try) if next_try else None
        row.pay_at = invoice["hosted_invoice_url"]
        row.reason = row.refusal = _reason(gateway().invoice(invoice["id"]))
    paid = ledger.find(EntryKind.charge, invoice["id"])
    if row.recovered_at is None and paid is not None:
        row.recovered_at, row.next_try_at = paid.occurred_at, None
    touch(row.person_id, Told.refused)
    return row


def over(invoice: Json, subscription: Subscription) -> None:
    """Write down that a renewal which is settled by now was refused at first, if it shows.

    Stripe counts the first attempt and its own; of one that was refused once and then paid by
    hand nothing is to be seen any more.
    """
    tries = 1 if invoice["status"] == "paid" else 0
    if invoice["billing_reason"] == RENEWAL and invoice["attempt_count"] > tries:
        _insert(invoice, subscription, attempts=invoice["attempt_count"])


def _insert(invoice: Json, subscription: Subscription, *, attempts: int) -> None:
    """First refused when it was finalised: Stripe tries at once."""
    failed_at = invoice["status_transitions"]["finalized_at"] or invoice["created"]
    row = {
        "stripe_invoice": invoice["id"],
        "stripe_customer": subscription.stripe_customer,
        "mode": subscription.mode,
        "person_id": subscription.person_id,
        "subscription_id": subscription.id,
        "amount": invoice["amount_due"],
        "currency": invoice["currency"],
        "attempts": attempts,
        "failed_at": at(failed_at),
    }
    if insert_once(FailedPayment, ["stripe_invoice"], row):
        touch(subscription.person_id, Told.refused)


def is_news(invoice: Json) -> bool:
    """Whether an open invoice was tried more often than we have heard of."""
    heard = db.session.scalar(
        sa.select(FailedPayment.attempts).where(FailedPayment.stripe_invoice == invoice["id"])
    )
    return bool(invoice["attempt_count"] > (heard or 0))


def recovered(stripe_invoice: str, paid_at: datetime) -> None:
    failure = (
        sa.update(FailedPayment)
        .where(FailedPayment.stripe_invoice == stripe_invoice, FailedPayment.recovered_at.is_(None))
        .values(recovered_at=paid_at, next_try_at=None)
        .returning(FailedPayment.person_id)
    )
    for person_id in db.session.scalars(failure):
        touch(person_id, Told.refused)


def _reason(invoice: Json) -> str | None:
    """Stripe's code of the last refusal. Only the payment intent knows it."""
    for payment in invoice["payments"]["data"]:
        intent = payment["payment"].get("payment_intent") or {}
        error = intent.get("last_payment_error") or {}
        if intent.get("status") == "requires_action":
            return CONFIRM
        if error:
            return error.get("code")
    return None
