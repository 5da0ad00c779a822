"""Stripe's events: signature checked, stored once, applied in one transaction with all they do."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
import structlog

from config import Mode
from membership.books import (
    cards,
    customers,
    disputes,
    failures,
    payments,
    payouts,
    refunds,
    sync,
    terms,
    turns,
)
from membership.books.odd import in_one_line
from membership.clock import at, clock
from membership.extensions import db, insert_once, settings
from membership.gateway import Json, StripeDown, StripeRefused, gateway
from membership.inbox import endpoint, sessions, versions
from membership.inbox.models import StripeEvent

log = structlog.get_logger()

KEPT = timedelta(days=90)

# What Stripe's objects say of a person, which no handler reads: it is not kept.
PERSONAL = frozenset(
    {
        "address",
        "billing_details",
        "collected_information",
        "custom_fields",
        "customer_address",
        "customer_details",
        "customer_email",
        "customer_name",
        "customer_phone",
        "customer_shipping",
        "customer_tax_ids",
        "description",
        "email",
        "evidence",
        "instructions_email",
        "name",
        "phone",
        "receipt_email",
        "shipping",
        "shipping_details",
    }
)


class WrongMode(ValueError):
    """A live event in test mode, or the other way round."""


def follow_clock(event: Json) -> None:
    """In sandbox mode the newsroom's time is the sandbox's own clock."""
    moved = event["data"]["object"]
    if gateway().mode is Mode.sandbox and moved["id"] == "clock_sandbox":
        clock.run_ahead_to(at(moved["frozen_time"]))


HANDLERS: dict[str, Callable[[Json], None]] = {
    "charge.dispute.closed": disputes.dispute_changed,
    "charge.dispute.created": disputes.dispute_changed,
    "charge.dispute.funds_reinstated": disputes.dispute_changed,
    "charge.dispute.funds_withdrawn": disputes.dispute_changed,
    "charge.dispute.updated": disputes.dispute_changed,
    "checkout.session.async_payment_failed": sessions.not_paid,
    "checkout.session.async_payment_succeeded": sessions.completed,
    "checkout.session.completed": sessions.completed,
    "checkout.session.expired": sessions.expired,
    "customer.deleted": customers.deleted,
    "customer.subscription.created": sync.subscription_changed,
    "customer.subscription.deleted": sync.subscription_changed,
    "customer.subscription.paused": sync.subscription_changed,
    "customer.subscription.resumed": sync.subscription_changed,
    "customer.subscription.updated": sync.subscription_changed,
    "invoice.marked_uncollectible": terms.invoice_waived,
    "invoice.paid": payments.invoice_paid,
    "invoice.payment_action_required": failures.invoice_failed,
    "invoice.payment_failed": failures.invoice_failed,
    "invoice.voided": terms.invoice_waived,
    "invoice_payment.paid": payments.invoice_payment_paid,
    "payment_method.attached": cards.attached,
    "payment_method.automatically_updated": cards.updated,
    "payment_method.updated": cards.attached,
    "payout.canceled": payouts.payout_changed,
    "payout.created": payouts.payout_changed,
    "payout.failed": payouts.payout_changed,
    "payout.paid": payouts.payout_changed,
    "payout.reconciliation_completed": payouts.payout_changed,
    "payout.updated": payouts.payout_changed,
    "refund.created": refunds.refund_changed,
    "refund.failed": refunds.refund_changed,
    "refund.updated": refunds.refund_changed,
    "test_helpers.test_clock.ready": follow_clock,
}
"""What each event type does. A type that is not here changes nothing and is not stored."""

EVENTS = [type_ for type_ in HANDLERS if not type_.startswith("test_helpers.")]
"""What the endpoint at Stripe is registered for."""


@dataclass(frozen=True)
class Taken:
    """What became of an event; `error` says why it could not be applied."""

    id: str
    type: str
    error: str | None = None


def receive(payload: bytes, signature: str | None) -> Taken:
    """Check, store and apply one delivery, and commit.

    With an `error` the caller answers 500 so that Stripe sends it again. Raises BadSignature
    and WrongMode, having changed nothing.
    """
    event = endpoint.verified(payload, signature)
    if event["livemode"] is not (gateway().mode is Mode.live):
        raise WrongMode(event["id"])
    return take(event)


def take(event: Json) -> Taken:
    """Store an event once, apply it unless it has been, and commit: all of it or none.

    What changes nothing here is answered at once: most of what Stripe says of a new patron.
    """
    if event["type"] not in HANDLERS:
        return Taken(event["id"], event["type"])
    try:
        if _store(event, applied_at=clock.now()) or _to_be_tried_again(event["id"]):
            _apply(event)
        db.session.commit()
    except Exception as error:
        # Whatever went wrong, the event must stay with its reason and be sent again.
        db.session.rollback()
        log.exception("event not applied", event_id=event["id"], type=event["type"])
        reason = in_one_line(error)
        _keep(event, reason)
        return Taken(event["id"], event["type"], reason)
    return Taken(event["id"], event["type"])


def undelivered() -> list[Json]:
    """The latest events that Stripe could not deliver and that mean something here, newest first.

    Raises StripeDown.
    """
    return [event for event in gateway().undelivered_events() if event["type"] in HANDLERS]


def take_undelivered() -> list[Taken]:
    """Take them as if they had come now, oldest first. Raises StripeDown."""
    return [take(event) for event in reversed(undelivered())]


def replay(event_id: str | None = None) -> list[Taken]:
    """Apply stored events that failed (or the one named); what became of each."""
    wanted = sa.select(StripeEvent.id).where(StripeEvent.applied_at.is_(None))
    if event_id is not None:
        wanted = wanted.where(StripeEvent.id == event_id)
    found = []
    for stuck in db.session.scalars(wanted.order_by(StripeEvent.created_at)).all():
        payload = db.session.scalars(
            sa.select(StripeEvent.payload).where(StripeEvent.id == stuck)
        ).one()
        db.session.rollback()
        found.append(take(payload))
    return found


def replay_stuck() -> None:
    """Try again what failed: by now the code may know it, or what it waited for has come."""
    replay()


def _store(event: Json, **values: object) -> bool:
    """Write the event down; False if it is there already.

    Waits for another process that is applying the same.
    """
    return insert_once(StripeEvent, ["id"], _row(event) | {"attempts": 1} | values)


def _to_be_tried_again(event_id: str) -> bool:
    """Whether an event that is there failed before; if so it now counts as applied."""
    tried = db.session.execute(
        sa.update(StripeEvent)
        .where(StripeEvent.id == event_id, StripeEvent.applied_at.is_(None))
        .values(applied_at=clock.now(), error=None, attempts=StripeEvent.attempts + 1)
    )
    return bool(tried.rowcount)  # type: ignore[attr-defined]


def _keep(event: Json, reason: str) -> None:
    """Write down that the event could not be applied, unless another process has."""
    if not _store(event, error=reason):
        db.session.execute(
            sa.update(StripeEvent)
            .where(StripeEvent.id == event["id"], StripeEvent.applied_at.is_(None))
            .values(error=reason, attempts=StripeEvent.attempts + 1)
        )
    db.session.commit()


def _row(event: Json) -> dict[str, object]:
    thing = event["data"]["object"]
    kept = {name: value for name, value in thing.items() if name not in PERSONAL}
    event = event | {"data": {"object": kept}}
    return {
        "id": event["id"],
        "type": event["type"],
        "created_at": at(event["created"]),
        "received_at": clock.now(),
        "payload": event,
    }


def _apply(event: Json) -> None:
    event = versions.current(event)
    customer = event["data"]["object"].get("customer")
    if isinstance(customer, str):
        turns.take(customer)
    HANDLERS[event["type"]](event)


def forget_old() -> int:
    """Delete events that were applied long ago; how many. Commits.

    Stripe sends nothing again after 30 days, so none of them can come back, and what they did
    stands in the books.
    """
    gone = db.session.execute(
        sa.delete(StripeEvent).where(
            StripeEvent.applied_at.is_not(None), StripeEvent.received_at < clock.now() - KEPT
        )
    )
    db.session.commit()
    return int(gone.rowcount)  # type: ignore[attr-defined]


def own_address() -> str:
    """Where Stripe is to send events, unless it is told otherwise."""
    return f"{settings.site_url}/webhooks/stripe"


def connect(url: str) -> Json:
    """Register `url` at Stripe for what means something here. Commits."""
    return endpoint.connect(url, list(HANDLERS) if gateway().mode is Mode.sandbox else EVENTS)


def not_asked_for(url: str) -> list[str]:
    """Events that mean something here and that Stripe is not asked to send to `url`.

    Empty while Stripe cannot be asked about it.
    """
    try:
        ours = endpoint.at_stripe(url)
    except (StripeDown, StripeRefused):
        return []
    asked = {type_ for one in ours for type_ in one["enabled_events"]}
    return [] if "*" in asked else [type_ for type_ in EVENTS if type_ not in asked]


def stuck(limit: int) -> list[StripeEvent]:
    """Events that could not be applied, the latest first."""
    wanted = (
        sa.select(StripeEvent)
        .where(StripeEvent.applied_at.is_(None))
        .order_by(StripeEvent.received_at.desc())
    )
    return list(db.session.scalars(wanted.limit(limit)))
