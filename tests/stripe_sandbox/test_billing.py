"""Time passes: renewals, failures, retries, pauses, endings, clocks."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe

from stripe_sandbox import periods
from stripe_sandbox.books import SANDBOX_CLOCK
from tests.stripe_sandbox.desk import FAILS_ON_RENEWAL, Desk, opened


def subscription_of(desk: Desk, session: Any) -> Any:
    return desk.v1.subscriptions.retrieve(session.subscription)


def renewals(desk: Desk, session: Any) -> list[Any]:
    found = desk.v1.invoices.list({"subscription": session.subscription}).data
    return [invoice for invoice in found if invoice.billing_reason == "subscription_cycle"]


def new_customer(desk: Desk, card: str = "pm_card_visa", **params: Any) -> Any:
    customer = desk.v1.customers.create({"email": "one@example.org", **params})
    method = desk.v1.payment_methods.attach(card, {"customer": customer.id})
    settings = {"default_payment_method": method.id}
    return desk.v1.customers.update(customer.id, {"invoice_settings": settings})


def monthly(desk: Desk, amount: int = 500) -> Any:
    product = desk.v1.products.create({"name": "Patron"})
    price = {"currency": "eur", "product": product.id, "unit_amount": amount}
    return desk.v1.prices.create({**price, "recurring": {"interval": "month"}})


def test_a_month_passes_and_the_renewal_is_charged(desk: Desk) -> None:
    session = desk.patron()
    before = subscription_of(desk, session).items.data[0]
    clock = desk.advance(days=32)
    after = subscription_of(desk, session).items.data[0]
    assert clock.status == "ready"
    assert after.current_period_start == before.current_period_end
    [invoice] = renewals(desk, session)
    assert (invoice.status, invoice.amount_paid) == ("paid", 500)
    assert invoice.period_end == before.current_period_end
    assert invoice.lines.data[0].period.start == before.current_period_end


def test_a_renewal_announces_itself_in_order(desk: Desk) -> None:
    desk.patron()
    desk.advance(days=32)
    renewal = [event.type for event in desk.events() if event.created > desk.now() - 3 * 86400]
    assert renewal == [
        "invoice.created",
        "customer.subscription.updated",
        "invoice.finalized",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
        "test_helpers.test_clock.ready",
    ]


def test_a_card_that_fails_on_renewal_is_retried_and_then_the_subscription_ends(
    desk: Desk,
) -> None:
    session = desk.patron(FAILS_ON_RENEWAL)
    desk.advance(days=32)
    assert subscription_of(desk, session).status == "past_due"
    [invoice] = renewals(desk, session)
    assert (invoice.status, invoice.attempt_count) == ("open", 1)
    due = subscription_of(desk, session).items.data[0].current_period_start
    assert invoice.next_payment_attempt == due + 3 * 86400
    for days, attempts in ((3, 2), (5, 3)):
        desk.advance(days)
        [invoice] = renewals(desk, session)
        assert invoice.attempt_count == attempts
        assert subscription_of(desk, session).status == "past_due"
    desk.advance(7)
    ended = subscription_of(desk, session)
    assert (ended.status, ended.cancellation_details.reason) == ("canceled", "payment_failed")
    [invoice] = renewals(desk, session)
    assert (invoice.attempt_count, invoice.next_payment_attempt) == (4, None)
    assert desk.event_types()[-2] == "customer.subscription.deleted"


def test_a_failed_renewal_announces_itself_in_order(desk: Desk) -> None:
    desk.patron(FAILS_ON_RENEWAL)
    desk.advance(days=32)
    types = desk.event_types()
    assert types[types.index("charge.failed") :][:4] == [
        "charge.failed",
        "payment_intent.payment_failed",
        "invoice.payment_failed",
        "customer.subscription.updated",
    ]


def test_a_failed_renewal_recovers_with_another_card(desk: Desk) -> None:
    session = desk.patron(FAILS_ON_RENEWAL)
    desk.advance(days=32)
    card = desk.v1.payment_methods.attach("pm_card_visa", {"customer": session.customer})
    desk.v1.subscriptions.update(session.subscription, {"default_payment_method": card.id})
    desk.advance(days=4)
    assert subscription_of(desk, session).status == "active"
    [invoice] = renewals(desk, session)
    assert (invoice.status, invoice.attempt_count) == ("paid", 2)
    desk.advance(days=30)
    assert len(renewals(desk, session)) == 2


def test_an_open_invoice_can_be_paid_by_hand(desk: Desk) -> None:
    session = desk.patron(FAILS_ON_RENEWAL)
    desk.advance(days=32)
    [invoice] = renewals(desk, session)
    with pytest.raises(stripe.CardError) as refused:
        desk.v1.invoices.pay(invoice.id)
    assert refused.value.code == "card_declined"
    card = desk.v1.payment_methods.attach("pm_card_visa", {"customer": session.customer})
    assert desk.v1.invoices.pay(invoice.id, {"payment_method": card.id}).status == "paid"
    assert subscription_of(desk, session).status == "active"
    with pytest.raises(stripe.InvalidRequestError, match="already paid"):
        desk.v1.invoices.pay(invoice.id)


def test_a_refused_payment_leaves_its_failed_charge(desk: Desk) -> None:
    session = desk.patron(FAILS_ON_RENEWAL)
    desk.advance(days=32)
    [invoice] = renewals(desk, session)
    with pytest.raises(stripe.CardError):
        desk.v1.invoices.pay(invoice.id)
    failed = [charge for charge in desk.v1.charges.list().data if charge.status == "failed"]
    assert len(failed) == 2


def test_an_end_with_the_period_charges_nothing_more(desk: Desk) -> None:
    session = desk.patron()
    changed = desk.v1.subscriptions.update(session.subscription, {"cancel_at_period_end": True})
    end = changed.items.data[0].current_period_end
    assert (changed.status, changed.cancel_at) == ("active", end)
    desk.advance(days=32)
    ended = subscription_of(desk, session)
    assert (ended.status, ended.ended_at) == ("canceled", end)
    assert renewals(desk, session) == []


def test_an_end_can_be_taken_back(desk: Desk) -> None:
    session = desk.patron()
    desk.v1.subscriptions.update(session.subscription, {"cancel_at_period_end": True})
    back = desk.v1.subscriptions.update(session.subscription, {"cancel_at_period_end": False})
    assert (back.cancel_at, back.canceled_at) == (None, None)
    desk.advance(days=32)
    assert len(renewals(desk, session)) == 1


def test_an_end_on_a_day_comes_on_that_day(desk: Desk) -> None:
    session = desk.patron()
    day = desk.now() + 10 * 86400
    desk.v1.subscriptions.update(session.subscription, {"cancel_at": day})
    desk.advance(days=11)
    assert subscription_of(desk, session).ended_at == day


def test_cancelling_ends_at_once_and_once(desk: Desk) -> None:
    session = desk.patron()
    details: Any = {"cancellation_details": {"feedback": "unused", "comment": "Thank you"}}
    ended = desk.v1.subscriptions.cancel(session.subscription, details)
    assert (ended.status, ended.cancellation_details.feedback) == ("canceled", "unused")
    with pytest.raises(stripe.InvalidRequestError):
        desk.v1.subscriptions.cancel(session.subscription)
    desk.advance(days=40)
    assert renewals(desk, session) == []


@pytest.mark.parametrize(
    ("behavior", "status"),
    [("void", "void"), ("mark_uncollectible", "uncollectible"), ("keep_as_draft", "draft")],
)
def test_a_pause_collects_nothing_until_it_ends(desk: Desk, behavior: str, status: str) -> None:
    session = desk.patron()
    pause: Any = {"behavior": behavior, "resumes_at": desk.now() + 40 * 86400}
    desk.v1.subscriptions.update(session.subscription, {"pause_collection": pause})
    desk.advance(days=33)
    assert [invoice.status for invoice in renewals(desk, session)] == [status]
    desk.advance(days=32)
    assert subscription_of(desk, session).pause_collection is None
    assert [invoice.status for invoice in renewals(desk, session)] == ["paid", status]


def test_another_amount_counts_from_the_next_renewal(desk: Desk) -> None:
    session = desk.patron()
    before = subscription_of(desk, session).items.data[0]
    product = before.price.product
    price = {"currency": "eur", "product": product, "unit_amount": 900}
    price["recurring"] = {"interval": "month"}
    items: Any = [{"id": before.id, "price_data": price}]
    desk.v1.subscriptions.update(
        session.subscription, {"items": items, "proration_behavior": "none"}
    )
    assert renewals(desk, session) == []
    desk.advance(days=32)
    [invoice] = renewals(desk, session)
    assert invoice.amount_paid == 900


def test_another_interval_is_billed_at_once(desk: Desk) -> None:
    session = desk.patron()
    item = subscription_of(desk, session).items.data[0]
    desk.advance(days=10)
    price = {"currency": "eur", "product": item.price.product, "unit_amount": 5000}
    price["recurring"] = {"interval": "year"}
    items: Any = [{"id": item.id, "price_data": price}]
    changed = desk.v1.subscriptions.update(
        session.subscription,
        {"items": items, "proration_behavior": "none", "expand": ["latest_invoice"]},
    )
    assert changed.latest_invoice.billing_reason == "subscription_update"
    assert changed.latest_invoice.amount_paid == 5000
    assert changed.billing_cycle_anchor == changed.items.data[0].current_period_start


def test_a_subscription_made_by_api_is_charged_at_once(desk: Desk) -> None:
    customer = new_customer(desk)
    made = desk.v1.subscriptions.create(
        {"customer": customer.id, "items": [{"price": monthly(desk).id}]}
    )
    assert made.status == "active"


def test_a_first_payment_that_never_comes_expires_the_subscription(desk: Desk) -> None:
    customer = new_customer(desk, "pm_card_chargeCustomerFail")
    params: Any = {"customer": customer.id, "items": [{"price": monthly(desk).id}]}
    made = desk.v1.subscriptions.create(params)
    assert made.status == "incomplete"
    desk.advance(days=1)
    expired = desk.v1.subscriptions.retrieve(made.id, {"expand": ["latest_invoice"]})
    assert (expired.status, expired.latest_invoice.status) == ("incomplete_expired", "void")
    with pytest.raises(stripe.CardError):
        desk.v1.subscriptions.create({**params, "payment_behavior": "error_if_incomplete"})


def test_a_short_month_shortens_only_itself() -> None:
    anchor = int(dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC).timestamp())
    ends = [periods.boundary(anchor, "month", 1, number) for number in (1, 2, 3)]
    days = [dt.datetime.fromtimestamp(end, dt.UTC).strftime("%d.%m. %H") for end in ends]
    assert days == ["28.02. 12", "31.03. 12", "30.04. 12"]


def test_a_test_clock_moves_only_its_own_customers(desk: Desk) -> None:
    outside = desk.patron()
    start = int(dt.datetime(2026, 1, 31, tzinfo=dt.UTC).timestamp())
    clock = desk.v1.test_helpers.test_clocks.create({"frozen_time": start, "name": "Patrons"})
    customer = new_customer(desk, test_clock=clock.id)
    made = desk.v1.subscriptions.create(
        {"customer": customer.id, "items": [{"price": monthly(desk).id}]}
    )
    assert made.created == start
    desk.advance(60, clock.id)
    paid = desk.v1.invoices.list({"subscription": made.id}).data
    assert [dt.datetime.fromtimestamp(one.created, dt.UTC).day for one in paid] == [31, 28, 31]
    assert renewals(desk, outside) == []
    assert desk.v1.test_helpers.test_clocks.retrieve(clock.id).frozen_time == start + 60 * 86400


def test_deleting_a_test_clock_deletes_its_customers(desk: Desk) -> None:
    clock = desk.v1.test_helpers.test_clocks.create({"frozen_time": desk.now()})
    customer = new_customer(desk, test_clock=clock.id)
    assert desk.v1.test_helpers.test_clocks.delete(clock.id).deleted
    assert desk.v1.customers.retrieve(customer.id).deleted
    with pytest.raises(stripe.InvalidRequestError):
        desk.v1.test_helpers.test_clocks.delete(SANDBOX_CLOCK)


def test_the_sandboxs_own_clock_stands_first_and_tells_its_moves(desk: Desk) -> None:
    desk.v1.test_helpers.test_clocks.create({"frozen_time": desk.now()})
    first = desk.v1.test_helpers.test_clocks.list().data[0]
    assert first.id == SANDBOX_CLOCK
    moved = desk.advance(days=3)
    ready = desk.events("test_helpers.test_clock.ready")[-1].data.object
    assert ready.id == SANDBOX_CLOCK
    assert abs(ready.frozen_time - moved.frozen_time) <= 2
    with pytest.raises(stripe.InvalidRequestError):
        desk.advance(days=-1)


def test_an_advance_cut_short_is_finished_after_a_restart(store: Path) -> None:
    with opened(store) as desk:
        session = desk.patron()
        to = desk.now() + 32 * 86400
        desk.app.extensions["stripe_timekeeper"].stop()
        clock = desk.v1.test_helpers.test_clocks.advance(SANDBOX_CLOCK, {"frozen_time": to})
        assert (clock.status, clock.status_details.advancing.target_frozen_time) == (
            "advancing",
            to,
        )
    with opened(store) as desk:
        requests.post(f"{desk.url}/_sandbox/tick", timeout=9)
        assert len(renewals(desk, session)) == 1
        assert desk.now() >= to
        assert desk.event_types()[-1] == "test_helpers.test_clock.ready"


def test_renewals_happen_by_themselves_as_time_passes(desk: Desk) -> None:
    session = desk.patron()
    sandbox = desk.app.extensions["stripe_sandbox"]
    with sandbox.writing() as books:
        books.keep_setting("offset", str(40 * 86400))
    desk.app.extensions["stripe_timekeeper"].tick()
    assert len(renewals(desk, session)) == 1


def test_deleting_a_customer_ends_what_runs_and_keeps_what_was_paid(desk: Desk) -> None:
    session = desk.patron()
    assert desk.v1.customers.delete(session.customer).deleted
    assert subscription_of(desk, session).status == "canceled"
    assert desk.v1.customers.retrieve(session.customer).deleted
    assert len(desk.v1.charges.list().data) == 1
    with pytest.raises(stripe.InvalidRequestError):
        desk.v1.customers.update(session.customer, {"name": "Nobody"})


def test_a_refund_goes_back_in_part_and_then_whole_and_no_further(desk: Desk) -> None:
    session = desk.patron()
    [charge] = desk.v1.charges.list().data
    part = desk.v1.refunds.create({"charge": charge.id, "amount": 200})
    assert not desk.v1.charges.retrieve(charge.id).refunded
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        desk.v1.refunds.create({"charge": charge.id, "amount": 400})
    rest = desk.v1.refunds.create({"payment_intent": charge.payment_intent})
    assert (part.amount, rest.amount) == (200, 300)
    whole = desk.v1.charges.retrieve(charge.id, {"expand": ["refunds"]})
    assert (whole.refunded, whole.amount_refunded, len(whole.refunds.data)) == (True, 500, 2)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        desk.v1.refunds.create({"charge": charge.id})
    assert refused.value.code == "charge_already_refunded"
    entries = desk.v1.balance_transactions.list({"type": "refund"}).data
    assert sorted(entry.net for entry in entries) == [-300, -200]
    assert desk.event_types().count("charge.refunded") == 2
    assert session.id
