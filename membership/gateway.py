"""The only door to Stripe, and the only module that imports its SDK.

What comes back are plain dicts in the shapes of the pinned API version, the same that
webhooks carry, so that one `sync` reads both. Every write carries an idempotency key.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import stripe
from flask import Flask, current_app

from config import Mode, Settings

if TYPE_CHECKING:
    from stripe._base_address import BaseAddresses
    from stripe.params import (
        BalanceTransactionListParams,
        InvoiceCreatePreviewParams,
        InvoiceListParams,
        PaymentIntentListParams,
        PayoutListParams,
        RefundCreateParams,
        SubscriptionCancelParams,
        SubscriptionListParams,
        SubscriptionUpdateParams,
    )
    from stripe.params.checkout import SessionCreateParams

    CheckoutParams = SessionCreateParams
    ChangeParams = SubscriptionUpdateParams
    PreviewParams = InvoiceCreatePreviewParams
    RefundParams = RefundCreateParams

API_VERSION: Any = stripe.api_version
PAGE = 100

Json = dict[str, Any]


class Read(NamedTuple):
    """An object as Stripe showed it, true of some moment on Stripe's clock between two seconds."""

    said: Json
    as_of: datetime
    latest: datetime


class StripeDown(Exception):
    """Stripe did not answer, or not in time."""


class StripeRefused(Exception):
    """Stripe understood and said no; the message is Stripe's own."""


class NotThere(StripeRefused):
    """Stripe has no such object."""


class BadSignature(ValueError):
    """A webhook that Stripe did not sign."""


class OldSignature(BadSignature):
    """Stripe signed this webhook, but by our clock too long ago; the message says how long."""


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
        self._client, self._v1 = client, client.v1

    def account(self) -> Json:
        return _answer(self._v1.accounts.retrieve_current)

    def time(self) -> datetime:
        """What time it is at Stripe."""
        return _read(self._v1.accounts.retrieve_current).latest

    def create_product(self, name: str, *, metadata: dict[str, str], key: str) -> Json:
        return _answer(
            lambda: self._v1.products.create({"name": name, "metadata": metadata}, _once(key))
        )

    def create_customer(self, *, email: str, metadata: dict[str, str], key: str) -> Json:
        return _answer(
            lambda: self._v1.customers.create({"email": email, "metadata": metadata}, _once(key))
        )

    def readdress_customer(self, stripe_id: str, email: str) -> Json:
        """Stripe writes to this address from now on."""
        return _answer(lambda: self._v1.customers.update(stripe_id, {"email": email}))

    def create_session(self, params: "CheckoutParams", *, key: str) -> Json:
        return _answer(lambda: self._v1.checkout.sessions.create(params, _once(key)))

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

    def webhook_endpoints(self) -> list[Json]:
        """Those of this account, up to PAGE; Stripe allows no more than 16."""
        found = _answer(lambda: self._v1.webhook_endpoints.list({"limit": PAGE}))
        endpoints: list[Json] = found["data"]
        return endpoints

    def delete_webhook_endpoint(self, endpoint: str) -> Json:
        return _answer(lambda: self._v1.webhook_endpoints.delete(endpoint))

    def expire_session(self, session: str) -> Json:
        return _answer(lambda: self._v1.checkout.sessions.expire(session))

    def change_subscription(self, stripe_id: str, params: "ChangeParams", *, key: str) -> Json:
        return _answer(lambda: self._v1.subscriptions.update(stripe_id, params, _once(key)))

    def cancel_subscription(self, stripe_id: str, params: "SubscriptionCancelParams") -> Json:
        """At once. Raises NotThere for one that has ended."""
        return _answer(lambda: self._v1.subscriptions.cancel(stripe_id, params))

    def preview_invoice(self, params: "PreviewParams") -> Json:
        return _answer(lambda: self._v1.invoices.create_preview(params))

    def next_invoice(self, subscription: str) -> Json:
        """What the next renewal will bill. Raises NotThere and StripeRefused where none is due."""
        return self.preview_invoice({"subscription": subscription})

    def create_refund(self, params: "RefundParams", *, key: str) -> Json:
        return _answer(lambda: self._v1.refunds.create(params, _once(key)))

    def release_schedule(self, stripe_id: str) -> Json:
        """Leave its subscription as it is now, without what was planned for it."""
        return _answer(lambda: self._v1.subscription_schedules.release(stripe_id))

    def delete_customer(self, stripe_id: str) -> Json:
        """Ends the customer's subscriptions too."""
        return _answer(lambda: self._v1.customers.delete(stripe_id))

    def subscription(self, stripe_id: str) -> Read:
        return _read(lambda: self._v1.subscriptions.retrieve(stripe_id))

    def customer(self, stripe_id: str) -> Json:
        return _answer(lambda: self._v1.customers.retrieve(stripe_id))

    def price(self, stripe_id: str) -> Json:
        return _answer(lambda: self._v1.prices.retrieve(stripe_id))

    def session(self, stripe_id: str) -> Json:
        return _answer(lambda: self._v1.checkout.sessions.retrieve(stripe_id))

    def invoice(self, stripe_id: str) -> Json:
        """With its payments, their intents and their latest charges."""
        wanted = ["payments.data.payment.payment_intent.latest_charge"]
        return _answer(lambda: self._v1.invoices.retrieve(stripe_id, {"expand": wanted}))

    def invoice_lines(self, stripe_id: str) -> list[Json]:
        pages = self._pages(f"/v1/invoices/{stripe_id}/lines", {})
        return [line for page in pages for line in page]

    def invoice_of(self, payment_intent: str) -> str | None:
        """The id of the invoice that a payment intent pays."""
        found = _answer(
            lambda: self._v1.invoice_payments.list(
                {
                    "payment": {"type": "payment_intent", "payment_intent": payment_intent},
                    "limit": 1,
                }
            )
        )
        return found["data"][0]["invoice"] if found["data"] else None

    def payment_intent(self, stripe_id: str) -> Json:
        return _answer(
            lambda: self._v1.payment_intents.retrieve(stripe_id, {"expand": ["customer"]})
        )

    def charge(self, stripe_id: str) -> Json:
        return _answer(lambda: self._v1.charges.retrieve(stripe_id))

    def refund(self, stripe_id: str) -> Json:
        return _answer(lambda: self._v1.refunds.retrieve(stripe_id))

    def dispute(self, stripe_id: str) -> Read:
        return _read(lambda: self._v1.disputes.retrieve(stripe_id))

    def payout(self, stripe_id: str) -> Read:
        """With the movement that brought it back, if it failed."""
        wanted = ["failure_balance_transaction"]
        return _read(lambda: self._v1.payouts.retrieve(stripe_id, {"expand": wanted}))

    def subscriptions(self, *, after: str | None = None) -> Iterator[list[Read]]:
        """All of them, the ended ones too, each with its customer in full, the latest first; those
        `after` one of them alone.
        """
        wanted: SubscriptionListParams = {"status": "all", "expand": ["data.customer"]}
        if after is not None:
            wanted["starting_after"] = after
        return self._reads("/v1/subscriptions", wanted)

    def products(self) -> Iterator[list[Json]]:
        return self._pages("/v1/products", {})

    def subscriptions_of(self, customer: str) -> Iterator[list[Json]]:
        """The ended ones too."""
        wanted: SubscriptionListParams = {"customer": customer, "status": "all"}
        return self._pages("/v1/subscriptions", wanted)

    def customers_with(self, email: str) -> Iterator[list[Json]]:
        """Those with just this address; Stripe minds upper and lower case."""
        return self._pages("/v1/customers", {"email": email})

    def payment_intents_of(self, customer: str) -> Iterator[list[Json]]:
        return self._pages("/v1/payment_intents", {"customer": customer})

    def paid_invoices(self, *, since: datetime | None = None) -> Iterator[list[Json]]:
        """Each with its payments."""
        wanted: InvoiceListParams = {
            "status": "paid",
            "created": {"gte": _unix(since)},
            "expand": ["data.payments"],
        }
        return self._pages("/v1/invoices", wanted)

    def open_invoices(self) -> Iterator[list[Json]]:
        wanted: InvoiceListParams = {"status": "open"}
        return self._pages("/v1/invoices", wanted)

    def waived_invoices(self, *, since: datetime | None = None) -> Iterator[list[Json]]:
        """Those that nobody has to pay any more: void or uncollectible."""
        created: Any = {"gte": _unix(since)}
        for status in ("void", "uncollectible"):
            yield from self._pages("/v1/invoices", {"status": status, "created": created})

    def payment_intents(self, *, since: datetime | None = None) -> Iterator[list[Json]]:
        """Each with its customer in full."""
        wanted: PaymentIntentListParams = {
            "created": {"gte": _unix(since)},
            "expand": ["data.customer"],
        }
        return self._pages("/v1/payment_intents", wanted)

    def refunds(self, *, since: datetime | None = None) -> Iterator[list[Json]]:
        return self._pages("/v1/refunds", {"created": {"gte": _unix(since)}})

    def disputes(self, *, since: datetime | None = None) -> Iterator[list[Read]]:
        return self._reads("/v1/disputes", {"created": {"gte": _unix(since)}})

    def balance_transactions(self, *, since: datetime | None = None) -> Iterator[list[Json]]:
        """Each with the charge, refund or dispute behind it."""
        wanted: BalanceTransactionListParams = {
            "created": {"gte": _unix(since)},
            "expand": ["data.source"],
        }
        return self._pages("/v1/balance_transactions", wanted)

    def balance_transactions_of(self, payout: str) -> Iterator[list[Json]]:
        """All that an automatic payout is made of, and its own; Stripe has them once it is done."""
        return self._pages("/v1/balance_transactions", {"payout": payout})

    def payouts(self, *, since: datetime | None = None) -> Iterator[list[Read]]:
        """Each with the movement that brought it back, if it failed."""
        wanted: PayoutListParams = {
            "created": {"gte": _unix(since)},
            "expand": ["data.failure_balance_transaction"],
        }
        return self._reads("/v1/payouts", wanted)

    def undelivered_events(self) -> list[Json]:
        """The latest events, up to PAGE, that no endpoint has taken."""
        found = _answer(lambda: self._v1.events.list({"delivery_success": False, "limit": PAGE}))
        events: list[Json] = found["data"]
        return events

    def advance_clock(self, clock: str, to: datetime) -> Json:
        """Move a test clock, and with it all that is due until then."""
        return _answer(
            lambda: self._v1.test_helpers.test_clocks.advance(
                clock, {"frozen_time": int(to.timestamp())}
            )
        )

    def _pages(self, path: str, wanted: Mapping[str, Any]) -> Iterator[list[Json]]:
        """The objects of a list, a page at a time, in the order Stripe has them."""
        for page in self._reads(path, wanted):
            yield [read.said for read in page]

    def _reads(self, path: str, wanted: Mapping[str, Any]) -> Iterator[list[Read]]:
        """As JSON: the SDK's objects of a hundred payments take longer than all we do with them."""
        params = {**wanted, "limit": PAGE}
        while True:
            with _named_errors():
                said, as_of, latest = _told(
                    partial(self._client.raw_request, "get", path, **params)
                )
            if said["data"]:
                yield [Read(item, as_of, latest) for item in said["data"]]
            if not said["has_more"]:
                return
            params["starting_after"] = said["data"][-1]["id"]


def _answer(call: Callable[[], stripe.StripeObject]) -> Json:
    return _read(call).said


def _read(call: Callable[[], stripe.StripeObject]) -> Read:
    with _named_errors():
        return _told(lambda: call().last_response)


def _told(call: Callable[[], Any]) -> Read:
    """Stripe's own JSON and when it was true.

    Not before the answer's Date less the way there: what happened earlier is in the answer.
    Nor after its Date.
    """
    started = time.monotonic()
    response = call()
    took = timedelta(seconds=time.monotonic() - started)
    answered = parsedate_to_datetime(response.headers["date"])
    return Read(response.data, (answered - took).replace(microsecond=0), answered)


def _once(key: str) -> Any:
    return {"idempotency_key": key}


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise StripeDown(_in_one_line(error)) from error
    except stripe.StripeError as error:
        if (error.http_status or 500) >= 500:
            raise StripeDown(_in_one_line(error)) from error
        named = NotThere if error.code == "resource_missing" else StripeRefused
        raise named(error.user_message or str(error)) from error


def _in_one_line(error: stripe.StripeError) -> str:
    """The SDK explains itself over several lines, the cause in the last one."""
    return str(error).strip().splitlines()[-1]


def _unix(since: datetime | None) -> int:
    return int(since.timestamp()) if since else 0


def verified(payload: bytes, signature: str | None, secret: str | None) -> Json:
    """The event in `payload`, once its signature is shown to be Stripe's and fresh.

    Checks the raw bytes and parses once: `stripe.Webhook.construct_event` also builds the
    SDK's objects, at some thirty times the work. Raises BadSignature, OldSignature.
    """
    if secret is None:
        raise BadSignature("no endpoint is registered")
    try:
        stripe.WebhookSignature.verify_header(
            payload, signature, secret, stripe.Webhook.DEFAULT_TOLERANCE
        )
        event: Json = json.loads(payload)
    except stripe.SignatureVerificationError as error:
        raise _refusal(error, payload, signature, secret) from error
    except (UnicodeDecodeError, ValueError) as error:
        raise BadSignature(str(error)) from error
    return event


def _refusal(error: Exception, payload: bytes, signature: str | None, secret: str) -> BadSignature:
    """Whether it is the signature that is wrong, or only the time."""
    try:
        stripe.WebhookSignature.verify_header(payload, signature, secret)
    except stripe.SignatureVerificationError:
        return BadSignature(str(error))
    parts = (part.partition("=") for part in (signature or "").split(","))
    signed_at = next(int(value) for name, _, value in parts if name == "t")
    return OldSignature(f"signed {round((time.time() - signed_at) / 60)} minutes ago by our clock")


def init_app(app: Flask, settings: Settings) -> None:
    app.extensions["gateway"] = Gateway(settings)


def gateway() -> Gateway:
    """The gateway of the running application."""
    door: Gateway = current_app.extensions["gateway"]
    return door
