"""Bringing subscriptions and their people up to what Stripe says, in whatever order it is said.

News older than what is written down changes nothing; of two from the same second, which
Stripe's clock cannot tell apart, neither is believed and the object is fetched.
"""

from datetime import datetime

import sqlalchemy as sa

from membership.clock import at, clock
from membership.donations import tiers
from membership.donations.gateway import Json, gateway
from membership.donations.models import Customer, Donation, Interval, Product, Subscription
from membership.extensions import db, insert_once
from membership.patrons import memberships, people
from membership.patrons.models import Person


def subscription_changed(event: Json) -> None:
    subscription(event["data"]["object"], as_of=at(event["created"]))


def subscription(said: Json, *, as_of: datetime) -> Subscription | None:
    """Write down what Stripe `said` at `as_of` (UTC); None if the subscription is not ours."""
    product = _our_product(said)
    if product is None:
        return None
    known = _locked(said["id"])
    if known is None:
        return _insert(said, product, as_of)
    if as_of < known.as_of:
        return known
    if as_of == known.as_of:
        said = gateway().subscription(said["id"])
        product = _our_product(said) or product
    _write(known, said, product, as_of)
    return known


def subscription_known(stripe_id: str) -> Subscription | None:
    """Our row for a subscription, fetched if it has not been heard of; None if not ours."""
    return _locked(stripe_id) or subscription(gateway().subscription(stripe_id), as_of=clock.now())


def donation_of(thing: Json) -> Donation | None:
    """The pending donation that a session, subscription or payment intent came from."""
    public_id = (thing.get("metadata") or {}).get("hromada_donation")
    if public_id is None:
        return None
    return db.session.scalar(
        sa.select(Donation).where(Donation.public_id == public_id).with_for_update()
    )


def person_of(customer: str | Json, donation: Donation | None) -> Person:
    """Whose money it is: the giver's, else the customer's, who becomes known by it.

    A donation made here credits the address typed here, whatever the wallet says.
    """
    stripe_id = customer if isinstance(customer, str) else str(customer["id"])
    known = db.session.scalar(sa.select(Customer).where(Customer.stripe_id == stripe_id))
    if known is not None:
        return known.person
    if donation is not None:
        person = people.ensure(donation.email, language=donation.language)
        donation.person_id = person.id
    else:
        full = gateway().customer(stripe_id) if isinstance(customer, str) else customer
        person = people.ensure(full["email"], name=full["name"])
    insert_once(
        Customer,
        ["stripe_id"],
        {"person_id": person.id, "mode": gateway().mode, "stripe_id": stripe_id},
    )
    return person


def known_person(customer: str | None) -> int | None:
    """The id of the person behind a customer of ours; None if nobody here is."""
    return db.session.scalar(sa.select(Customer.person_id).where(Customer.stripe_id == customer))


def _our_product(said: Json) -> Product | None:
    ids = {item["price"]["product"] for item in said["items"]["data"]}
    return next(iter(tiers.by_product(ids).values()), None)


def _locked(stripe_id: str) -> Subscription | None:
    return db.session.scalar(
        sa.select(Subscription).where(Subscription.stripe_id == stripe_id).with_for_update()
    )


def _insert(said: Json, product: Product, as_of: datetime) -> Subscription | None:
    donation = donation_of(said)
    person = person_of(said["customer"], donation)
    row = Subscription(person_id=person.id, donation_id=donation.id if donation else None)
    _describe(row, said, product, as_of)
    fresh = {
        column.key: getattr(row, column.key)
        for column in sa.inspect(Subscription).columns
        if column.key != "id"
    }
    if not insert_once(Subscription, ["stripe_id"], fresh):
        return subscription(said, as_of=as_of)
    return _locked(said["id"])


def _write(row: Subscription, said: Json, product: Product, as_of: datetime) -> None:
    _describe(row, said, product, as_of)
    if row.ended_at is not None:
        memberships.end(source=row.stripe_id, ended=row.ended_at)


def _describe(row: Subscription, said: Json, product: Product, as_of: datetime) -> None:
    item = said["items"]["data"][0]
    customer, recurring = said["customer"], item["price"]["recurring"]
    row.stripe_id = said["id"]
    row.mode = gateway().mode
    row.tier_id = product.tier_id
    row.stripe_customer = customer if isinstance(customer, str) else customer["id"]
    row.status = said["status"]
    row.amount = item["price"]["unit_amount"] * item.get("quantity", 1)
    row.currency = item["price"]["currency"]
    row.interval = Interval(recurring["interval"])
    row.interval_count = recurring["interval_count"]
    row.started_at = at(said["start_date"])
    row.current_period_end = at(item["current_period_end"])
    row.cancel_at_period_end = said["cancel_at_period_end"]
    row.ended_at = at(said["ended_at"]) if said["ended_at"] else None
    row.as_of = as_of
