"""A sandbox under test, with the few things that most tests do."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import stripe
from flask import Flask, Response, request

from stripe_sandbox import create_app
from stripe_sandbox.books import SANDBOX_CLOCK
from stripe_sandbox.front_door import ADDRESSES
from stripe_sandbox.testing import serve_app
from tests.stripe_sandbox import annotations

DAY = 24 * 3600
GOOD = "4242 4242 4242 4242"
DECLINED = "4000 0000 0000 0002"
FAILS_ON_RENEWAL = "4000 0000 0000 0341"
ASKS_3DS = "4000 0025 0000 3155"
ALWAYS_ASKS = "4000 0027 6000 3184"
DISPUTES = "4000 0000 0000 0259"
INQUIRES = "4000 0000 0000 1976"
ACCOUNT = "AT61 1904 3002 3457 3201"
BOUNCES = "AT861904300235473202"
SUCCESS = "https://newsroom.example/thanks?session={CHECKOUT_SESSION_ID}"
CANCEL = "https://newsroom.example/support"


@dataclass
class Desk:
    """A served sandbox and the SDK that speaks to it."""

    url: str
    app: Flask
    routes_answered: set[str]

    def __post_init__(self) -> None:
        self.stripe = self.client()
        self.v1: Any = self.stripe.v1

    def client(self, key: str = "sk_test_desk", **options: Any) -> stripe.StripeClient:
        """The official SDK, without its retries."""
        options = {"max_network_retries": 0, **options}
        return stripe.StripeClient(key, base_addresses={"api": self.url}, **options)

    def raw(self, method: str, path: str, **options: Any) -> requests.Response:
        """A request as any HTTP client sends it."""
        headers = {"Authorization": "Bearer sk_test_desk", **options.pop("headers", {})}
        return requests.request(method, self.url + path, headers=headers, timeout=10, **options)

    def control(self, name: str, **fields: Any) -> requests.Response:
        """One of the sandbox's own controls, with a JSON body."""
        return requests.post(f"{self.url}/_sandbox/{name}", json=fields, timeout=10)

    def session(
        self,
        amount: int = 500,
        *,
        every: str | None = "month",
        currency: str = "eur",
        **params: Any,
    ) -> Any:
        """A Checkout Session over an amount, by the month unless `every` says else."""
        price: dict[str, Any] = {"currency": currency, "unit_amount": amount}
        price["product_data"] = {"name": "Patron"}
        if every:
            price["recurring"] = {"interval": every}
        return self.v1.checkout.sessions.create(
            {
                "mode": "subscription" if every else "payment",
                "success_url": SUCCESS,
                "cancel_url": CANCEL,
                "line_items": [{"price_data": price, "quantity": 1}],
                **params,
            }
        )

    def pay(self, session: Any, card: str = GOOD, **typed: str) -> requests.Response:
        """Fill in the page and press `pay`; redirects are not followed."""
        form = {"email": "reader@example.org", "name": "Reader", "number": card}
        form |= {"exp": "12/44", "cvc": "123", "pay": "1", **typed}
        return self.press(f"{self.url}/c/pay/{session.id}", **form)

    def press(self, url: str, **form: str) -> requests.Response:
        """Send a page's form; redirects are not followed."""
        return requests.post(url, form, allow_redirects=False, timeout=10)

    def debit(self, iban: str = ACCOUNT, **session: Any) -> Any:
        """Somebody who completed Checkout by direct debit: the session, not paid yet."""
        made = self.session(allowed_payment_method_types=["card", "sepa_debit"], **session)
        assert self.pay(made, method="sepa_debit", iban=iban).status_code == 303
        return self.v1.checkout.sessions.retrieve(made.id)

    def patron(self, card: str = GOOD, **session: Any) -> Any:
        """Somebody who went through Checkout: the session, completed."""
        made = self.session(**session)
        answer = self.pay(made, card)
        assert answer.status_code == 303
        if answer.headers["Location"].endswith("/authenticate"):
            assert self.press(f"{made.url}/authenticate", complete="1").status_code == 303
        return self.v1.checkout.sessions.retrieve(made.id)

    def now(self) -> int:
        """The sandbox's time."""
        return int(self.v1.test_helpers.test_clocks.retrieve(SANDBOX_CLOCK).frozen_time)

    def advance(self, days: float, clock: str = SANDBOX_CLOCK) -> Any:
        """Put a clock forward."""
        clocks = self.v1.test_helpers.test_clocks
        to = clocks.retrieve(clock).frozen_time + int(days * DAY)
        return clocks.advance(clock, {"frozen_time": to})

    def events(self, *types: str) -> list[Any]:
        """Events in the order they happened, all or of some types."""
        params: Any = {"limit": 100}
        if types:
            params["types"] = list(types)
        return list(reversed(list(self.v1.events.list(params).auto_paging_iter())))

    def event_types(self) -> list[str]:
        """Their types, in the order they happened."""
        return [event.type for event in self.events()]


@contextmanager
def opened(store: Path, **options: Any) -> Iterator[Desk]:
    """A desk over a store. Every answer of the API is held against the SDK's annotations."""
    app = create_app(store, **{"background": False, **options})
    lines: list[str] = []
    routes: set[str] = set()

    def check(response: Response) -> Response:
        if request.path.startswith("/v1/") and response.is_json:
            lines.extend(_wrong_answer(response))
            if response.status_code == 200 and request.endpoint == "api":
                route, _ids = ADDRESSES.bind("sandbox").match(request.path, request.method)
                routes.add(f"{route.method} {route.path}")
        return response

    app.after_request(check)
    with serve_app(app) as url:
        yield Desk(url, app, routes)
    assert not lines, "\n".join(sorted(set(lines))[:40])


def _wrong_answer(response: Response) -> list[str]:
    body: Any = response.get_json()
    if response.status_code == 200:
        lines = annotations.wrong_any(body, body["object"])
        return lines + [line for event in _events(body) for line in _wrong_event(event)]
    return annotations.wrong_object(body["error"], stripe.ErrorObject, "error")


def _events(body: Any) -> list[Any]:
    items = body["data"] if body["object"] == "list" else [body]
    return [item for item in items if item["object"] == "event"]


def _wrong_event(event: Any) -> list[str]:
    shape = event["data"]["object"]
    where = f"{event['type']}.data.object"
    lines = annotations.wrong_any(shape, where)
    previous = event["data"].get("previous_attributes", {})
    return lines + [f"{where} lacks {name}" for name in previous.keys() - shape]
