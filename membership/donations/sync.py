"""Bringing subscriptions up to what Stripe says, in whatever order it is said.

News older than what is written down changes nothing; of two from the same second, which
Stripe's clock cannot tell apart, neither is believed and the object is fetched.
"""

from datetime import datetime

import sqlalchemy as sa

from membership.clock import at
from membership.donations import standing, tiers
from membership.donations.customers import person_of
from membership.donations.gateway import Json, gateway
from membership.donations.models import Donation, Interval, Product, Subscription
from membership.extensions import db, insert_once

ENDED = ("canceled", "incomplete_expired")


def subscription_changed(event: Json) -> None:
    subscription(event["data"]["object"], as_of=at(event["created"]))


def subscription(said: Json, *, as_of: datetime) -> Subscription | None:
    """Write down what Stripe `said` at `as_of` (UTC); None if the subscription is not ours."""
    product = _our_product(said)
    if product is None:
        return None
    known = _find(said["id"])
    if known is None:
        return _insert(said, product, as_of)
    if as_of < known.as_of or known.status in ENDED:
        return known
    if as_of == known.as_of:
        return _ask_again(known)
    return _describe_anew(known, said, product, as_of)


def ask_again(stripe_id: str) -> Subscription | None:
    """Write down what Stripe says now of a subscription; None if it is not known."""
    known = _find(stripe_id)
    return known if known is None or known.status in ENDED else _ask_again(known)


def subscription_known(stripe_id: str) -> Subscription | None:
    """Our row for a subscription, locked; fetched if it is not known. None if not ours."""
    known = _find(stripe_id)
    if known is not None:
        return known
    said, as_of = gateway().subscription(stripe_id)
    return subscription(said, as_of=as_of)


def subscription_of(invoice: Json) -> Subscription | None:
    """The subscription that an invoice bills; None if it bills none of ours."""
    details = (invoice["parent"] or {}).get("subscription_details")
    if not details or not tiers.by_product(_billed(invoice)):
        return None
    return subscription_known(details["subscription"])


def locked(subscription_id: int) -> Subscription:
    """A subscription that is known, locked until the transaction ends."""
    return db.session.scalars(
        sa.select(Subscription)
        .where(Subscription.id == subscription_id)
        .with_for_update(key_share=True)
    ).one()


def donation_of(thing: Json) -> Donation | None:
    """The pending donation that a session, subscription or payment intent came from."""
    public_id = (thing.get("metadata") or {}).get("hromada_donation")
    if public_id is None:
        return None
    return db.session.scalar(
        sa.select(Donation).where(Donation.public_id == public_id).with_for_update(key_share=True)
    )


def _billed(invoice: Json) -> set[str]:
    """The products on an invoice's lines: enough to leave other people's invoices alone."""
    prices = [(line["pricing"] or {}).get("price_details") for line in invoice["lines"]["data"]]
    return {price["product"] for price in prices if price}


def _our_product(said: Json) -> Product | None:
    ids = {item["price"]["product"] for item in said["items"]["data"]}
    return next(iter(tiers.by_product(ids).values()), None)


def _find(stripe_id: str) -> Subscription | None:
    return db.session.scalar(
        sa.select(Subscription)
        .where(Subscription.stripe_id == stripe_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def _ask_again(known: Subscription) -> Subscription:
    """Asked under the row's lock: what is written cannot be newer than the answer."""
    said, asked = gateway().subscription(known.stripe_id)
    return _describe_anew(known, said, _our_product(said), max(known.as_of, asked))


def _describe_anew(
    known: Subscription, said: Json, product: Product | None, as_of: datetime
) -> Subscription:
    _describe(known, said, product, as_of)
    if known.ended_at is not None:
        standing.refresh(known)
    return known


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
    return _find(said["id"])


def _describe(row: Subscription, said: Json, product: Product | None, as_of: datetime) -> None:
    """A product that is no longer ours leaves the tier as it was."""
    item = said["items"]["data"][0]
    customer, recurring, pause = (
        said["customer"],
        item["price"]["recurring"],
        said["pause_collection"],
    )
    row.stripe_id = said["id"]
    row.mode = gateway().mode
    if product is not None:
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
    row.cancel_at = _moment(said["cancel_at"])
    row.cancel_feedback = (said["cancellation_details"] or {}).get("feedback")
    row.is_paused = pause is not None
    row.resumes_at = _moment(pause and pause["resumes_at"])
    row.ended_at = _moment(said["ended_at"])
    row.as_of = as_of


def _moment(timestamp: int | None) -> datetime | None:
    return at(timestamp) if timestamp is not None else None
