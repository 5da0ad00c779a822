"""Stripe, played by the sandbox over HTTP, with the hands of a reader and of a postman."""

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Any

import requests
import stripe
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from stripe_sandbox.testing import serve
from stripe_sandbox.webhooks import signature

SECRET = "whsec_the_tests_share_this_one"
GOOD_CARD = "4242 4242 4242 4242"
DECLINED_CARD = "4000 0000 0000 0002"
FAILS_ON_RENEWAL = "4000 0000 0000 0341"

Event = dict[str, Any]


class Till:
    """One Stripe account. Nothing is delivered by itself: `deliver` is the postman."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.sdk = stripe.StripeClient("sk_test_tests", base_addresses={"api": url})
        self._delivered: set[str] = set()

    def pay(self, address: str, *, card: str = GOOD_CARD, button: str = "pay") -> requests.Response:
        """Fill in Checkout's form at `address` and press a button; redirects are not followed."""
        form = {
            "email": "typed@example.org",
            "name": "Olha Example",
            "number": card,
            "exp": "12/40",
            "cvc": "123",
            button: "",
        }
        return requests.post(address, data=form, allow_redirects=False, timeout=10)

    def news(self) -> list[Event]:
        """Events not delivered yet, oldest first."""
        found = self.sdk.v1.events.list({"limit": 100}).auto_paging_iter()
        fresh = [event.to_dict(for_json=True) for event in found if event.id not in self._delivered]
        return list(reversed(fresh))

    def deliver(self, client: FlaskClient, events: Iterable[Event] | None = None) -> list[int]:
        """Post signed events to the newsroom; the status of each answer."""
        codes = []
        for event in self.news() if events is None else events:
            codes.append(post_event(client, event).status_code)
            self._delivered.add(event["id"])
        return codes

    def taken(self, events: Iterable[Event]) -> None:
        """Leave these out of the news from now on."""
        self._delivered.update(event["id"] for event in events)

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
    body = json.dumps(event).encode()
    header = signature(secret, body, at or int(time.time()))
    return client.post("/webhooks/stripe", data=body, headers={"Stripe-Signature": header})


@contextmanager
def open_till(store: Path) -> Iterator[Till]:
    with serve(store, background=False) as url:
        yield Till(url)
