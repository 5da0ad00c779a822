"""What the end of a Checkout Session means for the donation it came from."""

from membership.books import mails, payments, sync
from membership.clock import at
from membership.gateway import Json


def completed(event: Json) -> None:
    """Somebody went through Checkout. It is a payment only if Stripe says it is paid."""
    session = event["data"]["object"]
    donation = sync.donation_of(session)
    if donation is None:
        return
    if session["payment_status"] == "unpaid":
        donation.processing_at = donation.processing_at or at(event["created"])
    elif session["mode"] == "subscription":
        sync.subscription_known(session["subscription"])
    else:
        payments.gift_paid(session["payment_intent"])


def not_paid(event: Json) -> None:
    """The bank did not pay after all, days after Checkout was done."""
    donation = sync.donation_of(event["data"]["object"])
    if donation is not None and donation.paid_at is None and donation.failed_at is None:
        donation.failed_at = at(event["created"])
        mails.tell_of_no_payment(donation)


def expired(event: Json) -> None:
    donation = sync.donation_of(event["data"]["object"])
    if donation is not None and donation.paid_at is None:
        donation.expired_at = at(event["created"])
