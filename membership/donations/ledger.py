"""Booking money: each payment and refund once, whoever tells of it and how often."""

from datetime import datetime

import sqlalchemy as sa

from membership.clock import at
from membership.donations import sync
from membership.donations.gateway import Json, gateway
from membership.donations.mails import tell_of_failure, thank
from membership.donations.models import (
    Donation,
    EntryKind,
    FailedPayment,
    LedgerEntry,
    Subscription,
)
from membership.extensions import db, insert_once
from membership.money import Money
from membership.patrons import memberships
from membership.patrons.models import Person

RENEWAL = "subscription_cycle"


def invoice_paid(event: Json) -> None:
    book_invoice(event["data"]["object"])


def invoice_failed(event: Json) -> None:
    failure = note_failure(event["data"]["object"], failed_at=at(event["created"]))
    if failure is not None and failure.recovered_at is None:
        tell_of_failure(failure)


def refund_made(event: Json) -> None:
    refund = event["data"]["object"]
    if refund["charge"] is not None:
        book_refund(refund, gateway().charge(refund["charge"]))


def book_invoice(invoice: Json) -> bool:
    """Book a paid invoice of a subscription of ours and extend the membership.

    False if it is not ours or was booked before.
    """
    subscription = _subscription_of(invoice)
    if subscription is None or not invoice["amount_paid"]:
        return False
    paid_at = at(invoice["status_transitions"]["paid_at"] or invoice["created"])
    booked = _book(
        EntryKind.charge,
        invoice["id"],
        subscription.person_id,
        amount=invoice["amount_paid"],
        currency=invoice["currency"],
        occurred_at=paid_at,
        subscription_id=subscription.id,
        donation_id=subscription.donation_id,
    )
    if not booked:
        return False
    _extend_membership(subscription, invoice)
    _note_recovery(invoice["id"], paid_at)
    if subscription.donation_id is not None:
        donation = db.session.get_one(Donation, subscription.donation_id)
        _paid(donation, subscription.person, paid_at)
    return True


def book_gift(
    payment_intent: str,
    *,
    customer: str | Json,
    donation: Donation | None,
    money: Money,
    paid_at: datetime,
) -> bool:
    """Book a one-time donation; False if it was booked before."""
    person = sync.person_of(customer, donation)
    booked = _book(
        EntryKind.charge,
        payment_intent,
        person.id,
        amount=money.amount,
        currency=money.currency,
        occurred_at=paid_at,
        donation_id=donation.id if donation else None,
    )
    if booked and donation is not None:
        _paid(donation, person, paid_at)
    return booked


def note_failure(invoice: Json, *, failed_at: datetime) -> FailedPayment | None:
    """Write down that the bank refused a renewal; None if this is no renewal of ours.

    A first payment that is declined happens in front of the reader, on Stripe's page.
    """
    subscription = _subscription_of(invoice)
    if subscription is None or invoice["billing_reason"] != RENEWAL:
        return None
    insert_once(
        FailedPayment,
        ["stripe_invoice"],
        {
            "stripe_invoice": invoice["id"],
            "mode": subscription.mode,
            "person_id": subscription.person_id,
            "subscription_id": subscription.id,
            "amount": invoice["amount_due"],
            "currency": invoice["currency"],
            "attempts": 0,
            "failed_at": failed_at,
        },
    )
    row = db.session.scalars(
        sa.select(FailedPayment)
        .where(FailedPayment.stripe_invoice == invoice["id"])
        .with_for_update()
    ).one()
    if invoice["attempt_count"] > row.attempts:
        row.attempts = invoice["attempt_count"]
        next_try = invoice["next_payment_attempt"]
        row.next_try_at = at(next_try) if next_try else None
    row.failed_at = min(row.failed_at, failed_at)
    if row.recovered_at is None and is_booked(EntryKind.charge, invoice["id"]):
        row.recovered_at = failed_at
    return row


def book_refund(refund: Json, charge: Json) -> bool:
    """Book money given back; False if it is not ours or was booked before."""
    person_id = sync.known_person(charge["customer"])
    if person_id is None or refund["status"] in ("failed", "canceled"):
        return False
    return _book(
        EntryKind.refund,
        refund["id"],
        person_id,
        amount=-refund["amount"],
        currency=refund["currency"],
        occurred_at=at(refund["created"]),
    )


def is_booked(kind: EntryKind, stripe_source: str) -> bool:
    found = sa.exists().where(LedgerEntry.kind == kind, LedgerEntry.stripe_source == stripe_source)
    return bool(db.session.scalar(sa.select(found)))


def _book(kind: EntryKind, source: str, person_id: int, **row: object) -> bool:
    whole = {"kind": kind, "stripe_source": source, "person_id": person_id, "mode": gateway().mode}
    return insert_once(LedgerEntry, ["kind", "stripe_source"], whole | row)


def _subscription_of(invoice: Json) -> Subscription | None:
    parent = invoice["parent"] or {}
    details = parent.get("subscription_details")
    return sync.subscription_known(details["subscription"]) if details else None


def _extend_membership(subscription: Subscription, invoice: Json) -> None:
    periods = [line["period"] for line in invoice["lines"]["data"]]
    memberships.pay(
        subscription.person,
        source=subscription.stripe_id,
        since=at(min(period["start"] for period in periods)),
        until=at(max(period["end"] for period in periods)),
    )
    if subscription.ended_at is not None:
        memberships.end(source=subscription.stripe_id, ended=subscription.ended_at)


def _note_recovery(invoice_id: str, paid_at: datetime) -> None:
    db.session.execute(
        sa.update(FailedPayment)
        .where(FailedPayment.stripe_invoice == invoice_id, FailedPayment.recovered_at.is_(None))
        .values(recovered_at=paid_at, next_try_at=None)
    )


def _paid(donation: Donation, giver: Person, paid_at: datetime) -> None:
    """The first payment of a donation made here: it is done, and its giver is thanked."""
    if donation.paid_at is not None:
        return
    donation.paid_at, donation.person_id = paid_at, giver.id
    thank(donation, giver)
