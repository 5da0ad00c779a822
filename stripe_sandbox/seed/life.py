"""One patron's years, lived through the engine: Checkout, renewals, trouble, leaving."""

import random
from collections import Counter
from collections.abc import Callable

from stripe_sandbox.books import Books, Row
from stripe_sandbox.engine import agenda, checkout, endings, payments
from stripe_sandbox.engine.subscriptions import set_end
from stripe_sandbox.events import change
from stripe_sandbox.resources import checkout_sessions
from stripe_sandbox.seed.wish import Plan

Act = Callable[[Row, int], None]

CLOCK = "seeding"
DAY = 24 * 3600
MONTH = 30 * DAY

# Chances, per month of a life where nothing else is said.
LEAVES = 0.022
LEAVES_AT_ONCE = 0.35
CARD_FAILS = 0.02
CARD_COMES_BACK = 0.7
REFUND_OF_A_LIFE = 0.03
REFUND_IN_PART = 0.4
DECLINES_FIRST = 0.04
FAILURES = ("declined", "insufficient_funds", "expired")
FEEDBACK = ("too_expensive", "unused", "switched_service", "other", None)
SUCCESS = "http://127.0.0.1/thanks?session_id={CHECKOUT_SESSION_ID}"


class Life:
    """Plays one patron on a clock of its own, from joining up to `now`."""

    def __init__(self, books: Books, chance: random.Random, now: int, counts: Counter[str]) -> None:
        self.books = books
        self.chance = chance
        self.now = now
        self.counts = counts

    def live(
        self, payer: Row, plan: Plan, joined: int, metadata: dict[str, str], *, late: bool
    ) -> None:
        """All of it. `late` makes the card fail in these days, so that something is past due."""
        session = self._join(payer, plan, joined, metadata)
        if plan.interval is None:
            self.counts["one_time"] += 1
            self.counts["payments"] += 1
            self._maybe_refund(session["payment_intent"], joined)
            return
        subscription = self.books.get("subscription", session["subscription"])
        for at, act in sorted(self._acts(subscription, joined, late), key=lambda pair: pair[0]):
            self._run_until(at)
            if subscription["status"] != "canceled":
                self.books.clock_override = (CLOCK, at)
                act(subscription, at)
        self._run_until(self.now)
        self._count(subscription)

    def _join(self, payer: Row, plan: Plan, at: int, metadata: dict[str, str]) -> Row:
        self.books.clock_override = (CLOCK, at)
        price: Row = {"currency": plan.currency, "product": plan.product}
        price["unit_amount"] = plan.amount
        params: Row = {"success_url": SUCCESS, "customer_email": payer["email"]}
        params["line_items"] = [{"price_data": price, "quantity": 1}]
        if plan.interval:
            price["recurring"] = {"interval": plan.interval}
            params |= {"mode": "subscription", "subscription_data": {"metadata": metadata}}
        else:
            params |= {"mode": "payment", "payment_intent_data": {"metadata": metadata}}
            params["customer_creation"] = "always"
        id = checkout_sessions.create(self.books, params)["id"]
        session = self.books.get("checkout.session", id)
        expiry = (self.chance.randint(1, 12), 2030 + self.chance.randint(0, 6))
        if self.chance.random() < DECLINES_FIRST:
            checkout.attempt(self.books, session, "declined", payer, expiry)
        card = self.chance.choice(("visa", "visa", "mastercard"))
        checkout.attempt(self.books, session, card, payer, expiry)
        return session

    def _acts(self, subscription: Row, joined: int, late: bool) -> list[tuple[int, Act]]:
        """What this patron will do, and when."""
        acts: list[tuple[int, Act]] = []
        leaves = joined + int(self.chance.expovariate(LEAVES) * MONTH)
        if leaves < self.now:
            acts.append((leaves, self._leave))
        fails = joined + int(self.chance.expovariate(CARD_FAILS) * MONTH)
        if late:
            fails = max(joined + 1, self.now - 14 * DAY)
        if fails < self.now:
            acts.append((fails, self._card_fails))
            if not late and self.chance.random() < CARD_COMES_BACK:
                period_end = self._first_renewal_after(subscription, fails)
                mended = period_end + self.chance.randint(1, 12) * DAY
                if mended < self.now:
                    acts.append((mended, self._new_card))
        if self.chance.random() < REFUND_OF_A_LIFE:
            acts.append((joined + self.chance.randint(1, 20) * DAY, self._refund_first))
        return [(at, act) for at, act in acts if at < self.now]

    def _first_renewal_after(self, subscription: Row, at: int) -> int:
        length: int = subscription["current_period_end"] - subscription["current_period_start"]
        anchor: int = subscription["billing_cycle_anchor"]
        return anchor + ((at - anchor) // length + 1) * length

    def _run_until(self, until: int) -> None:
        while agenda.run_due(self.books, CLOCK, until, 100) is not None:
            pass

    def _leave(self, subscription: Row, at: int) -> None:
        details = {"comment": None, "feedback": self.chance.choice(FEEDBACK)}
        subscription["cancellation_details"] = {**details, "reason": None}
        if self.chance.random() < LEAVES_AT_ONCE:
            endings.end(self.books, subscription, at)
            return
        with change(self.books, subscription, "customer.subscription.updated"):
            set_end(self.books, subscription, at, wanted=True)

    def _card_fails(self, subscription: Row, at: int) -> None:
        method = self.books.get("payment_method", subscription["default_payment_method"])
        method["plays"] = self.chance.choice(FAILURES)
        self.books.save(method)

    def _new_card(self, subscription: Row, at: int) -> None:
        customer = self.books.get("customer", subscription["customer"])
        old = self.books.get("payment_method", subscription["default_payment_method"])
        method = payments.new_card(
            self.books, "visa", expiry=(12, 2034), payer=old["billing_details"], now=at
        )
        payments.attach(self.books, method, customer)
        with change(self.books, subscription, "customer.subscription.updated"):
            subscription["default_payment_method"] = method["id"]

    def _refund_first(self, subscription: Row, at: int) -> None:
        first = self.books.select(
            "invoice", "parent = ?", (subscription["id"],), "ORDER BY created LIMIT 1"
        )[0]
        self._refund(first["payment_intent"], at)

    def _maybe_refund(self, intent: str, joined: int) -> None:
        at = joined + self.chance.randint(1, 20) * DAY
        if self.chance.random() < REFUND_OF_A_LIFE and at < self.now:
            self.books.clock_override = (CLOCK, at)
            self._refund(intent, at)

    def _refund(self, intent_id: str, at: int) -> None:
        intent = self.books.get("payment_intent", intent_id)
        charge = self.books.get("charge", intent["latest_charge"])
        part = self.chance.random() < REFUND_IN_PART
        amount = charge["amount"] // 2 if part else charge["amount"]
        payments.refund(
            self.books, charge, amount, reason="requested_by_customer", metadata={}, now=at
        )
        self.counts["refunds"] += 1

    def _count(self, subscription: Row) -> None:
        self.counts["subscriptions"] += 1
        self.counts[subscription["status"]] += 1
        paid = self.books.select(
            "invoice",
            "parent = ? AND json_extract(facts, '$.status') = 'paid'",
            (subscription["id"],),
        )
        self.counts["payments"] += len(paid)
