"""Whatever happens to patrons, and in whatever order Stripe tells of it, the books come out even.

A hypothesis state machine lives the life of a few patrons in the sandbox. Its events are told
in any order, twice, late, or, in half of the lives, never; on PostgreSQL by two at once. In
the end the books must equal Stripe's, and where nothing was lost they must do so before
anything is compared.
"""

import contextlib
import itertools
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
import stripe
from flask import Flask
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from membership import days, gateway
from membership.books import payouts, settlement
from membership.books.models import OFFERED, Interval
from membership.clock import clock
from membership.extensions import db
from membership.figures.spans import Span
from membership.giving.checkout import Wish, start
from membership.history import rebuild, sums
from membership.inbox import inbox, reconcile
from membership.mail.models import OutgoingMail
from membership.money import Money
from membership.staff.money import journal
from tests.books import truth
from tests.conftest import MakeApp, empty_tables
from tests.factories import Newsroom
from tests.history import moved
from tests.staff.money.test_journal import hold
from tests.till import (
    ASKS_ALWAYS,
    FAILS_ON_RENEWAL,
    GOOD_CARD,
    IBAN_FAILS,
    IBAN_PAYS,
    IS_DISPUTED,
    SECRET,
    Event,
    Till,
    open_till,
    signed,
)

IS_SOAK = "SOAK_EXAMPLES" in os.environ
# Cut in parts, so that nobody waits for one of them at the end.
PARTS = 6 if IS_SOAK else 3
# Half of them on each database.
EXAMPLES = int(os.environ.get("SOAK_EXAMPLES", "500")) // 2 // PARTS
LIVES_A_WORLD = 3
PATRONS = 3
CURRENCIES = {"eur": 500, "usd": 700, "uah": 20_000}


class World:
    """One newsroom and one Stripe account, made new after some lives so that neither grows old."""

    def __init__(self, app: Flask, folder: Path) -> None:
        self.app, self.folder = app, folder
        self.is_parallel = "postgresql" in app.config["SQLALCHEMY_DATABASE_URI"]
        self.lives = itertools.count()
        self.told = 0
        self.has_failed = self.is_last_life = False
        self._opened: Any = None
        # Who a deleted customer was, Stripe tells nobody who asks later.
        self.has_deleted = False

    def next_life(self) -> Till:
        """Where the next life is lived; a world in which one went wrong is left behind."""
        number = next(self.lives)
        if number % LIVES_A_WORLD == 0 or self.has_failed:
            self._begin(number)
        self.is_last_life = (number + 1) % LIVES_A_WORLD == 0
        self.has_failed = True
        return self.till

    def _begin(self, number: int) -> None:
        self.close()
        with self.app.app_context():
            empty_tables(db.engine)
        self.has_deleted = False
        self._opened = open_till(self.folder / f"sandbox-{number}.sqlite")
        self.till: Till = self._opened.__enter__()
        moved = {"sandbox_url": self.till.url}
        gateway.init_app(self.app, self.app.extensions["settings"].model_copy(update=moved))
        Newsroom(self.app).tiers()

    def import_anew(self) -> None:
        """Forget everything but the tiers, and bring the account in as a new newsroom would."""
        db.session.commit()
        empty_tables(db.engine, but={"tier", "suggestion", "product"})
        reconcile.run()

    def close(self) -> None:
        if self._opened is not None:
            self._opened.__exit__(None, None, None)
            self._opened = None


class Lives(RuleBasedStateMachine):
    """The rules are what can happen; `world` is set on a subclass."""

    world: World

    @initialize(may_lose=st.booleans(), seed=st.integers(0, 2**32))
    def begin(self, may_lose: bool, seed: int) -> None:
        self.till = self.world.next_life()
        self.may_lose = may_lose
        self.has_lost = False
        self.chance = Random(seed)
        self.pending: list[Event] = []
        self.life = next(_numbers)
        self.tries = itertools.count()
        self._set_clock()

    # What happens to patrons.

    @rule(
        patron=st.integers(1, PATRONS),
        interval=st.sampled_from(OFFERED),
        currency=st.sampled_from(sorted(CURRENCIES)),
        card=st.sampled_from([GOOD_CARD, GOOD_CARD, FAILS_ON_RENEWAL, ASKS_ALWAYS, IS_DISPUTED]),
    )
    def somebody_gives(self, patron: int, interval: Interval, currency: str, card: str) -> None:
        address = self._checkout(patron, interval, currency)
        answer = self.till.pay(address, card=card)
        if answer.status_code == 303 and answer.headers["Location"].endswith("/authenticate"):
            self.till.authenticate(address, self.chance.choice(["complete", "fail"]))

    @rule(
        patron=st.integers(1, PATRONS),
        interval=st.sampled_from(OFFERED),
        iban=st.sampled_from([IBAN_PAYS, IBAN_FAILS]),
    )
    def somebody_gives_by_debit(self, patron: int, interval: Interval, iban: str) -> None:
        self.till.pay_by_debit(self._checkout(patron, interval, "eur"), iban)

    @rule(patron=st.integers(1, PATRONS))
    def somebody_leaves_checkout(self, patron: int) -> None:
        self._checkout(patron, Interval.month, "eur")

    @rule(days=st.integers(1, 28))
    def time_passes(self, days: int) -> None:
        """Not longer than Stripe keeps its events."""
        self._hear()
        self.till.let_pass(self.till.now() + timedelta(days=days))
        self._set_clock()

    @rule(which=st.integers(0), card=st.sampled_from([GOOD_CARD, FAILS_ON_RENEWAL]))
    def somebody_changes_the_card(self, which: int, card: str) -> None:
        if said := self._one(which):
            portal = self.till.sdk.v1.billing_portal.sessions.create({"customer": said["customer"]})
            self.till.pay(portal.url, card=card, button="card")

    @rule(which=st.integers(0), amount=st.integers(300, 5000))
    def somebody_changes_the_amount(self, which: int, amount: int) -> None:
        self._change_price(which, amount, None)

    @rule(
        which=st.integers(0),
        amount=st.integers(300, 50_000),
        interval=st.sampled_from(["month", "year"]),
    )
    def somebody_changes_the_interval(self, which: int, amount: int, interval: str) -> None:
        self._change_price(which, amount, interval)

    @rule(which=st.integers(0), wanted=st.booleans())
    def somebody_cancels_or_stays(self, which: int, wanted: bool) -> None:
        self._update(which, {"cancel_at_period_end": wanted})

    @rule(which=st.integers(0))
    def somebody_stops_at_once(self, which: int) -> None:
        if said := self._one(which):
            self.till.sdk.v1.subscriptions.cancel(said["id"])

    @rule(which=st.integers(0), days=st.integers(5, 70))
    def somebody_pauses(self, which: int, days: int) -> None:
        until = int((self.till.now() + timedelta(days=days)).timestamp())
        self._update(which, {"pause_collection": {"behavior": "void", "resumes_at": until}})

    @rule(which=st.integers(0))
    def somebody_resumes(self, which: int) -> None:
        self._update(which, {"pause_collection": ""})

    @rule(which=st.integers(0), share=st.sampled_from([2, 1, 1]))
    def a_payment_is_given_back(self, which: int, share: int) -> None:
        if charge := self._charge(which):
            left = charge["amount"] - charge["amount_refunded"]
            amount = max(1, left // share)
            self.till.sdk.v1.refunds.create({"charge": charge["id"], "amount": amount})

    @rule(which=st.integers(0))
    def a_payment_is_contested(self, which: int) -> None:
        charge = self._charge(which)
        if charge and not charge["amount_refunded"]:
            self.till.dispute(charge["id"])

    @rule(which=st.integers(0), words=st.sampled_from(["winning_evidence", "losing_evidence"]))
    def a_dispute_is_decided(self, which: int, words: str) -> None:
        disputes = [
            one
            for one in self.till.get("/v1/disputes", limit=20)["data"]
            if one["status"] == "needs_response"
        ]
        if disputes:
            self.till.sdk.v1.disputes.update(
                disputes[which % len(disputes)]["id"],
                {"evidence": {"uncategorized_text": words}, "submit": True},
            )

    @rule(which=st.integers(0))
    def a_payout_comes_back(self, which: int) -> None:
        sent = self.till.get("/v1/payouts", limit=20)["data"]
        sent = [one for one in sent if one["status"] != "failed"]
        if sent:
            self.till.fail_payout(sent[which % len(sent)]["id"])

    @rule(which=st.integers(0))
    def a_customer_is_deleted(self, which: int) -> None:
        if said := self._one(which):
            self.till.sdk.v1.customers.delete(said["customer"])
            self.world.has_deleted = True

    @rule()
    def somebody_buys_something_else(self) -> None:
        """Another product of the same account, none of our business."""
        v1 = self.till.sdk.v1
        customer = v1.customers.create({"email": f"else{next(_numbers)}@example.org"})
        v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
        card = v1.payment_methods.list({"customer": customer.id}).data[0].id
        product = v1.products.create({"name": "Somebody else's newsletter"})
        price = {"currency": "eur", "unit_amount": 900, "product": product.id}
        v1.subscriptions.create(
            {
                "customer": customer.id,
                "default_payment_method": card,
                "items": [{"price_data": {**price, "recurring": {"interval": "month"}}}],
            }
        )

    # What Stripe tells, and how.

    @rule(share=st.floats(0.2, 1), again=st.integers(0, 2))
    def some_is_told(self, share: float, again: int) -> None:
        self._hear()
        self.chance.shuffle(self.pending)
        count = round(len(self.pending) * share)
        told, self.pending = self.pending[:count], self.pending[count:]
        self._tell(told + self.chance.sample(told, min(again, len(told))))

    @precondition(lambda self: self.may_lose)
    @rule(share=st.floats(0.1, 1))
    def some_is_lost(self, share: float) -> None:
        self._hear()
        self.chance.shuffle(self.pending)
        count = round(len(self.pending) * share)
        self.has_lost |= count > 0
        self.pending = self.pending[count:]

    def teardown(self) -> None:
        """The rest is told, twice and in any order; then the books are held against Stripe's."""
        if not hasattr(self, "till"):
            return
        while self._hear():
            self.chance.shuffle(self.pending)
            told, self.pending = self.pending, []
            self._tell(told + told[: len(told) // 2])
        with self.world.app.app_context():
            stripes = truth.stripes(self.till)
            if not self.has_lost:
                truth.hold_together(
                    truth.ours().without_settlements(), stripes.without_settlements()
                )
            settlement.run()
            payouts.run()
            reconcile.run()
            truth.hold_together(truth.ours(), stripes)
            if self.chance.random() < 0.1:
                assert reconcile.run() == {}
            abouts = db.session.scalars(sa.select(OutgoingMail.about)).all()
            assert len(abouts) == len(set(abouts))
            hold(list(journal.every(gateway.gateway().mode, self._lived())))
            self._hold_figures()
        self._end_everything()

    def _lived(self) -> Span:
        """All days that this world has seen: its clock began at the machine's time."""
        return Span(datetime.now(UTC).date() - timedelta(days=1), days.today())

    def _hold_figures(self) -> None:
        """However they came about, they are what a rebuild makes, and an import of the account."""
        rebuild.give_up()
        told, kept = moved.what_follows(), moved.kept_sums()
        told_by_account = moved.told_by_an_import()
        assert kept == moved.sums_of_rows()
        rebuild.rebuild()
        assert moved.what_follows() == told
        sums.fold()
        assert moved.kept_sums() == kept
        if self.world.is_last_life and not self.world.has_deleted:
            self.world.import_anew()
            rebuild.give_up()
            assert moved.told_by_an_import() == told_by_account
            assert moved.kept_sums() == moved.sums_of_rows()

    def _end_everything(self) -> None:
        """Nothing of this life falls due in the next one."""
        for said in self._running():
            self.till.sdk.v1.subscriptions.cancel(said["id"])
        self.till.let_pass(self.till.now() + timedelta(days=8))
        events = self.till.news()
        self._tell([event for event in events if event["type"] in inbox.EVENTS])
        self.till.taken(events)
        self.world.has_failed = False

    def _checkout(self, patron: int, interval: Interval, currency: str) -> str:
        amount = CURRENCIES[currency] * (12 if interval is Interval.year else 1)
        email = f"patron{self.life}.{patron}@example.org"
        wish = Wish(email, Money(amount, currency), interval, "en")
        with self.world.app.test_request_context():
            return start(wish, attempt=f"{self.life}-{next(self.tries)}", giver=None)

    def _running(self) -> list[Any]:
        found = self.till.get("/v1/subscriptions", limit=100)["data"]
        return [one for one in found if one["status"] in ("active", "past_due", "unpaid")]

    def _one(self, which: int) -> Any:
        running = self._running()
        return running[which % len(running)] if running else None

    def _charge(self, which: int) -> Any:
        charges = [
            one
            for one in self.till.get("/v1/charges", limit=20)["data"]
            if one["status"] == "succeeded" and not one["refunded"] and not one["disputed"]
        ]
        return charges[which % len(charges)] if charges else None

    def _update(self, which: int, params: Any) -> None:
        if said := self._one(which):
            self.till.sdk.v1.subscriptions.update(said["id"], params)

    def _change_price(self, which: int, amount: int, interval: str | None) -> None:
        said = self._one(which)
        if said is None:
            return
        item = said["items"]["data"][0]
        old = item["price"]
        price = {
            "currency": old["currency"],
            "unit_amount": amount * (10 if old["currency"] == "uah" else 1),
            "product": old["product"],
            "recurring": {"interval": interval or old["recurring"]["interval"]},
        }
        prorate = "always_invoice" if interval else "none"
        params = {"items": [{"id": item["id"], "price_data": price}], "proration_behavior": prorate}
        with contextlib.suppress(stripe.CardError):
            self.till.sdk.v1.subscriptions.update(said["id"], params)

    def _hear(self) -> bool:
        events = self.till.news()
        self.till.taken(events)
        self.pending += [event for event in events if event["type"] in inbox.EVENTS]
        return bool(self.pending)

    def _tell(self, events: list[Event]) -> None:
        self.world.told += len(events)
        if not self.world.is_parallel:
            for event in events:
                self._tell_one(event)
            return
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(self._tell_one, events))

    def _tell_one(self, event: Event) -> None:
        body, header = signed(event)
        with self.world.app.test_request_context("/webhooks/stripe", method="POST"):
            stored = inbox.receive(body, header)
            assert stored.error is None, (event["type"], stored.error)

    def _set_clock(self) -> None:
        clock.set(self.till.now())


_numbers = itertools.count()


@pytest.fixture
def world(make_app: MakeApp, tmp_path: Path) -> Iterator[World]:
    made = World(make_app(stripe_webhook_secret=SECRET), tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("part", range(PARTS))
def test_the_books_equal_stripes_after_any_life_told_in_any_order(world: World, part: int) -> None:
    machine: Callable[[], Lives] = type("LivesHere", (Lives,), {"world": world})
    if not IS_SOAK:
        machine = seed(part)(machine)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=12,
            deadline=None,
            derandomize=not IS_SOAK,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.generate, Phase.shrink),
        ),
    )
    sys.stdout.write(f"{next(world.lives)} lives, {world.told} events told\n")
