"""The dated facts of what is given: each invoice's regular lines, once it is settled.

What is billed once, and the parts of a term that a change gives back or adds, are no part of it:
a change counts from the first invoice that bills it in full.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from membership.books import failures, gives, sync, tiers
from membership.books.models import Interval, Subscription
from membership.books.term_models import Settled, Term
from membership.clock import at
from membership.extensions import insert_once
from membership.gateway import Json, gateway
from membership.patrons.touched import Told, touch


def invoice_waived(event: Json) -> None:
    waived(event["data"]["object"])


def waived(invoice: Json) -> bool:
    """Note a renewal that nobody has to pay; False if it is not ours or was noted before.

    Stripe does so while collection is paused. One it asked for in vain and wrote off is given up.
    """
    subscription = sync.subscription_of(invoice)
    if subscription is None:
        return False
    failures.over(invoice, subscription)
    changed = invoice["status_transitions"]
    when = changed["voided_at"] or changed["marked_uncollectible_at"]
    is_written_off = invoice["status"] == "uncollectible" and invoice["attempt_count"] > 0
    settled = Settled.given_up if is_written_off else Settled.waived
    return note(subscription, invoice, settled, at(when or invoice["created"]))


def note(subscription: Subscription, invoice: Json, settled: Settled, settled_at: datetime) -> bool:
    """Add what `invoice` billed of `subscription` by the term; False if it was noted before."""
    rows = list(_rows(subscription, invoice))
    for row in rows:
        row |= {"settled": settled, "settled_at": settled_at}
    added = [insert_once(Term, ["stripe_invoice", "stripe_item", "settled"], row) for row in rows]
    if any(added):
        told = Told.given if settled is Settled.paid else Told.given | Told.refused
        touch(subscription.person_id, told)
    return any(added)


def _rows(subscription: Subscription, invoice: Json) -> Iterator[dict[str, Any]]:
    lines: dict[str, list[Json]] = defaultdict(list)
    credit: set[str] = set()
    for line in gives.lines_of(invoice):
        details = (line["parent"] or {}).get("subscription_item_details")
        if details is None:
            continue
        if gives.is_regular(line):
            lines[details["subscription_item"]].append(line)
        elif line["amount"] < 0:
            credit.add(details["subscription_item"])
        else:
            lines.setdefault(details["subscription_item"], [])
    begins = [line["period"]["start"] for its in lines.values() for line in its]
    if not begins:
        return
    for item, its in lines.items():
        if its:
            yield _row(subscription, invoice, item, its)
    for item in credit - lines.keys():
        first = at(min(begins))
        ended = {"stripe_item": item, "amount": 0, "starts_at": first, "ends_at": first}
        yield _row(subscription, invoice, item, next(filter(None, lines.values()))) | ended


def _row(subscription: Subscription, invoice: Json, item: str, lines: list[Json]) -> dict[str, Any]:
    interval, count = _every(subscription, lines[0])
    details = (lines[0]["pricing"] or {}).get("price_details") or {}
    tier = tiers.of_sold([sync.sold_by(details)]) if details else None
    return {
        "mode": subscription.mode,
        "person_id": subscription.person_id,
        "subscription_id": subscription.id,
        "stripe_invoice": invoice["id"],
        "stripe_item": item,
        "amount": sum(gives.net(line) for line in lines),
        "interval": interval,
        "interval_count": count,
        "tier_id": tier or subscription.tier_id,
        "starts_at": at(min(line["period"]["start"] for line in lines)),
        "ends_at": at(max(line["period"]["end"] for line in lines)),
    }


def _every(subscription: Subscription, line: Json) -> tuple[Interval, int]:
    """How often a line comes, which its price says: the length of its period does not."""
    details = (line["pricing"] or {}).get("price_details")
    if not details:
        return subscription.interval, subscription.interval_count
    stripe_id = sync.sold_by(details).price
    if stripe_id not in subscription.prices:
        learnt = gives.paid_each([gateway().price(stripe_id)])
        subscription.prices = {**subscription.prices, **learnt}
    interval, count = subscription.prices[stripe_id]
    return Interval(interval), count
