"""What a patron changes about a running subscription: amount, pause, end.

Each asks Stripe under a key that names the form, and at once writes down what Stripe says then,
so that the page that follows tells the truth; the webhook that comes later changes nothing.
No transaction is open while Stripe is asked to change something.
"""

import contextlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from dateutil.relativedelta import relativedelta

from membership.books import gives, sync, tiers
from membership.books.models import Interval, Subscription
from membership.clock import at, clock
from membership.extensions import db
from membership.gateway import NotThere, gateway
from membership.money import Money, NotAnAmount
from membership.patrons.models import Person

if TYPE_CHECKING:
    from membership.gateway import ChangeParams, PreviewParams

LONGEST_PAUSE_MONTHS = 6
FEEDBACK = (
    "too_expensive",
    "unused",
    "low_quality",
    "missing_features",
    "switched_service",
    "customer_service",
    "too_complex",
    "other",
)


class NotRunning(LookupError):
    """There is no such subscription of this person, or it has ended."""


@dataclass(frozen=True)
class Preview:
    """What a change costs today (less the unused part of what was paid) and when it is next due.

    `at` (UTC) is the moment from which what was paid counts as unused.
    """

    today: Money
    next_due: datetime
    at: datetime


def running(person: Person, stripe_id: str) -> Subscription:
    """Raises NotRunning."""
    found = db.session.scalar(
        sa.select(Subscription).where(
            Subscription.stripe_id == stripe_id,
            Subscription.person_id == person.id,
            Subscription.mode == gateway().mode,
            Subscription.ended_at.is_(None),
        )
    )
    if found is None:
        raise NotRunning(stripe_id)
    return found


def bills_now(subscription: Subscription, interval: Interval) -> bool:
    """Whether giving by `interval` from now on starts a new period, paid today."""
    return (interval, 1) != (subscription.interval, subscription.interval_count)


def preview(subscription: Subscription, money: Money, interval: Interval) -> Preview:
    """Ask Stripe what going over to another `interval` would bill. Raises as `change_amount`."""
    details = _new_price(subscription, money, interval)
    discounts = details.pop("discounts", None)
    params: dict[str, Any] = {
        "subscription": subscription.stripe_id,
        "subscription_details": details,
    }
    if discounts is not None:
        params["discounts"] = discounts
    db.session.commit()
    said = gateway().preview_invoice(_as_preview(params))
    billed = [line for line in gives.lines_of(said) if line["amount"] > 0]
    return Preview(
        today=Money(said["amount_due"], said["currency"]),
        next_due=at(max(line["period"]["end"] for line in billed)),
        at=at(min(line["period"]["start"] for line in billed)),
    )


def change_amount(
    subscription: Subscription,
    money: Money,
    interval: Interval,
    *,
    key: str,
    previewed: datetime | None = None,
) -> None:
    """Give `money` by `interval` from now on; the tier follows the amount. Commits.

    It is all that is given then: other items and discounts set up at Stripe go, and so does what
    was planned there for later.
    The same interval: counts from the next payment, nothing is billed today. Another one: its
    first payment is due today, less the unused part of what was paid (Stripe's proration),
    reckoned from when it was `previewed` (UTC), so that what was shown is what is charged.
    Raises NotAnAmount for another currency, NoTiers, StripeDown, StripeRefused.
    """
    params = _new_price(subscription, money, interval)
    if previewed is not None and bills_now(subscription, interval):
        params["proration_date"] = int(previewed.timestamp())
    _change(subscription, params, key=key)


def pause(subscription: Subscription, *, months: int, key: str) -> None:
    """Collect nothing for `months` after what is paid: renewals in between are void. Commits.

    One month at least, LONGEST_PAUSE_MONTHS at the most.
    """
    months = min(max(months, 1), LONGEST_PAUSE_MONTHS)
    until = max(subscription.current_period_end, clock.now()) + relativedelta(months=months)
    pause = {"behavior": "void", "resumes_at": int(until.timestamp())}
    _change(subscription, {"pause_collection": pause}, key=key)


def resume(subscription: Subscription, *, key: str) -> None:
    """Collect again from the next renewal on. Commits."""
    _change(subscription, {"pause_collection": ""}, key=key)


def cancel(subscription: Subscription, *, feedback: str | None, comment: str, key: str) -> None:
    """Let it end with what is paid for. `feedback` is one of FEEDBACK. Commits."""
    details = {
        name: value for name, value in (("feedback", feedback), ("comment", comment)) if value
    }
    params: dict[str, Any] = {"cancel_at_period_end": True}
    if details:
        params["cancellation_details"] = details
    _change(subscription, params, key=key)


def keep(subscription: Subscription, *, key: str) -> None:
    """Take a cancellation back, as long as it has not happened. Commits."""
    _change(subscription, {"cancel_at_period_end": False}, key=key)


def end(stripe_id: str) -> None:
    """End a subscription at once; nothing is given back by it. Commits."""
    db.session.commit()
    with contextlib.suppress(NotThere):
        gateway().cancel_subscription(stripe_id, {})
    _write_down(stripe_id)


def _change(subscription: Subscription, params: dict[str, Any], *, key: str) -> None:
    stripe_id = subscription.stripe_id
    db.session.commit()
    schedule = gateway().subscription(stripe_id).said["schedule"]
    if schedule is not None:
        # Stripe lets nobody change what a schedule decides.
        gateway().release_schedule(schedule if isinstance(schedule, str) else schedule["id"])
    gateway().change_subscription(stripe_id, _as_change(params), key=key)
    _write_down(stripe_id)


def _write_down(stripe_id: str) -> None:
    sync.ask_again(stripe_id)
    db.session.commit()


def _new_price(subscription: Subscription, money: Money, interval: Interval) -> dict[str, Any]:
    if money.currency != subscription.currency:
        raise NotAnAmount(money.currency)
    product = tiers.product_of(tiers.tier_for(money, interval))
    said = gateway().subscription(subscription.stripe_id).said
    first, *others = said["items"]["data"]
    price = {
        "currency": money.currency,
        "unit_amount": money.amount,
        "product": product.stripe_id,
        "recurring": {"interval": interval.value},
    }
    changed: dict[str, Any] = {
        "items": [
            {"id": first["id"], "price_data": price, "quantity": 1},
            *({"id": other["id"], "deleted": True} for other in others),
        ]
    }
    if said["discounts"] or first["discounts"]:
        changed["discounts"] = ""
        changed["items"][0]["discounts"] = ""
    if not bills_now(subscription, interval):
        return changed | {"proration_behavior": "none"}
    return changed | {
        "proration_behavior": "always_invoice",
        "billing_cycle_anchor": {"type": "now"},
    }


def _as_change(params: dict[str, Any]) -> "ChangeParams":
    return params  # type: ignore[return-value]


def _as_preview(params: dict[str, Any]) -> "PreviewParams":
    return params  # type: ignore[return-value]
