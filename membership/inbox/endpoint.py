"""Our endpoint at Stripe: registering it, and knowing what Stripe signed for it."""

import math
import time
from typing import cast

import sqlalchemy as sa
from flask import current_app

from membership import gateway
from membership.extensions import db, settings
from membership.gateway import BadSignature, Json, OldSignature
from membership.inbox.models import WebhookEndpoint

# The secret is kept in the database, and read from there at most so often (seconds).
REMEMBERED = 60.0
LOOKED_FOR_AGAIN = 1.0


def at_stripe(url: str | None) -> list[Json]:
    """The endpoints of this account that events are sent to `url` by. StripeDown, StripeRefused."""
    return [one for one in gateway.gateway().webhook_endpoints() if one["url"] == url]


def connect(url: str, events: list[str]) -> Json:
    """Register `url` at Stripe with the pinned version, in place of what was there, and commit."""
    door = gateway.gateway()
    for old in at_stripe(url):
        door.delete_webhook_endpoint(old["id"])
    made = door.create_webhook_endpoint(url, events)
    row = db.session.scalar(sa.select(WebhookEndpoint).where(WebhookEndpoint.mode == door.mode))
    if row is None:
        row = WebhookEndpoint(mode=door.mode)
        db.session.add(row)
    row.stripe_id, row.url, row.secret = made["id"], url, made["secret"]
    db.session.commit()
    current_app.extensions.pop("webhook_secret", None)
    return made


def verified(payload: bytes, signature: str | None) -> Json:
    """The event in `payload`, if it was signed with our secret, or with one that has come since.

    On SQLite even looking for a secret waits for the write lock: of those who do not know it, one
    a second at the most has it looked for. Raises BadSignature, OldSignature.
    """
    remembered = settings.webhook_secret or _secret(REMEMBERED)
    try:
        return gateway.verified(payload, signature, remembered)
    except OldSignature:
        raise
    except BadSignature:
        newer = settings.webhook_secret or _secret(LOOKED_FOR_AGAIN)
        if newer == remembered:
            raise
        return gateway.verified(payload, signature, newer)


def _secret(seconds: float) -> str | None:
    """The one that `connect` stored, as it stood no longer ago than `seconds`."""
    secret, looked_at = current_app.extensions.get("webhook_secret", (None, -math.inf))
    now = time.monotonic()
    if now - looked_at >= seconds:
        if secret is not None:
            # While this one looks, the others go by what is known.
            current_app.extensions["webhook_secret"] = secret, now
        secret = db.session.scalar(
            sa.select(WebhookEndpoint.secret).where(WebhookEndpoint.mode == settings.mode)
        )
        db.session.rollback()
        current_app.extensions["webhook_secret"] = secret, now
    return cast(str | None, secret)
