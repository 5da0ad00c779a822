"""Another amount or interval within a period: what is given back, what is billed, and when."""

import datetime as dt
import itertools
import random
from typing import Any

import pytest
import requests
import stripe

from tests.stripe_sandbox.desk import DAY, FAILS_ON_RENEWAL, Desk

START = int(dt.datetime(2026, 6, 1, tzinfo=dt.UTC).timestamp())
NOW: Any = {"type": "now"}


class Patron:
    """Thirty euros a month since the first of June, which has thirty days."""

    def __init__(self, desk: Desk, amount: int = 3000, every: str = "month", **price: Any) -> None:
        self.desk = desk
        self.v1 = desk.v1
        self.clock = self.v1.test_helpers.test_clocks.create({"frozen_time": START}).id
        customer = self.v1.customers.create({"email": "p@example.org", "test_clock": self.clock})
        self.customer = customer.id
        card = self.v1.payment_methods.attach("pm_card_visa", {"customer": self.customer})
        self.product = self.v1.products.create({"name": "Patron"}).id
        begun: Any = {"customer": self.customer, "default_payment_method": card.id}
        begun["items"] = [{"price_data": self.price(amount, every, **price)}]
        made = self.v1.subscriptions.create(begun)
        self.id, self.item = made.id, made["items"].data[0].id
        self.first = made.latest_invoice

    def price(self, amount: int, every: str = "month", currency: str = "eur") -> Any:
        price: Any = {"currency": currency, "unit_amount": amount, "product": self.product}
        return {**price, "recurring": {"interval": every}}

    def wish(self, amount: int, every: str = "month", **more: Any) -> Any:
        return {"items": [{"id": self.item, "price_data": self.price(amount, every)}], **more}

    def change(self, amount: int, every: str = "month", **more: Any) -> Any:
        return self.v1.subscriptions.update(self.id, self.wish(amount, every, **more))

    def preview(self, amount: int, every: str = "month", **more: Any) -> Any:
        details = self.wish(amount, every, **more)
        return self.v1.invoices.create_preview(
            {"subscription": self.id, "subscription_details": details}
        )

    def days(self, number: float) -> None:
        self.desk.advance(number, self.clock)

    def invoices(self) -> list[Any]:
        return list(self.v1.invoices.list({"subscription": self.id}).data)

    def balance(self) -> int:
        return int(self.v1.customers.retrieve(self.customer).balance)

    def charges(self) -> list[int]:
        return [one.amount for one in self.v1.charges.list({"customer": self.customer}).data]


def amounts(invoice: Any) -> list[int]:
    return [line.amount for line in invoice.lines.data]


def is_proration(line: Any) -> bool:
    return bool(line.parent.subscription_item_details.proration)


def test_the_difference_waits_for_the_next_renewal(desk: Desk) -> None:
    patron = Patron(desk)
    patron.days(10)
    patron.change(6000)
    assert patron.charges() == [3000]
    waiting = desk.v1.invoice_items.list({"customer": patron.customer, "pending": True}).data
    assert sorted(one.amount for one in waiting) == [-2000, 4000]
    patron.days(21)
    renewal, _ = patron.invoices()
    assert amounts(renewal) == [-2000, 4000, 6000]
    assert [is_proration(line) for line in renewal.lines.data] == [True, True, False]
    assert patron.charges() == [8000, 3000]
    assert desk.v1.invoice_items.list({"invoice": renewal.id}).data[0].proration
    assert desk.v1.invoice_items.list({"pending": True}).data == []


def test_or_is_billed_at_once(desk: Desk) -> None:
    patron = Patron(desk)
    patron.days(10)
    changed = patron.change(6000, proration_behavior="always_invoice")
    update, first = patron.invoices()
    assert (update.billing_reason, update.amount_paid) == ("subscription_update", 2000)
    assert changed.latest_invoice == update.id
    assert changed.billing_cycle_anchor == START
    credit, debit = update.lines.data
    assert (credit.amount, debit.amount) == (-2000, 4000)
    assert credit.description == "Unused time on Patron after 11 Jun 2026"
    assert debit.description == "Remaining time on Patron after 11 Jun 2026"
    assert (credit.period.start, credit.period.end) == (START + 10 * DAY, START + 30 * DAY)
    [line] = first.lines.data
    credited = credit.parent.subscription_item_details.proration_details.credited_items
    assert (credited.invoice, credited.invoice_line_items) == (first.id, [line.id])
    assert debit.parent.subscription_item_details.proration_details.credited_items is None
    patron.days(21)
    assert amounts(patron.invoices()[0]) == [6000]


def test_or_is_let_go(desk: Desk) -> None:
    patron = Patron(desk)
    patron.days(10)
    patron.change(6000, proration_behavior="none")
    assert desk.v1.invoice_items.list().data == []
    patron.days(21)
    assert amounts(patron.invoices()[0]) == [6000]


def test_an_upgrade_announces_itself_in_order(desk: Desk) -> None:
    patron = Patron(desk)
    patron.days(10)
    patron.change(6000, proration_behavior="always_invoice")
    that_day = [event for event in desk.events() if event.created == START + 10 * DAY]
    assert [event.type for event in that_day if "test_clock" not in event.type] == [
        "invoiceitem.created",
        "invoiceitem.created",
        "invoice.created",
        "customer.subscription.updated",
        "invoice.finalized",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
    ]
    [updated] = desk.events("customer.subscription.updated")[-1:]
    assert updated.data.previous_attributes["latest_invoice"] == patron.first


def test_what_is_given_back_was_billed_not_what_it_costs_by_now(desk: Desk) -> None:
    patron = Patron(desk)
    patron.change(9000, proration_behavior="none")
    patron.days(15)
    patron.change(6000, proration_behavior="always_invoice")
    assert amounts(patron.invoices()[0]) == [-1500, 3000]


def test_a_second_change_gives_the_rest_of_the_first_back(desk: Desk) -> None:
    patron = Patron(desk)
    patron.days(10)
    patron.change(6000)
    patron.days(10)
    patron.change(9000)
    waiting = desk.v1.invoice_items.list({"pending": True}).data
    assert [one.amount for one in waiting] == [3000, -2000, 4000, -2000]
    credited = [one.proration_details.credited_items for one in waiting]
    assert (credited[1].type, credited[1].invoice_item) == ("invoice_item", waiting[2].id)
    assert credited[3].invoice_line_item_details.invoice == patron.first
    patron.days(11)
    assert sum(amounts(patron.invoices()[0])) == 9000 + 3000


def test_a_downgrade_at_once_is_credit_for_the_next_invoices(desk: Desk) -> None:
    patron = Patron(desk, 9000)
    patron.days(10)
    patron.change(1500, proration_behavior="always_invoice")
    update = patron.invoices()[0]
    assert (update.total, update.amount_due, update.amount_paid) == (-5000, 0, 0)
    assert (update.status, update.starting_balance, update.ending_balance) == ("paid", 0, -5000)
    assert patron.balance() == -5000
    assert patron.charges() == [9000]
    patron.days(25)
    covered = patron.invoices()[0]
    assert (covered.total, covered.amount_due, covered.amount_paid) == (1500, 0, 0)
    assert (covered.status, covered.starting_balance, covered.ending_balance) == (
        "paid",
        -5000,
        -3500,
    )
    assert desk.v1.invoice_payments.list({"invoice": covered.id}).data == []
    assert len(desk.v1.payment_intents.list({"customer": patron.customer}).data) == 1
    for _ in range(3):
        patron.days(31)
    partly = patron.invoices()[0]
    assert (partly.amount_due, partly.amount_paid, partly.ending_balance) == (1000, 1000, 0)
    assert (patron.charges(), patron.balance()) == ([1000, 9000], 0)
    page = requests.get(partly.hosted_invoice_url, timeout=9).text
    assert "Set off against your balance" in page
    assert "-€5.00" in page


def test_the_balance_tells_its_moves(desk: Desk) -> None:
    patron = Patron(desk, 9000)
    patron.days(15)
    patron.change(1500, proration_behavior="always_invoice")
    patron.days(20)
    listed = desk.v1.customers.balance_transactions.list(patron.customer).data
    assert [(one.type, one.amount, one.ending_balance) for one in listed] == [
        ("applied_to_invoice", 1500, -2250),
        ("applied_to_invoice", -3750, -3750),
    ]
    [updated, _] = [event for event in desk.events("customer.updated") if event.created > START]
    assert updated.data.previous_attributes["balance"] == 0
    assert updated.data.object.balance == -3750
    other = desk.v1.customers.create({}).id
    with pytest.raises(stripe.InvalidRequestError, match="No such"):
        desk.v1.customers.balance_transactions.retrieve(other, listed[0].id)


def test_a_credit_by_hand_and_a_debt_too_small_to_charge(desk: Desk) -> None:
    patron = Patron(desk)
    given = {"amount": -2980, "currency": "eur", "description": "Sorry"}
    entry = desk.v1.customers.balance_transactions.create(patron.customer, given)
    assert (entry.type, entry.ending_balance) == ("adjustment", -2980)
    patron.days(31)
    small = patron.invoices()[0]
    assert (small.amount_due, small.status, small.ending_balance) == (0, "paid", 20)
    patron.days(31)
    assert patron.charges() == [3020, 3000]


def test_another_interval_starts_anew_and_credits_what_is_unused(desk: Desk) -> None:
    patron = Patron(desk)
    patron.days(10)
    changed = patron.change(30000, "year", proration_behavior="always_invoice")
    assert changed.billing_cycle_anchor == START + 10 * DAY
    period = changed["items"].data[0]
    assert period.current_period_start == START + 10 * DAY
    assert dt.datetime.fromtimestamp(period.current_period_end, dt.UTC).year == 2027
    update = patron.invoices()[0]
    assert (amounts(update), update.amount_paid) == ([-2000, 30000], 28000)
    full = update.lines.data[1]
    assert (is_proration(full), full.period.end) == (False, period.current_period_end)


@pytest.mark.parametrize(("behavior", "lines"), [("create_prorations", [-2000, 30000]),
                                                ("none", [30000])])  # fmt: skip
def test_another_interval_is_billed_at_once_whatever_is_prorated(
    desk: Desk, behavior: str, lines: list[int]
) -> None:
    patron = Patron(desk)
    patron.days(10)
    patron.change(30000, "year", proration_behavior=behavior)
    assert amounts(patron.invoices()[0]) == lines


def test_from_years_to_months_leaves_credit_for_years(desk: Desk) -> None:
    patron = Patron(desk, 36500, "year")
    patron.days(65)
    patron.change(3000, proration_behavior="always_invoice")
    update = patron.invoices()[0]
    assert (amounts(update), update.amount_due) == ([-30000, 3000], 0)
    assert patron.balance() == -27000
    patron.days(31)
    assert patron.balance() == -24000


def test_an_end_with_the_period_follows_the_new_period(desk: Desk) -> None:
    patron = Patron(desk)
    desk.v1.subscriptions.update(patron.id, {"cancel_at_period_end": True})
    changed = patron.change(30000, "year", proration_behavior="always_invoice")
    assert changed.cancel_at == changed["items"].data[0].current_period_end
    patron.days(366)
    ended = desk.v1.subscriptions.retrieve(patron.id)
    assert (ended.status, ended.ended_at) == ("canceled", changed.cancel_at)


def test_an_anchor_may_be_moved_to_now_without_another_price(desk: Desk) -> None:
    patron = Patron(desk)
    patron.days(10)
    changed = desk.v1.subscriptions.update(
        patron.id, {"billing_cycle_anchor": NOW, "proration_behavior": "always_invoice"}
    )
    assert changed.billing_cycle_anchor == START + 10 * DAY
    assert amounts(patron.invoices()[0]) == [-2000, 3000]
    with pytest.raises(stripe.APIError, match="without a new billing cycle anchor"):
        patron.change(30000, "year", billing_cycle_anchor={"type": "unchanged"})


def test_a_proration_may_be_reckoned_from_another_moment(desk: Desk) -> None:
    patron = Patron(desk)
    patron.days(11)
    at = START + 10 * DAY
    seen = patron.preview(6000, proration_behavior="always_invoice", proration_date=at)
    patron.change(6000, proration_behavior="always_invoice", proration_date=at)
    assert amounts(patron.invoices()[0]) == amounts(seen) == [-2000, 4000]
    for wrong in ({"proration_date": START - 1}, {"proration_date": START + 40 * DAY},
                  {"proration_date": at, "proration_behavior": "none"}):  # fmt: skip
        with pytest.raises(stripe.InvalidRequestError, match="proration") as refused:
            patron.change(9000, **wrong)
        assert refused.value.param == "proration_date"


def test_nothing_is_prorated_where_price_and_quantity_stay(desk: Desk) -> None:
    patron = Patron(desk)
    patron.days(10)
    behavior: Any = {"proration_behavior": "always_invoice"}
    same: Any = [{"id": patron.item, "metadata": {"a": "b"}}]
    desk.v1.subscriptions.update(patron.id, {"items": same, **behavior})
    assert len(patron.invoices()) == 1
    two: Any = [{"id": patron.item, "quantity": 2}]
    desk.v1.subscriptions.update(patron.id, {"items": two, **behavior})
    assert amounts(patron.invoices()[0]) == [-2000, 4000]
    debit = patron.invoices()[0].lines.data[1]
    assert debit.description == "Remaining time on 2 × Patron after 11 Jun 2026"
    assert debit.pricing.unit_amount_decimal == 2000


def test_a_preview_says_what_a_change_would_bill_and_keeps_nothing(desk: Desk) -> None:
    patron = Patron(desk)
    patron.days(10)
    events, prices = len(desk.events()), len(desk.v1.prices.list().data)
    now = patron.preview(30000, "year", proration_behavior="always_invoice")
    assert (amounts(now), now.amount_due) == ([-2000, 30000], 28000)
    assert now.id.startswith("upcoming_in_")
    assert (now.status, now.billing_reason, now.ending_balance) == ("draft", "upcoming", None)
    later = patron.preview(6000)
    assert (amounts(later), later.period_end) == ([-2000, 4000, 6000], START + 30 * DAY)
    assert amounts(patron.preview(6000, proration_behavior="none")) == [6000]
    assert (len(desk.events()), len(desk.v1.prices.list().data)) == (events, prices)
    assert desk.v1.invoice_items.list().data == []
    assert len(patron.invoices()) == 1
    kept = desk.v1.subscriptions.retrieve(patron.id)["items"].data[0]
    assert (kept.price.unit_amount, kept.current_period_end) == (3000, START + 30 * DAY)


def test_a_preview_without_a_change_is_the_next_renewal(desk: Desk) -> None:
    patron = Patron(desk)
    credit = {"amount": -1000, "currency": "eur"}
    desk.v1.customers.balance_transactions.create(patron.customer, credit)
    preview = desk.v1.invoices.create_preview({"subscription": patron.id})
    assert (preview.total, preview.amount_due, preview.starting_balance) == (3000, 2000, -1000)
    assert preview.lines.data[0].period.start == START + 30 * DAY
    desk.v1.subscriptions.update(patron.id, {"cancel_at_period_end": True})
    with pytest.raises(stripe.InvalidRequestError) as none:
        desk.v1.invoices.create_preview({"subscription": patron.id})
    assert none.value.code == "invoice_upcoming_none"
    with pytest.raises(stripe.APIError, match="without a subscription"):
        desk.v1.invoices.create_preview({"customer": patron.customer})
    other = desk.v1.customers.create({}).id
    with pytest.raises(stripe.InvalidRequestError, match="another customer"):
        desk.v1.invoices.create_preview({"subscription": patron.id, "customer": other})


def test_what_waits_is_collected_even_when_the_subscription_ends(desk: Desk) -> None:
    patron = Patron(desk)
    patron.days(10)
    patron.change(6000)
    desk.v1.subscriptions.update(patron.id, {"cancel_at_period_end": True})
    preview = desk.v1.invoices.create_preview({"subscription": patron.id})
    assert amounts(preview) == [-2000, 4000]
    patron.days(21)
    assert patron.charges() == [2000, 3000]
    assert desk.v1.subscriptions.retrieve(patron.id).status == "canceled"


def test_an_upgrade_that_is_refused_is_tried_again_or_undone(desk: Desk) -> None:
    session = desk.patron(FAILS_ON_RENEWAL, amount=3000)
    item = desk.v1.subscriptions.retrieve(session.subscription)["items"].data[0]
    items: Any = [{"id": item.id, "quantity": 3}]
    wish: Any = {"items": items, "proration_behavior": "always_invoice"}
    with pytest.raises(stripe.CardError):
        desk.v1.subscriptions.update(
            session.subscription, {**wish, "payment_behavior": "error_if_incomplete"}
        )
    assert len(desk.v1.invoices.list({"subscription": session.subscription}).data) == 1
    changed = desk.v1.subscriptions.update(session.subscription, wish)
    assert changed.status == "past_due"
    invoice = desk.v1.invoices.retrieve(changed.latest_invoice)
    assert (invoice.status, invoice.next_payment_attempt is not None) == ("open", True)


def test_a_void_invoice_gives_its_credit_back(desk: Desk) -> None:
    patron = Patron(desk)
    credit = {"amount": -1000, "currency": "eur"}
    desk.v1.customers.balance_transactions.create(patron.customer, credit)
    desk.v1.subscriptions.update(patron.id, {"pause_collection": {"behavior": "void"}})
    patron.days(31)
    assert (patron.invoices()[0].status, patron.balance()) == ("void", -1000)
    [back, *_] = desk.v1.customers.balance_transactions.list(patron.customer).data
    assert (back.type, back.amount) == ("unapplied_from_invoice", -1000)


def test_a_pause_collects_no_upgrade_but_takes_credit_on(desk: Desk) -> None:
    patron = Patron(desk)
    pause: Any = {"behavior": "keep_as_draft"}
    desk.v1.subscriptions.update(patron.id, {"pause_collection": pause})
    patron.change(6000, proration_behavior="always_invoice")
    draft = patron.invoices()[0]
    assert (draft.status, draft.amount_due) == ("draft", 3000)
    patron.days(15)
    patron.change(3000, proration_behavior="always_invoice")
    assert patron.balance() == -1500
    paid = desk.v1.invoices.pay(draft.id)
    assert (paid.amount_paid, paid.status) == (1500, "paid")


def test_a_draft_that_credit_covers_is_paid_with_nothing(desk: Desk) -> None:
    patron = Patron(desk)
    credit = {"amount": -9000, "currency": "eur"}
    desk.v1.subscriptions.update(patron.id, {"pause_collection": {"behavior": "keep_as_draft"}})
    patron.days(31)
    desk.v1.customers.balance_transactions.create(patron.customer, credit)
    paid = desk.v1.invoices.pay(patron.invoices()[0].id)
    assert (paid.status, paid.amount_paid, patron.balance()) == ("paid", 0, -6000)


@pytest.mark.parametrize(("currency", "lines"), [("jpy", [-3333, 6667]), ("isk", [-3300, 6700]),
                                                ("kwd", [-3330, 6670])])  # fmt: skip
def test_shares_are_sums_that_can_be_charged(desk: Desk, currency: str, lines: list[int]) -> None:
    patron = Patron(desk, 5000, currency=currency)
    patron.days(10)
    items: Any = [{"id": patron.item, "quantity": 2}]
    desk.v1.subscriptions.update(
        patron.id, {"items": items, "proration_behavior": "always_invoice"}
    )
    assert amounts(patron.invoices()[0]) == lines


def test_a_store_of_before_prorations_gives_back_by_the_price(desk: Desk) -> None:
    patron = Patron(desk)
    with desk.app.extensions["stripe_sandbox"].writing() as books:
        row = books.get("subscription", patron.id)
        del row["items"][0]["billed"]
        invoice = books.get("invoice", patron.first)
        for name in ("amount_due", "starting_balance", "ending_balance"):
            del invoice[name]
        books.save(invoice)
        books.save(row)
    assert desk.v1.invoices.retrieve(patron.first).amount_due == 3000
    patron.days(10)
    patron.change(6000, proration_behavior="always_invoice")
    assert amounts(patron.invoices()[0]) == [-2000, 4000]


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_changed_what_was_billed_is_what_was_paid_and_what_is_left(
    desk: Desk, seed: int
) -> None:
    chance = random.Random(seed)
    patron = Patron(desk)
    for _ in range(12):
        patron.days(chance.choice([0.5, 3, 9, 25, 70]))
        behavior = chance.choice(["none", "create_prorations", "always_invoice"])
        every = chance.choice(["month", "month", "year", "week"])
        amount = chance.choice([100, 999, 3000, 31_415])
        before = patron.invoices()[0].id
        seen = patron.preview(amount, every, proration_behavior=behavior)
        patron.change(amount, every, proration_behavior=behavior)
        newest = patron.invoices()[0]
        if newest.id != before:
            assert (amounts(newest), newest.amount_due) == (amounts(seen), seen.amount_due)
    invoices = list(
        desk.v1.invoices.list({"subscription": patron.id, "limit": 100}).auto_paging_iter()
    )
    charges = desk.v1.charges.list({"customer": patron.customer, "limit": 100}).auto_paging_iter()
    assert {invoice.status for invoice in invoices} == {"paid"}
    paid = sum(invoice.amount_paid for invoice in invoices)
    assert paid == sum(charge.amount for charge in charges)
    assert sum(invoice.total for invoice in invoices) == paid + patron.balance()
    by_time = sorted(invoices, key=lambda one: (one.created, one.number))
    balances = [(one.starting_balance, one.ending_balance) for one in by_time]
    assert all(before[1] == after[0] for before, after in itertools.pairwise(balances))
