"""What givers are told by e-mail."""

from flask import current_app

from membership.donations.models import Donation, FailedPayment, Interval
from membership.mail import outbox
from membership.patrons import memberships, sign_in
from membership.patrons.models import Person


def thank(donation: Donation, person: Person) -> None:
    """Thank for a donation, once, with a link that signs the giver in."""
    outbox.queue(
        "thanks",
        to=person.email,
        language=donation.language,
        about=f"thanks:{donation.public_id}",
        money=donation.money,
        interval=donation.interval,
        recurring=donation.interval is not Interval.once,
        link=sign_in.make_link(person, lasts=sign_in.WELCOME_LASTS),
    )


def tell_of_failure(failure: FailedPayment) -> None:
    """Tell a patron, once per invoice, that a renewal did not go through and what follows."""
    person = failure.person
    period = memberships.current_period(person)
    outbox.queue(
        "payment_failed",
        to=person.email,
        language=person.language,
        about=f"failed:{failure.stripe_invoice}",
        money=failure.money,
        until=period.ends_at if period else None,
        link=current_app.config["SITE_URL"] + "/account/giving",
    )
