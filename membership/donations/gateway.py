"""The only door to Stripe, and the only module that imports its SDK.

What comes back are plain dicts in the shapes of the pinned API version, the same that
webhooks carry, so that one `sync` reads both. Every write carries an idempotency key.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import stripe
from flask import Flask, current_app

from config import Mode, Settings

if TYPE_CHECKING:
    from stripe._base_address import BaseAddresses
    from stripe.params.checkout import SessionCreateParams

    CheckoutParams = SessionCreateParams

API_VERSION: Any = stripe.api_version
PAGE = 100

Json = dict[str, Any]


class StripeDown(Exception):
    """Stripe did not answer, or not in time."""


class StripeRefused(Exception):
    """Stripe understood and said no; the message is Stripe's own."""


class BadSignature(ValueError):
    """A webhook that Stripe did not sign, or not lately."""


class Gateway:
    """Calls to one Stripe account. Raises StripeDown and StripeRefused."""

    def __init__(self, settings: Settings) -> None:
        self.mode = settings.mode
        sandbox: BaseAddresses = {"api": settings.sandbox_url}
        client = stripe.StripeClient(
            settings.stripe_key,
            base_addresses=sandbox if settings.mode is Mode.sandbox else {},
            max_network_retries=2,
        )
        self._v1 = client.v1

    def account(self) -> Json:
        return _answer(self._v1.accounts.retrieve_current)

    def create_product(self, name: str, *, metadata: dict[str, str], key: str) -> Json:
        return _answer(
            lambda: self._v1.products.create(
                {"name": name, "metadata": metadata}, {"idempotency_key": key}
            )
        )

    def create_customer(self, *, email: str, key: str) -> Json:
        return _answer(
            lambda: self._v1.customers.create({"email": email}, {"idempotency_key": key})
        )

    def create_session(self, params: "CheckoutParams", *, key: str) -> Json:
        return _answer(lambda: self._v1.checkout.sessions.create(params, {"idempotency_key": key}))

    def create_portal_session(self, customer: str, *, return_url: str) -> Json:
        return _answer(
            lambda: self._v1.billing_portal.sessions.create(
                {"customer": customer, "return_url": return_url}
            )
        )

    def create_webhook_endpoint(self, url: str, events: list[Any]) -> Json:
        """Registered with the pinned API version, so that payloads keep their shape."""
        return _answer(
            lambda: self._v1.webhook_endpoints.create(
                {"url": url, "enabled_events": events, "api_version": API_VERSION}
            )
        )

    def webhook_endpoints(self) -> Iterator[Json]:
        return _each(lambda: self._v1.webhook_endpoints.list({"limit": PAGE}))

    def delete_webhook_endpoint(self, endpoint: str) -> Json:
        return _answer(lambda: self._v1.webhook_endpoints.delete(endpoint))

    def subscription(self, stripe_id: str) -> Json:
        return _answer(lambda: self._v1.subscriptions.retrieve(stripe_id))

    def customer(self, stripe_id: str) -> Json:
        return _answer(lambda: self._v1.customers.retrieve(stripe_id))

    def charge(self, stripe_id: str) -> Json:
        return _answer(lambda: self._v1.charges.retrieve(stripe_id))

    def subscriptions(self) -> Iterator[Json]:
        """All of them, the ended ones too, each with its customer in full."""
        return _each(
            lambda: self._v1.subscriptions.list(
                {"status": "all", "limit": PAGE, "expand": ["data.customer"]}
            )
        )

    def paid_invoices(self, *, since: datetime | None = None) -> Iterator[Json]:
        return _each(
            lambda: self._v1.invoices.list(
                {"status": "paid", "limit": PAGE, "created": {"gte": _unix(since)}}
            )
        )

    def open_invoices(self) -> Iterator[Json]:
        return _each(lambda: self._v1.invoices.list({"status": "open", "limit": PAGE}))

    def payment_intents(self, *, since: datetime | None = None) -> Iterator[Json]:
        """Each with its customer in full."""
        return _each(
            lambda: self._v1.payment_intents.list(
                {"limit": PAGE, "created": {"gte": _unix(since)}, "expand": ["data.customer"]}
            )
        )

    def refunds(self, *, since: datetime | None = None) -> Iterator[Json]:
        """Each with its charge in full."""
        return _each(
            lambda: self._v1.refunds.list(
                {"limit": PAGE, "created": {"gte": _unix(since)}, "expand": ["data.charge"]}
            )
        )

    def advance_clock(self, clock: str, to: datetime) -> Json:
        """Move a test clock, and with it all that is due until then."""
        return _answer(
            lambda: self._v1.test_helpers.test_clocks.advance(
                clock, {"frozen_time": int(to.timestamp())}
            )
        )


def _answer(call: Callable[[], stripe.StripeObject]) -> Json:
    with _named_errors():
        return call().to_dict(for_json=True)


def _each(call: Callable[[], stripe.ListObject[Any]]) -> Iterator[Json]:
    """Every object of a list, newest first, fetched a page at a time."""
    with _named_errors():
        for found in call().auto_paging_iter():
            yield found.to_dict(for_json=True)


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise StripeDown(_in_one_line(error)) from error
    except stripe.StripeError as error:
        if (error.http_status or 500) >= 500:
            raise StripeDown(_in_one_line(error)) from error
        raise StripeRefused(error.user_message or str(error)) from error


def _in_one_line(error: stripe.StripeError) -> str:
    """The SDK explains itself over several lines, the cause in the last one."""
    return str(error).strip().splitlines()[-1]


def _unix(since: datetime | None) -> int:
    return int(since.timestamp()) if since else 0


def verified(payload: bytes, signature: str | None, secret: str | None) -> Json:
    """The event in `payload`, once its signature is shown to be Stripe's and fresh.

    Checks the raw bytes and parses once: `stripe.Webhook.construct_event` also builds the
    SDK's objects, at some thirty times the work. Raises BadSignature.
    """
    try:
        stripe.WebhookSignature.verify_header(
            payload, signature, secret, stripe.Webhook.DEFAULT_TOLERANCE
        )
        event: Json = json.loads(payload)
    except (stripe.SignatureVerificationError, UnicodeDecodeError, ValueError) as error:
        raise BadSignature(str(error)) from error
    return event


def init_app(app: Flask, settings: Settings) -> None:
    app.extensions["gateway"] = Gateway(settings)


def gateway() -> Gateway:
    """The gateway of the running application."""
    door: Gateway = current_app.extensions["gateway"]
    return door
