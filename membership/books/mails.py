"""What givers and staff are told by e-mail, each thing once."""

from datetime import datetime
from typing import Any

from flask import get_template_attribute
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from membership import web
from membership.books.models import Dispute, Donation, FailedPayment, Interval, Subscription
from membership.extensions import settings
from membership.mail import outbox
from membership.money import Money
from membership.patrons import memberships, people, sign_in
from membership.patrons.models import Person


def thank(donation: Donation, person: Person) -> None:
    """Thank for a donation, with a link that signs the giver in."""
    outbox.queue(
        "thanks_gift" if donation.interval is Interval.once else "thanks_patron",
        to=person.email,
        language=donation.language,
        about=f"thanks:{donation.public_id}",
        says={
            "name": people.called(person),
            "sum": gives_in_words(donation.money, donation.interval),
        },
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
        says={
            "name": people.called(person),
            "sum": LazyString(web.money, failure.money),
            "reason": why_refused(failure.reason),
            "ends": ends_in_words(period.ends_at if period else None),
        },
        reason=failure.reason,
        link=_giving(),
        pay_at=failure.pay_at,
    )


def why_refused(reason: str | None) -> LazyString:
    """What a bank's reason means to who gave, by Stripe's name for it."""
    if reason == "authentication_required":
        return _l("It wants you to confirm the payment yourself; that takes a minute.")
    if reason == "expired_card":
        return _l("Your card has expired.")
    return _l("It happens: a card expires, a limit is reached.")


def ends_in_words(at: datetime | None) -> LazyString | str:
    """What becomes of a membership that ends then (UTC) if nothing is paid."""
    if at is None:
        return ""
    return _l("Without a payment your membership ends on %(when)s.", when=LazyString(web.day, at))


def tell_of_no_payment(donation: Donation) -> None:
    """Tell a giver that the bank did not pay after Checkout was done."""
    outbox.queue(
        "not_paid",
        to=donation.email,
        language=donation.language,
        about=f"not-paid:{donation.public_id}",
        says={"sum": gives_in_words(donation.money, donation.interval)},
        link=f"{settings.site_url}/support?d={donation.public_id}",
    )


def forget_no_payment(donation: str) -> None:
    """Take out what the giver of the donation with that public id was told of it."""
    outbox.forget(f"not-paid:{donation}")


def tell_of_second(first: Subscription, second: Subscription) -> None:
    """Tell a patron, and staff, that they now give twice, and how to undo it."""
    person = second.person
    about = f"second:{first.stripe_id}:{second.stripe_id}"
    outbox.queue(
        "second_subscription",
        to=person.email,
        language=person.language,
        about=about,
        says={
            "name": people.called(person),
            "first": _subscription_in_words(first),
            "second": _subscription_in_words(second),
        },
        link=_giving(),
    )
    _tell_staff("staff_second", about, person=person, first=first, second=second)


def _subscription_in_words(its: Subscription) -> LazyString:
    return gives_in_words(its.money, its.interval, its.interval_count)


def gives_in_words(money: Money, interval: str, count: int = 1) -> LazyString:
    """ "€5 a month", as pages have it; `count` is how many months (weeks, …) apart."""

    def say() -> str:
        giving = get_template_attribute("components/money.html", "giving")
        its = Markup(giving(money, interval, count))  # noqa: S704 - it escaped what it says
        return its.unescape().strip()

    return LazyString(say)


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
