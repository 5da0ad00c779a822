"""Twelve people over eighteen months, as docs/metrics.md works them out by hand.

Lived on a test clock of the sandbox. Nobody tells the newsroom of it: that is up to the tests.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.till import Event, Till, open_till

START = datetime(2025, 1, 1, 10, tzinfo=UTC)
END = datetime(2026, 6, 30, 20, tzinfo=UTC)
GOOD, FAILS = "pm_card_visa", "pm_card_chargeCustomerFail"
TIER = "patron"


@dataclass
class History:
    """A Stripe account, what happened in it, and the product that all of it is about."""

    till: Till
    product: str
    events: list[Event]


@contextmanager
def lived(folder: Path) -> Iterator[History]:
    with open_till(folder / "twelve.sqlite") as till:
        lives = _Lives(till)
        lives.live()
        yield History(till, lives.product, list(lives.all_events()))


class _Lives:
    def __init__(self, till: Till) -> None:
        self.till, self.v1 = till, till.sdk.v1
        self.product = self.v1.products.create({"name": TIER}).id
        began: Any = {"frozen_time": int(START.timestamp())}
        self.clock = self.v1.test_helpers.test_clocks.create(began).id

    def live(self) -> None:
        self.on("2025-01-10T10:00")
        self.gives("anna", 500)
        self.on("2025-01-31T23:30")
        bohdan = self.gives("bohdan", 1000)
        self.on("2025-02-15T10:00")
        chiara = self.gives("chiara", 6000, every="year")
        self.on("2025-03-05T10:00")
        danylo = self.gives("danylo", 500)
        self.on("2025-03-12T10:00")
        eva = self.gives("eva", 800)
        self.on("2025-04-01T10:00")
        faina = self.gives("faina", 400)
        self.on("2025-04-07T10:00")
        hryhorii = self.gives("hryhorii", 2000)
        self.on("2025-05-09T10:00")
        ivanna = self.gives("ivanna", 600)
        self.on("2025-05-14T10:00")
        julia = self.gives("julia", 500)
        self.on("2025-05-20T10:00")
        self.changes_amount(bohdan, 1500)
        self.stops_at_once(danylo, "unused")
        self.on("2025-06-03T10:00")
        kateryna = self.gives("kateryna", 500)
        self.on("2025-06-20T10:00")
        self.gives("julia", 6000, every="year")
        self.pauses(ivanna, until="2025-12-01T10:00")
        self.on("2025-07-01T10:00")
        self.uses_card(eva, FAILS)
        self.pauses(hryhorii, until="2025-10-01T10:00")
        self.on("2025-07-13T10:00")
        self.uses_card(eva, GOOD)
        self.on("2025-07-21T10:00")
        marta = self.gives("marta", 20000, currency="uah")
        self.on("2025-08-02T10:00")
        self.gives("lev", 700)
        self.on("2025-08-02T10:05")
        second = self.gives("lev", 700)
        self.on("2025-08-02T14:00")
        self.is_given_back(second)
        self.on("2025-08-03T10:00")
        self.sets_end(chiara, "too_expensive")
        self.on("2025-08-20T10:00")
        self.uses_card(faina, FAILS)
        self.on("2025-09-15T10:00")
        self.stops_at_once(ivanna, "other")
        self.on("2025-09-18T10:00")
        self.changes_interval(kateryna, 7200)
        self.on("2025-10-10T10:00")
        self.gives("danylo", 300)
        self.on("2025-11-23T10:00")
        self.is_contested(marta)
        self.on("2025-11-30T10:00")
        self.sets_end(julia, "other")
        self.on("2025-12-10T10:00")
        self.v1.subscriptions.cancel(marta)
        self.on(END.strftime("%Y-%m-%dT%H:%M"))

    def on(self, moment: str) -> None:
        """Let time pass until then."""
        until = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        self.v1.test_helpers.test_clocks.advance(
            self.clock, {"frozen_time": int(until.timestamp())}
        )

    def gives(self, name: str, amount: int, *, every: str = "month", currency: str = "eur") -> str:
        """Somebody subscribes; whoever has given before is the customer they were."""
        price = {"currency": currency, "product": self.product, "unit_amount": amount}
        made: Any = {
            "customer": self._customer(name),
            "items": [{"price_data": {**price, "recurring": {"interval": every}}}],
        }
        return str(self.v1.subscriptions.create(made).id)

    def changes_amount(self, subscription: str, amount: int) -> None:
        self._new_price(subscription, amount, "month", {"proration_behavior": "none"})

    def changes_interval(self, subscription: str, amount: int) -> None:
        at_once = {"proration_behavior": "always_invoice", "billing_cycle_anchor": {"type": "now"}}
        self._new_price(subscription, amount, "year", at_once)

    def uses_card(self, subscription: str, card: str) -> None:
        customer = self._customer_of(subscription)
        method = self.v1.payment_methods.attach(card, {"customer": customer})
        self.v1.subscriptions.update(subscription, {"default_payment_method": method.id})

    def pauses(self, subscription: str, *, until: str) -> None:
        resumes = datetime.fromisoformat(until).replace(tzinfo=UTC)
        pause: Any = {"behavior": "void", "resumes_at": int(resumes.timestamp())}
        self.v1.subscriptions.update(subscription, {"pause_collection": pause})

    def sets_end(self, subscription: str, feedback: Any) -> None:
        self.v1.subscriptions.update(
            subscription,
            {"cancel_at_period_end": True, "cancellation_details": {"feedback": feedback}},
        )

    def stops_at_once(self, subscription: str, feedback: Any) -> None:
        self.v1.subscriptions.cancel(subscription, {"cancellation_details": {"feedback": feedback}})

    def is_given_back(self, subscription: str) -> None:
        self.v1.refunds.create({"charge": self._last_charge(subscription)})
        self.v1.subscriptions.cancel(subscription)

    def is_contested(self, subscription: str) -> None:
        """Nobody answers the bank, which keeps the money."""
        self.till.dispute(self._last_charge(subscription))

    def _new_price(self, subscription: str, amount: int, every: str, how: Any) -> None:
        item = self.v1.subscriptions.retrieve(subscription)["items"].data[0]
        price = {
            "currency": item.price.currency,
            "product": item.price.product,
            "unit_amount": amount,
            "recurring": {"interval": every},
        }
        changed: Any = {"items": [{"id": item.id, "price_data": price}], **how}
        self.v1.subscriptions.update(subscription, changed)

    def _customer(self, name: str) -> str:
        email = f"{name}@example.org"
        for known in self.v1.customers.list({"email": email}).data:
            return str(known.id)
        who: Any = {"email": email, "name": name.title(), "test_clock": self.clock}
        made = self.v1.customers.create(who)
        card = self.v1.payment_methods.attach(GOOD, {"customer": made.id})
        self.v1.customers.update(made.id, {"invoice_settings": {"default_payment_method": card.id}})
        return str(made.id)

    def _customer_of(self, subscription: str) -> str:
        return str(self.v1.subscriptions.retrieve(subscription).customer)

    def _last_charge(self, subscription: str) -> str:
        wanted: Any = {"subscription": subscription, "limit": 1, "status": "paid"}
        invoice = self.v1.invoices.list(wanted).data[0].id
        payment = self.v1.invoice_payments.list({"invoice": invoice}).data[0]
        intent = str(payment.payment.payment_intent)
        return str(self.v1.payment_intents.retrieve(intent).latest_charge)

    def all_events(self) -> Iterator[Event]:
        """Oldest first, as they came about: some bear the test clock's time, some the sandbox's."""
        params: dict[str, Any] = {"limit": 100}
        pages = []
        while True:
            page = self.till.get("/v1/events", **params)
            pages += page["data"]
            if not page["has_more"]:
                return iter(pages[::-1])
            params["starting_after"] = page["data"][-1]["id"]
