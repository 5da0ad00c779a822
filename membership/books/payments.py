"""Payments that arrived: each booked once, whoever tells of it and how often."""

from datetime import datetime

import sqlalchemy as sa

from membership.books import (
    customers,
    failures,
    gives,
    ledger,
    mails,
    second,
    standing,
    sync,
    terms,
)
from membership.books.models import Donation, EntryKind, InvoicePayment, LedgerEntry, Subscription
from membership.books.term_models import Settled
from membership.clock import at
from membership.extensions import db
from membership.gateway import Json, gateway
from membership.money import Money
from membership.patrons import consent
from membership.patrons.models import Person

GIFT = "gift"


def invoice_paid(event: Json) -> None:
    book_invoice(event["data"]["object"])


def invoice_payment_paid(event: Json) -> None:
    """Stripe says here alone which payment intent an invoice was paid by."""
    link_payment(event["data"]["object"])


def link_payment(paid: Json) -> None:
    intent = paid["payment"].get("payment_intent")
    if intent is not None:
        ledger.link(intent if isinstance(intent, str) else intent["id"], paid["invoice"])


def book_invoice(invoice: Json) -> bool:
    """Book a paid invoice of a subscription of ours and extend the membership.

    One that was paid from the customer's credit is booked with the amount zero: it brings no
    money and is membership all the same. False if it is not ours or was booked before.
    """
    subscription = sync.subscription_of(invoice)
    if subscription is None:
        return False
    paid_at = at(invoice["status_transitions"]["paid_at"] or invoice["created"])
    terms.note(subscription, invoice, Settled.paid, paid_at)
    if invoice["total"] <= 0:
        return False
    # A credit for what a change made useless is a line as well, and its span is no gift.
    periods = [line["period"] for line in gives.lines_of(invoice) if line["amount"] > 0]
    booked = ledger.book(
        EntryKind.charge,
        invoice["id"],
        subscription.person_id,
        Money(invoice["amount_paid"], invoice["currency"]),
        paid_at,
        subscription_id=subscription.id,
        donation_id=subscription.donation_id,
        covers_from=at(min(period["start"] for period in periods)),
        covers_until=at(max(period["end"] for period in periods)),
        is_renewal=invoice["billing_reason"] == failures.RENEWAL,
    )
    if booked:
        if invoice["billing_reason"] == failures.RENEWAL:
            failures.over(invoice, subscription)
            failures.recovered(invoice["id"], paid_at)
        _first_of(subscription, paid_at)
        standing.refresh(subscription)
    return booked


def gift_paid(payment_intent: str) -> None:
    """Book a one-time donation as Stripe describes it: its day must not depend on who tells."""
    if ledger.find(EntryKind.charge, payment_intent) is None:
        book_intent(gateway().payment_intent(payment_intent))


def book_intent(intent: Json) -> bool:
    """Book a payment intent, its customer in full, if it is a one-time donation and succeeded.

    One that was made here is ours still where its donation is not known any more. False if it is
    not ours or was booked before.
    """
    said = intent["metadata"] or {}
    is_ours = said.get("hromada") == GIFT or "hromada_donation" in said
    if intent["status"] != "succeeded" or not is_ours:
        return False
    donation, made = sync.donation_of(intent), at(intent["created"])
    person = customers.person_of(intent["customer"], donation)
    booked = ledger.book(
        EntryKind.charge,
        intent["id"],
        person.id,
        Money(intent["amount_received"], intent["currency"]),
        made,
        donation_id=donation.id if donation else None,
    )
    if booked and donation is not None:
        _done(donation, person, made)
    return booked


def charge_behind(payment_intent: str | None) -> LedgerEntry | None:
    """The charge that a payment intent made; booked now, if Stripe has not told us of it yet.

    None if it is not ours.
    """
    if payment_intent is None:
        return None
    known = ledger.find(EntryKind.charge, payment_intent)
    if known is not None:
        return known
    invoice_id = db.session.scalar(
        sa.select(InvoicePayment.stripe_invoice).where(
            InvoicePayment.stripe_payment_intent == payment_intent
        )
    ) or gateway().invoice_of(payment_intent)
    if invoice_id is None:
        book_intent(gateway().payment_intent(payment_intent))
        return ledger.find(EntryKind.charge, payment_intent)
    known = ledger.find(EntryKind.charge, invoice_id)
    if known is None:
        invoice = gateway().invoice(invoice_id)
        if invoice["status"] == "paid":
            book_invoice(invoice)
        known = ledger.find(EntryKind.charge, invoice_id)
    if known is not None:
        # Whoever books this invoice has its subscription's lock and then waits for the link.
        sync.locked_behind(known)
        ledger.link(payment_intent, invoice_id)
    return known


def intent_behind(charge: LedgerEntry) -> str | None:
    """The payment intent that made a charge; None if it was paid from credit."""
    known = ledger.intent_of(charge)
    if known is not None or charge.kind is not EntryKind.charge:
        return known
    for payment in gateway().invoice(charge.stripe_source)["payments"]["data"]:
        link_payment(payment)
    return ledger.intent_of(charge)


def _first_of(subscription: Subscription, paid_at: datetime) -> None:
    if subscription.paid_until is None:
        second.look_for(subscription)
    if subscription.donation_id is not None:
        donation = db.session.get_one(Donation, subscription.donation_id)
        _done(donation, subscription.person, paid_at)


def _done(donation: Donation, giver: Person, paid_at: datetime) -> None:
    """The first payment of a donation made here: it is done, and its giver is thanked."""
    if donation.paid_at is not None:
        return
    donation.paid_at, donation.person_id = paid_at, giver.id
    if donation.consent:
        consent.agree(
            giver,
            donation.consent,
            language=donation.language,
            where=consent.GIVING,
            at=donation.created_at,
        )
    mails.thank(donation, giver)
    mails.tell_staff_of_gift(donation, giver)
