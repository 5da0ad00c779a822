"""What givers and staff are told by e-mail, each thing once."""

from typing import Any

from membership.books.models import Dispute, Donation, FailedPayment, Interval, Subscription
from membership.extensions import settings
from membership.mail import outbox
from membership.patrons import memberships, sign_in
from membership.patrons.models import Person


def thank(donation: Donation, person: Person) -> None:
    """Thank for a donation, with a link that signs the giver in."""
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
    """Tell a patron that a renewal did not go through, what to do, and what follows."""
    person = failure.person
    period = memberships.current_period(person)
    outbox.queue(
        "payment_failed",
        to=person.email,
        language=person.language,
        about=f"failed:{failure.stripe_invoice}",
        money=failure.money,
        reason=failure.reason,
        until=period.ends_at if period else None,
        link=_giving(),
        pay_at=failure.pay_at,
    )


def tell_of_no_payment(donation: Donation) -> None:
    """Tell a giver that the bank did not pay after Checkout was done."""
    outbox.queue(
        "not_paid",
        to=donation.email,
        language=donation.language,
        about=f"not-paid:{donation.public_id}",
        money=donation.money,
        interval=donation.interval,
        link=f"{settings.site_url}/support?d={donation.public_id}",
    )


def forget_no_payment(donation: str) -> None:
    """Take out what the giver of the donation with that public id was told of it."""
    outbox.forget(f"not-paid:{donation}")


def tell_of_second(first: Subscription, second: Subscription) -> None:
    """Tell a patron, and staff, that they now give twice, and how to undo it."""
    person = second.person
    about = f"second:{first.stripe_id}:{second.stripe_id}"
    facts: dict[str, Any] = {"first": first, "second": second}
    outbox.queue(
        "second_subscription",
        to=person.email,
        language=person.language,
        about=about,
        link=_giving(),
        **facts,
    )
    _tell_staff("staff_second", about, person=person, **facts)


def tell_staff_of_gift(donation: Donation, giver: Person) -> None:
    _tell_staff("staff_gift", f"gift:{donation.public_id}", donation=donation, person=giver)


def tell_staff_of_dispute(dispute: Dispute) -> None:
    _tell_staff("staff_dispute", f"dispute:{dispute.stripe_id}", dispute=dispute)


def tell_staff_of_silence(about: str, **facts: object) -> bool:
    return _tell_staff("staff_silence", about, **facts)


def _tell_staff(template: str, about: str, **facts: Any) -> bool:
    return outbox.queue(
        template,
        to=settings.staff_address,
        language=settings.languages[0],
        about=f"staff:{about}",
        desk=settings.site_url + "/staff",
        **facts,
    )


def _giving() -> str:
    return f"{settings.site_url}/account/giving"
