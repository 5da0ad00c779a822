"""From a filled-in form to Stripe's Checkout page.

The pending donation is committed before Stripe is asked for anything, and each request to
Stripe carries a key derived from it: a double click, a retry or a crash in between ends at
the same customer and the same Checkout Session.
"""

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from config import SOURCE_LANGUAGE
from membership.books import tiers
from membership.books.models import Customer, Donation, Interval, Subscription
from membership.clock import clock
from membership.extensions import db, insert_once, keyed_hash, settings
from membership.gateway import Json, NotThere, gateway
from membership.giving import guard
from membership.giving.guard import NOBODY, Caller
from membership.money import Money
from membership.patrons.models import Person

if TYPE_CHECKING:
    from membership.gateway import CheckoutParams

# A Checkout Session can be paid for a day (docs.stripe.com/api/checkout/sessions, expires_at).
SESSION_LASTS = timedelta(hours=23)
OPEN = ("active", "past_due", "trialing", "unpaid", "paused")


class AlreadyGiving(Exception):
    """This person has a subscription; a second one is offered as a change of the first."""


@dataclass(frozen=True)
class Wish:
    """What somebody wants to give, as checked by the form."""

    email: str
    money: Money
    interval: Interval
    language: str
    source: str | None = None
    first_source: str | None = None
    campaign: str | None = None
    referrer: str | None = None
    consent: str | None = None
    """The words to which they agreed, to be written to."""


def start(
    wish: Wish, *, attempt: str | None = None, giver: Person | None, caller: Caller = NOBODY
) -> str:
    """Write down the pending donation and open a Checkout Session; its address.

    `attempt` names the form that was sent: the same one leads to the same session. Without a name
    the same wish of the same caller does, until the session is over. `giver` is the signed-in
    person, if any. Raises AlreadyGiving, TooManyTries, NoTiers, StripeDown,
    StripeRefused.
    """
    if giver is not None and wish.interval is not Interval.once and _is_giving(giver):
        raise AlreadyGiving
    if giver is not None:
        wish = replace(wish, email=giver.email)
    attempt = attempt or _named_by(wish, caller)
    donation = find_attempt(attempt) or _pending(wish, attempt, giver, caller)
    if donation.consent != wish.consent:
        donation.consent, donation.language = wish.consent, wish.language
        db.session.commit()
    if donation.session_url is None:
        product = tiers.product_of(donation.tier)
        if donation.stripe_customer is None:
            donation.stripe_customer = _customer_for(donation)
            db.session.commit()
        try:
            session = _open_session(donation, product.stripe_id)
        except NotThere:
            donation.stripe_customer = _customer_anew(donation)
            db.session.commit()
            session = _open_session(donation, product.stripe_id)
        donation.stripe_session, donation.session_url = session["id"], session["url"]
        db.session.commit()
    assert donation.session_url is not None
    return donation.session_url


def resume(public_id: str) -> Donation | None:
    """The unpaid donation that somebody came back from Stripe without finishing."""
    return db.session.scalar(
        sa.select(Donation).where(Donation.public_id == public_id, Donation.paid_at.is_(None))
    )


def find(public_id: str) -> Donation | None:
    return db.session.scalar(sa.select(Donation).where(Donation.public_id == public_id))


def _is_giving(person: Person) -> bool:
    wanted = sa.exists().where(
        Subscription.person_id == person.id,
        Subscription.mode == gateway().mode,
        Subscription.status.in_(OPEN),
    )
    return bool(db.session.scalar(sa.select(wanted)))


def find_attempt(attempt: str) -> Donation | None:
    return db.session.scalar(sa.select(Donation).where(Donation.attempt == attempt))


def _named_by(wish: Wish, caller: Caller) -> str:
    """A name for what this caller wishes: the same until what it began has come to an end.

    It comes after the last that did. How many did would not name it: some are forgotten.
    """
    same = (
        Donation.mode == gateway().mode,
        Donation.email == wish.email,
        Donation.client == caller.client,
        Donation.interval == wish.interval,
        Donation.currency == wish.money.currency,
        Donation.amount == wish.money.amount,
    )
    ends = (Donation.processing_at, Donation.paid_at, Donation.failed_at, Donation.expired_at)
    last = db.session.scalar(
        sa.select(sa.func.max(Donation.id)).where(
            *same,
            sa.or_(
                Donation.created_at < clock.now() - SESSION_LASTS,
                *(moment.is_not(None) for moment in ends),
            ),
        )
    )
    who = f"{gateway().mode}:{wish.email}:{caller.client}"
    return keyed_hash(f"{who}:{wish.interval}:{wish.money}:after:{last}")


def _pending(wish: Wish, attempt: str, giver: Person | None, caller: Caller) -> Donation:
    tier = tiers.tier_for(wish.money, wish.interval)
    insert_once(
        Donation,
        ["attempt"],
        {
            "public_id": secrets.token_hex(16),
            "attempt": attempt,
            "mode": gateway().mode,
            "email": wish.email,
            "person_id": giver.id if giver else None,
            "language": wish.language,
            "interval": wish.interval,
            "amount": wish.money.amount,
            "currency": wish.money.currency,
            "tier_id": tier.id,
            "source": wish.source,
            "first_source": wish.first_source,
            "campaign": wish.campaign,
            "referrer": wish.referrer,
            "consent": wish.consent,
            "client": caller.client,
            "visitor": caller.visitor,
            "tries": guard.tries(caller, wish.email, wish.money),
            "created_at": clock.now(),
        },
    )
    db.session.commit()
    return db.session.scalars(sa.select(Donation).where(Donation.attempt == attempt)).one()


def _customer_for(donation: Donation) -> str:
    """The customer to charge: the signed-in person's own, else one that has never paid.

    A stranger who types a patron's address must not get that patron's customer: Checkout
    would offer them the saved card. They get a new one, and the address gets the thanks.
    """
    known = db.session.execute(
        sa.select(Customer.stripe_id, Customer.deleted_at)
        .join(Customer.person)
        .where(Person.email == donation.email, Customer.mode == donation.mode)
        .order_by(Customer.id)
    ).all()
    db.session.commit()
    living = [row.stripe_id for row in known if row.deleted_at is None]
    if living and donation.person_id is not None:
        return str(living[0])
    whose = hashlib.sha256(f"{donation.mode}:{donation.email}:{len(known)}".encode()).hexdigest()
    return _create_customer(donation.email, key=f"customer-{whose}")


def _customer_anew(donation: Donation) -> str:
    """A customer in place of one that was deleted at Stripe, of which we have yet to hear."""
    db.session.execute(
        sa.update(Customer)
        .where(Customer.stripe_id == donation.stripe_customer, Customer.deleted_at.is_(None))
        .values(deleted_at=clock.now())
    )
    db.session.commit()
    return _create_customer(donation.email, key=f"customer-{donation.public_id}")


def _create_customer(email: str, *, key: str) -> str:
    """Marked, to be found again if we end before we could write down that it was made."""
    whose = {"hromada": settings.site_url}
    made = gateway().create_customer(email=email, metadata=whose, key=key)
    return str(made["id"])


def _open_session(donation: Donation, product: str) -> Json:
    key = f"session-{donation.public_id}-{donation.stripe_customer}"
    return gateway().create_session(_session(donation, product), key=key)


def _session(donation: Donation, product: str) -> "CheckoutParams":
    site = settings.site_url
    metadata = {
        "hromada_donation": donation.public_id,
        "hromada_tries": str(donation.tries),
        "hromada_signed_in": "yes" if donation.person_id else "no",
    }
    price: dict[str, object] = {
        "currency": donation.currency,
        "unit_amount": donation.amount,
        "product": product,
    }
    params: dict[str, object] = {
        "customer": donation.stripe_customer,
        "client_reference_id": donation.public_id,
        "metadata": metadata,
        "line_items": [{"price_data": price, "quantity": 1}],
        "success_url": f"{site}/support/thanks?d={donation.public_id}",
        "cancel_url": f"{site}/support?d={donation.public_id}",
        "locale": SOURCE_LANGUAGE if donation.language == SOURCE_LANGUAGE else "auto",
    }
    if donation.interval is Interval.once:
        params |= {
            "mode": "payment",
            "submit_type": "donate",
            "payment_intent_data": {"metadata": metadata},
        }
    else:
        price["recurring"] = {"interval": donation.interval.value}
        params |= {"mode": "subscription", "subscription_data": {"metadata": metadata}}
    return params  # type: ignore[return-value]
