"""Stripe, played by the sandbox over HTTP, with the hands of a reader and of a postman."""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import stripe
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from membership.clock import at
from stripe_sandbox.testing import serve
from stripe_sandbox.webhooks import signature
from tests.conftest import MakeApp
from tests.factories import Newsroom

SECRET = "whsec_the_tests_share_this_one"
GOOD_CARD = "4242 4242 4242 4242"
DECLINED_CARD = "4000 0000 0000 0002"
FAILS_ON_RENEWAL = "4000 0000 0000 0341"
ASKS_ALWAYS = "4000 0027 6000 3184"
IS_DISPUTED = "4000 0000 0000 0259"
IBAN_PAYS = "DE89370400440532013000"
IBAN_FAILS = "DE62370400440532013001"

Event = dict[str, Any]
Choose = Callable[..., str]


class Till:
    """One Stripe account. Nothing is delivered by itself: `deliver` is the postman."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.sdk = stripe.StripeClient("sk_test_tests", base_addresses={"api": url})
        self._web = requests.Session()
        self._web.auth = ("sk_test_tests", "")
        self._heard: list[Event] = []
        self._seen: set[str] = set()
        self._delivered: set[str] = set()

    def pay(
        self, address: str, *, card: str = GOOD_CARD, button: str = "pay", exp: str = "12/40"
    ) -> requests.Response:
        """Fill in Checkout's form at `address` and press a button; redirects are not followed."""
        form = {
            "email": "typed@example.org",
            "name": "Olha Example",
            "number": card,
            "exp": exp,
            "cvc": "123",
            button: "",
        }
        return requests.post(address, data=form, allow_redirects=False, timeout=10)

    def authenticate(self, address: str, button: str = "complete") -> requests.Response:
        """Answer the bank that asks for 3-D Secure, at Checkout or at an invoice."""
        return self._press(f"{address}/authenticate", button)

    def pay_with_saved_card(self, invoice_page: str) -> requests.Response:
        return self._press(invoice_page, "saved")

    def update_card(self, customer: str) -> None:
        """The networks tell Stripe of a customer's new card."""
        body = {"customer": customer, "exp_month": 12, "exp_year": 2040}
        requests.post(f"{self.url}/_sandbox/update_card", json=body, timeout=10).raise_for_status()

    def _press(self, page: str, button: str) -> requests.Response:
        return requests.post(page, {button: "1"}, allow_redirects=False, timeout=10)

    def pay_by_debit(self, address: str, iban: str) -> requests.Response:
        """Fill in Checkout's form for a direct debit, which the bank pays or not days later."""
        form = {"email": "typed@example.org", "name": "Olha Example", "pay": ""}
        form |= {"method": "sepa_debit", "iban": iban}
        return requests.post(address, data=form, allow_redirects=False, timeout=10)

    def dispute(self, charge: str) -> None:
        """The card's owner contests a payment at the bank."""
        body = {"charge": charge, "reason": "fraudulent"}
        answer = requests.post(f"{self.url}/_sandbox/dispute", json=body, timeout=10)
        assert answer.status_code == 200, answer.text

    def pay_out(self) -> list[str]:
        """Stripe sends what is available to the bank now; the ids of the payouts."""
        answer = requests.post(f"{self.url}/_sandbox/pay_out", timeout=10)
        return [payout["id"] for payout in answer.json()["payouts"]]

    def fail_payout(self, payout: str) -> None:
        """The bank sends a payout back."""
        body = {"payout": payout}
        requests.post(f"{self.url}/_sandbox/fail_payout", json=body, timeout=10).raise_for_status()

    def news(self) -> list[Event]:
        """Events not delivered yet, oldest first."""
        for event in reversed(self._events()):
            self._heard.append(event)
            self._seen.add(event["id"])
        self._heard = [event for event in self._heard if event["id"] not in self._delivered]
        return list(self._heard)

    def _events(self) -> list[Event]:
        """Events not seen yet, the newest first, page by page until one is known."""
        found: list[Event] = []
        while True:
            cursor = {"starting_after": found[-1]["id"]} if found else {}
            page = self.get("/v1/events", limit=100, **cursor)
            for event in page["data"]:
                if event["id"] in self._seen:
                    return found
                found.append(event)
            if not page["has_more"]:
                return found

    def get(self, path: str, **params: Any) -> Any:
        """Stripe's answer as JSON, without the SDK."""
        answer = self._web.get(self.url + path, params=params, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def deliver(self, client: FlaskClient, events: Iterable[Event] | None = None) -> list[int]:
        """Post signed events to the newsroom; the status of each answer."""
        codes = []
        for event in self.news() if events is None else events:
            codes.append(post_event(client, event).status_code)
            self._delivered.add(event["id"])
        return codes

    def try_to_deliver(self) -> None:
        """Let Stripe's own postman go round: to the endpoints that are registered."""
        requests.post(f"{self.url}/_sandbox/deliver", timeout=30).raise_for_status()

    def taken(self, events: Iterable[Event]) -> None:
        """Leave these out of the news from now on."""
        self._delivered.update(event["id"] for event in events)

    def now(self) -> datetime:
        """The time on the sandbox's own clock."""
        clocks = self.sdk.v1.test_helpers.test_clocks
        return at(clocks.retrieve("clock_sandbox").frozen_time)

    def let_pass(self, until: datetime) -> None:
        """Move the sandbox's own clock, and with it all that falls due."""
        self.sdk.v1.test_helpers.test_clocks.advance(
            "clock_sandbox", {"frozen_time": int(until.timestamp())}
        )

    def newest(self, kind: str, **filters: Any) -> Any:
        """The newest object of a kind, such as `subscriptions`."""
        return attrgetter(kind)(self.sdk.v1).list({"limit": 1, **filters}).data[0]

    def total(self, kind: str, **filters: Any) -> int:
        found = attrgetter(kind)(self.sdk.v1).list({"limit": 100, **filters})
        return len(list(found.auto_paging_iter()))


def post_event(
    client: FlaskClient, event: Event, *, secret: str = SECRET, at: int | None = None
) -> TestResponse:
    body, header = signed(event, secret=secret, at=at)
    return client.post("/webhooks/stripe", data=body, headers={"Stripe-Signature": header})


def signed(event: Event, *, secret: str = SECRET, at: int | None = None) -> tuple[bytes, str]:
    """The body of a delivery and its `Stripe-Signature`."""
    body = json.dumps(event).encode()
    return body, signature(secret, body, at or int(time.time()))


@contextmanager
def open_till(store: Path) -> Iterator[Till]:
    with serve(
        store, background=False, payment_methods="card,sepa_debit", daily_payouts=True
    ) as url:
        yield Till(url)


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    with open_till(tmp_path / "sandbox.sqlite") as till:
        yield till


@pytest.fixture
def app(make_app: MakeApp, till: Till) -> Flask:
    app = make_app(sandbox_url=till.url, stripe_webhook_secret=SECRET)
    Newsroom(app).tiers()
    return app


@pytest.fixture
def choose() -> Choose:
    """Send the giving form as a reader does; the address of Stripe's page."""

    def send(client: FlaskClient, **changes: str) -> str:
        answer = client.post("/support/checkout", data=giving_form(**changes))
        assert answer.status_code == 303, answer.text
        return answer.location

    return send


def giving_form(**changes: str) -> dict[str, str]:
    form = {
        "attempt": "0123456789abcdef",
        "currency": "eur",
        "interval": "month",
        "amount_month": "500",
        "amount_year": "5000",
        "amount_once": "2500",
        "email": "olha@example.org",
    }
    return form | changes


def donation_in(address: str) -> str:
    return parse_qs(urlsplit(address).query)["d"][0]
