"""Bringing subscriptions up to what Stripe says, in whatever order it is said.

News older than what is written down changes nothing. Of two from the same second, which
Stripe's clock cannot tell apart, neither is believed and the object is fetched, unless their
statuses say which came first.
"""

from datetime import datetime

import sqlalchemy as sa

from membership.books import gives, standing, tiers
from membership.books.customers import person_of
from membership.books.gives import ENDED
from membership.books.models import Donation, EntryKind, LedgerEntry, Subscription
from membership.books.tiers import Sold
from membership.clock import at
from membership.extensions import db, insert_once
from membership.gateway import Json, gateway
from membership.patrons.touched import Told, touch

# A subscription begins with this, never to return to it.
BEGINNING = "incomplete"

OF_WHAT_IS_DUE = {
    "amount",
    "cancel_at",
    "cancel_at_period_end",
    "current_period_end",
    "is_paused",
    "resumes_at",
    "status",
}
"""Of what was given before nothing follows from these."""

# Written once: putting a statement together takes longer than the database does.
DONATION = sa.select(Donation).where(Donation.public_id == sa.bindparam("public_id"))
LOCKED = (
    sa.select(Subscription)
    .where(Subscription.stripe_id == sa.bindparam("stripe_id"))
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)


def subscription_changed(event: Json) -> None:
    subscription(event["data"]["object"], at(event["created"]))


def subscription(said: Json, as_of: datetime, latest: datetime | None = None) -> bool:
    """Write down what Stripe `said` at `as_of` (UTC); False if the subscription is not ours.

    What was read may also be true of a later moment, up to `latest`.
    """
    known = _find(said["id"])
    if known is None:
        return _insert(said, as_of)
    if (latest or as_of) < known.as_of or _is_earlier(said["status"], known.status):
        return True
    if as_of <= known.as_of and not _is_earlier(known.status, said["status"]):
        _ask_again(known)
    else:
        _describe_anew(known, said, as_of)
    return True


def ask_again(stripe_id: str) -> None:
    """Write down what Stripe says now of a subscription, if it is known and has not ended."""
    known = _find(stripe_id)
    if known is not None and known.status not in ENDED:
        _ask_again(known)


def subscription_known(stripe_id: str) -> Subscription | None:
    """Our row for a subscription, locked; fetched if it is not known. None if not ours."""
    known = _find(stripe_id)
    if known is not None:
        return known
    read = gateway().subscription(stripe_id)
    return _find(stripe_id) if subscription(*read) else None


def subscription_of(invoice: Json) -> Subscription | None:
    """The subscription that an invoice bills; None if it bills none of ours."""
    details = (invoice["parent"] or {}).get("subscription_details")
    if not details:
        return None
    stripe_id = details["subscription"]
    is_ours = tiers.of_sold(_billed(invoice)) is not None or _was_ours(stripe_id, invoice)
    return subscription_known(stripe_id) if is_ours else None


def locked_behind(charge: LedgerEntry) -> Subscription | None:
    """The subscription a charge was for, locked until the transaction ends; None for a gift's.

    The charge is read again under that lock, or its own: whose it is may have changed.
    """
    if charge.subscription_id is None:
        db.session.refresh(charge, with_for_update={"read": True})
        return None
    subscription = db.session.scalars(
        sa.select(Subscription)
        .where(Subscription.id == charge.subscription_id)
        .with_for_update(key_share=True)
    ).one()
    db.session.refresh(charge)
    return subscription


def donation_of(thing: Json) -> Donation | None:
    """The pending donation that a session, subscription or payment intent came from.

    Not locked: whoever books its first payment has the subscription's lock, or the only row of
    the ledger, and no second order of locks may meet the first in a deadlock.
    """
    public_id = (thing.get("metadata") or {}).get("hromada_donation")
    if public_id is None:
        return None
    return db.session.scalar(DONATION, {"public_id": public_id})


def _billed(invoice: Json) -> list[Sold]:
    """What is on an invoice's lines: enough to leave other people's invoices alone."""
    prices = [(line["pricing"] or {}).get("price_details") for line in gives.lines_of(invoice)]
    return [sold_by(price) for price in prices if price]


def sold_by(price_details: Json) -> Sold:
    """What a line of an invoice bills."""
    price = price_details["price"]
    return Sold(price if isinstance(price, str) else price["id"], price_details["product"])


def sold_in(said: Json) -> list[Sold]:
    """What Stripe's description of a subscription bills."""
    prices = [item["price"] for item in said["items"]["data"]]
    return [Sold(price["id"], price["product"]) for price in prices]


def _was_ours(stripe_id: str, invoice: Json) -> bool:
    """Whether it was a patron's before somebody at Stripe gave it a product that is not ours."""
    given = (
        sa.select(Subscription.id)
        .outerjoin(LedgerEntry, LedgerEntry.subscription_id == Subscription.id)
        .where(
            Subscription.stripe_id == stripe_id,
            sa.or_(
                Subscription.donation_id.is_not(None),
                sa.and_(
                    LedgerEntry.kind == EntryKind.charge,
                    LedgerEntry.occurred_at <= at(invoice["created"]),
                ),
            ),
        )
    )
    return db.session.scalar(given.limit(1)) is not None


def _tier(said: Json) -> int | None:
    return tiers.of_sold(sold_in(said))


def _find(stripe_id: str) -> Subscription | None:
    return db.session.scalar(LOCKED, {"stripe_id": stripe_id})


def _is_earlier(status: str, other: str) -> bool:
    """Whether nothing but its status is needed to know that one state came before another."""
    return other in ENDED or status == BEGINNING != other


def _ask_again(known: Subscription) -> None:
    """Asked under the row's lock: what is written cannot be newer than the answer."""
    read = gateway().subscription(known.stripe_id)
    _describe_anew(known, read.said, max(known.as_of, read.as_of))


def _describe_anew(known: Subscription, said: Json, as_of: datetime) -> None:
    """A product that is no longer ours leaves the tier as it was."""
    _describe(known, said, _tier(said) or known.tier_id, as_of)
    changed = _changed(known)
    if changed:
        touch(known.person_id, Told.due if changed <= OF_WHAT_IS_DUE else Told.anything)
    if known.ended_at is not None:
        standing.refresh(known)


def _changed(known: Subscription) -> set[str]:
    """What is described otherwise than before; much that Stripe tells we do not keep."""
    said = sa.inspect(known).attrs
    return {one.key for one in said if one.history.has_changes()} - {"as_of", "prices"}


def _insert(said: Json, as_of: datetime) -> bool:
    tier = _tier(said)
    if tier is None:
        return False
    donation = donation_of(said)
    person = person_of(said["customer"], donation)
    row = Subscription(person_id=person.id, donation_id=donation.id if donation else None)
    _describe(row, said, tier, as_of)
    fresh = {
        column.key: getattr(row, column.key)
        for column in sa.inspect(Subscription).columns
        if column.key != "id"
    }
    # Of what nobody has paid for yet nothing follows.
    return insert_once(Subscription, ["stripe_id"], fresh) or subscription(said, as_of)


def _describe(row: Subscription, said: Json, tier_id: int, as_of: datetime) -> None:
    items, customer, pause = said["items"]["data"], said["customer"], said["pause_collection"]
    row.stripe_id = said["id"]
    row.mode = gateway().mode
    row.tier_id = tier_id
    row.stripe_customer = customer if isinstance(customer, str) else customer["id"]
    row.status = said["status"]
    row.amount, row.interval, row.interval_count = gives.reckoned(said, known=row.amount)
    row.prices = {**(row.prices or {}), **gives.paid_each(item["price"] for item in items)}
    row.currency = said["currency"]
    row.started_at = at(said["start_date"])
    row.current_period_end = at(min(item["current_period_end"] for item in items))
    row.cancel_at_period_end = said["cancel_at_period_end"]
    row.cancel_at = _moment(said["cancel_at"])
    leaving = said["cancellation_details"] or {}
    row.cancel_feedback, row.end_reason = leaving.get("feedback"), leaving.get("reason")
    row.is_paused = pause is not None
    row.resumes_at = _moment(pause and pause["resumes_at"])
    row.ended_at = _moment(said["ended_at"])
    row.as_of = as_of


def _moment(timestamp: int | None) -> datetime | None:
    return at(timestamp) if timestamp is not None else None
