"""Whether Stripe still talks to us: when it last did, how late, and the alarm if it does not."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from membership.books import mails
from membership.books.models import Subscription
from membership.clock import clock
from membership.extensions import db, settings
from membership.gateway import Json, StripeDown, StripeRefused, gateway
from membership.inbox import endpoint, inbox
from membership.inbox.models import StripeEvent, WebhookEndpoint

LATELY = timedelta(days=1)
# A renewal's invoice is finalized and paid about an hour after the period ends.
DUE_AFTER = timedelta(hours=6)
LONGEST = timedelta(days=30)
# Some seconds are the way there; at five minutes Stripe's signatures are too old to be taken.
CLOCKS_DIFFER = timedelta(minutes=2)


@dataclass(frozen=True)
class Pulse:
    """What /staff/stripe shows of the connection. Times are UTC."""

    last_heard: datetime | None
    received: int
    failed: int
    lag: timedelta | None
    endpoint: Json | None
    undelivered: list[Json]
    is_away: bool
    ahead: timedelta | None
    """How far our clock is ahead of Stripe's, if that is worth a word."""


def pulse() -> Pulse:
    """Our side from the books, the other by asking Stripe; `is_away` if it does not answer."""
    since = clock.now() - LATELY
    received, failed = db.session.execute(
        sa.select(
            sa.func.count(),
            sa.func.count().filter(StripeEvent.attempts > 1),
        ).where(StripeEvent.received_at >= since)
    ).one()
    last = db.session.execute(
        sa.select(StripeEvent.received_at, StripeEvent.created_at)
        .order_by(StripeEvent.received_at.desc())
        .limit(1)
    ).first()
    address = db.session.scalar(
        sa.select(WebhookEndpoint.url).where(WebhookEndpoint.mode == gateway().mode)
    )
    endpoint, undelivered, is_away, ahead = _ask(address)
    return Pulse(
        last_heard=last.received_at if last else None,
        received=received,
        failed=failed,
        lag=max(last.received_at - last.created_at, timedelta()) if last else None,
        endpoint=endpoint,
        undelivered=undelivered,
        is_away=is_away,
        ahead=ahead if abs(ahead) >= CLOCKS_DIFFER else None,
    )


def ahead_of_stripe() -> timedelta:
    """How far our clock is ahead of Stripe's. Raises StripeDown, StripeRefused."""
    return clock.now() - gateway().time()


def sound() -> bool:
    """Alarm staff by e-mail, once for each silence, if Stripe should have spoken; commits."""
    now, patience = clock.now(), timedelta(hours=settings.stripe_silence_hours)
    last = last_heard()
    heard = last or now - LONGEST
    if heard > now - patience:
        return False
    due = db.session.scalar(
        sa.select(sa.func.count()).where(
            Subscription.mode == gateway().mode,
            Subscription.status == "active",
            Subscription.is_paused.is_(False),
            Subscription.current_period_end <= now - DUE_AFTER,
            Subscription.current_period_end > heard - DUE_AFTER,
        )
    )
    if not due:
        return False
    which = f"{last:%Y-%m-%dT%H:%M:%S}" if last else "never"
    told = mails.tell_staff_of_silence(f"silence:{which}", heard=last, due=due)
    db.session.commit()
    return told


def last_heard() -> datetime | None:
    """When the last event came (UTC); None if none ever came."""
    return db.session.scalar(sa.select(sa.func.max(StripeEvent.received_at)))


def _ask(address: str | None) -> tuple[Json | None, list[Json], bool, timedelta]:
    try:
        ours = endpoint.at_stripe(address)
        return (ours[0] if ours else None), inbox.undelivered(), False, ahead_of_stripe()
    except (StripeDown, StripeRefused):
        return None, [], True, timedelta()
