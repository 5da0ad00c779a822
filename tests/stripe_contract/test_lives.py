"""What becomes of subscriptions and payments, as docs/money.md relies on it.

Nothing here knows which Stripe it is.
"""

import time
from collections.abc import Callable
from typing import Any

import pytest
import stripe

from membership.clock import at
from tests.stripe_contract.test_what_we_rely_on import START, let_pass, patron

EVERY_DAY_CARD = "pm_card_visa"
FAILS = "pm_card_chargeCustomerFail"
ASKS = "pm_card_authenticationRequired"
AT_ONCE: Any = {
    "proration_behavior": "always_invoice",
    "billing_cycle_anchor": {"type": "now"},
}


def use_card(v1: Any, subscription: Any, card: str) -> None:
    method = v1.payment_methods.attach(card, {"customer": subscription.customer})
    v1.subscriptions.update(subscription.id, {"default_payment_method": method.id})


def price(subscription: Any, amount: int, interval: str = "month") -> list[dict[str, Any]]:
    item = subscription["items"].data[0]
    return [
        {
            "id": item.id,
            "price_data": {
                "currency": item.price.currency,
                "product": item.price.product,
                "unit_amount": amount,
                "recurring": {"interval": interval},
            },
        }
    ]


def invoices(v1: Any, subscription: Any) -> list[Any]:
    """Oldest first."""
    return list(reversed(v1.invoices.list({"subscription": subscription.id}).data))


def soon(look: Callable[[], Any]) -> Any:
    """What `look` finds, once there is something: some things take Stripe a moment."""
    for _ in range(60):
        if found := look():
            return found
        time.sleep(0.5)
    raise AssertionError("it did not come about")


def charge_of(v1: Any, subscription: Any) -> Any:
    [charge] = v1.charges.list({"customer": subscription.customer}).data
    return charge


def test_a_renewal_that_fails_is_past_due_and_tried_again(v1):
    clock, subscription = patron(v1)
    use_card(v1, subscription, FAILS)
    let_pass(v1, clock, months=1, hours=3)
    assert v1.subscriptions.retrieve(subscription.id).status == "past_due"
    failed = invoices(v1, subscription)[-1]
    assert (failed.status, failed.billing_reason) == ("open", "subscription_cycle")
    assert failed.attempt_count >= 1
    assert failed.next_payment_attempt is not None
    assert failed.hosted_invoice_url


def test_why_it_failed_stands_on_the_payment_intent(v1):
    clock, subscription = patron(v1)
    use_card(v1, subscription, FAILS)
    let_pass(v1, clock, months=1, hours=3)
    wanted = ["payments.data.payment.payment_intent.latest_charge"]
    failed = v1.invoices.retrieve(invoices(v1, subscription)[-1].id, {"expand": wanted})
    intent = failed.payments.data[0].payment.payment_intent
    assert intent.last_payment_error.code == "card_declined"


def test_a_bank_that_asks_at_renewal_leaves_the_intent_requiring_action(v1):
    clock, subscription = patron(v1)
    use_card(v1, subscription, ASKS)
    let_pass(v1, clock, months=1, hours=3)
    wanted = ["payments.data.payment.payment_intent"]
    asked = v1.invoices.retrieve(invoices(v1, subscription)[-1].id, {"expand": wanted})
    intent = asked.payments.data[0].payment.payment_intent
    assert (asked.status, intent.status) == ("open", "requires_action")
    assert v1.subscriptions.retrieve(subscription.id).status == "past_due"


def test_another_card_recovers_it_and_the_same_invoice_is_paid(v1):
    clock, subscription = patron(v1)
    use_card(v1, subscription, FAILS)
    let_pass(v1, clock, months=1, hours=3)
    use_card(v1, subscription, EVERY_DAY_CARD)
    failed = invoices(v1, subscription)[-1]
    card = v1.subscriptions.retrieve(subscription.id).default_payment_method
    paid = v1.invoices.pay(failed.id, {"payment_method": card})
    assert (paid.id, paid.status, paid.amount_paid) == (failed.id, "paid", 500)
    assert soon(lambda: v1.subscriptions.retrieve(subscription.id).status == "active")


def test_an_invoice_and_its_payment_intent_find_each_other(v1):
    _, subscription = patron(v1)
    [invoice] = invoices(v1, subscription)
    [payment] = v1.invoices.retrieve(invoice.id, {"expand": ["payments"]}).payments.data
    intent = payment.payment.payment_intent
    assert payment.status == "paid"
    [found] = v1.invoice_payments.list(
        {"payment": {"type": "payment_intent", "payment_intent": intent}}
    ).data
    assert found.invoice == invoice.id


def test_another_amount_without_proration_counts_from_the_next_invoice(v1):
    clock, subscription = patron(v1)
    v1.subscriptions.update(
        subscription.id, {"items": price(subscription, 750), "proration_behavior": "none"}
    )
    assert len(invoices(v1, subscription)) == 1
    let_pass(v1, clock, months=1, days=1)
    assert [one.amount_paid for one in invoices(v1, subscription)] == [500, 750]


def test_another_interval_is_billed_at_once_less_what_was_not_used(v1):
    clock, subscription = patron(v1)
    let_pass(v1, clock, days=10)
    change = {"items": price(subscription, 6000, "year"), **AT_ONCE}
    shown = v1.invoices.create_preview(
        {"subscription": subscription.id, "subscription_details": change}
    )
    v1.subscriptions.update(subscription.id, change)
    latest = invoices(v1, subscription)[-1]
    assert latest.billing_reason == "subscription_update"
    assert latest.amount_paid == pytest.approx(shown.amount_due, abs=2)
    assert 5600 < latest.amount_paid < 5700
    assert sorted(line.amount > 0 for line in latest.lines.data) == [False, True]
    item = v1.subscriptions.retrieve(subscription.id)["items"].data[0]
    assert item.price.recurring.interval == "year"
    assert max(line.period.end for line in latest.lines.data) == item.current_period_end


def test_a_smaller_change_becomes_credit_that_pays_the_next_invoice(v1):
    clock, subscription = patron(v1)
    yearly = {"items": price(subscription, 6000, "year"), **AT_ONCE}
    subscription = v1.subscriptions.update(subscription.id, yearly)
    monthly = {"items": price(subscription, 500), **AT_ONCE}
    v1.subscriptions.update(subscription.id, monthly)
    assert v1.customers.retrieve(subscription.customer).balance < -4000
    let_pass(v1, clock, months=1, days=1)
    renewed = invoices(v1, subscription)[-1]
    assert (renewed.status, renewed.total, renewed.amount_paid) == ("paid", 500, 0)


def test_what_is_paused_is_void_and_goes_on_by_itself(v1):
    clock, subscription = patron(v1)
    resumes = int((at(START)).timestamp()) + 45 * 86400
    pause = {"behavior": "void", "resumes_at": resumes}
    paused = v1.subscriptions.update(subscription.id, {"pause_collection": pause})
    assert paused.pause_collection.resumes_at == resumes
    let_pass(v1, clock, months=1, days=1)
    assert [one.status for one in invoices(v1, subscription)] == ["paid", "void"]
    let_pass(v1, clock, months=2, days=1)
    now = v1.subscriptions.retrieve(subscription.id)
    assert (now.status, now.pause_collection) == ("active", None)
    assert [one.status for one in invoices(v1, subscription)] == ["paid", "void", "paid"]


def test_what_is_cancelled_ends_with_its_period_and_can_be_taken_back(v1):
    clock, subscription = patron(v1)
    wish = {
        "cancel_at_period_end": True,
        "cancellation_details": {"feedback": "too_expensive", "comment": "Rent went up."},
    }
    leaving = v1.subscriptions.update(subscription.id, wish)
    assert leaving.cancel_at == leaving["items"].data[0].current_period_end
    assert leaving.cancellation_details.feedback == "too_expensive"
    kept = v1.subscriptions.update(subscription.id, {"cancel_at_period_end": False})
    assert kept.cancel_at is None
    v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    let_pass(v1, clock, months=1, days=1)
    ended = v1.subscriptions.retrieve(subscription.id)
    assert ended.status == "canceled"
    assert ended.ended_at == leaving.cancel_at
    assert len(invoices(v1, subscription)) == 1


def test_what_has_ended_cannot_be_ended_again(v1):
    _, subscription = patron(v1)
    assert v1.subscriptions.cancel(subscription.id).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        v1.subscriptions.cancel(subscription.id)
    assert refused.value.code == "resource_missing"


def test_a_deleted_customer_takes_its_subscriptions_along(v1):
    _, subscription = patron(v1)
    assert v1.customers.delete(subscription.customer).deleted
    assert v1.customers.retrieve(subscription.customer).deleted
    ended = soon(lambda: v1.subscriptions.retrieve(subscription.id))
    assert ended.status == "canceled"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        v1.customers.delete(subscription.customer)
    assert refused.value.code == "resource_missing"


def test_a_payment_is_given_back_in_parts_and_never_more_than_it_was(v1):
    _, subscription = patron(v1)
    charge = charge_of(v1, subscription)
    refund = v1.refunds.create({"payment_intent": charge.payment_intent, "amount": 200})
    assert (refund.amount, refund.payment_intent) == (200, charge.payment_intent)
    with pytest.raises(stripe.InvalidRequestError):
        v1.refunds.create({"payment_intent": charge.payment_intent, "amount": 301})
    v1.refunds.create({"payment_intent": charge.payment_intent, "amount": 300})
    assert v1.charges.retrieve(charge.id).refunded
    assert v1.subscriptions.retrieve(subscription.id).status == "active"


def test_a_balance_transaction_tells_gross_fee_and_net_and_its_source(v1):
    _, subscription = patron(v1)
    charge = charge_of(v1, subscription)
    found = v1.balance_transactions.retrieve(charge.balance_transaction, {"expand": ["source"]})
    assert found.source.id == charge.id
    assert found.net == found.amount - found.fee
    assert found.fee > 0


def test_a_dispute_takes_the_money_and_is_lost_with_losing_evidence(v1):
    _, subscription = patron(v1, "pm_card_createDispute")
    charge = charge_of(v1, subscription)
    [dispute] = soon(lambda: v1.disputes.list({"payment_intent": charge.payment_intent}).data)
    assert (dispute.status, dispute.amount) == ("needs_response", 500)
    assert sum(one.amount for one in dispute.balance_transactions) == -500
    evidence = {"uncategorized_text": "losing_evidence"}
    v1.disputes.update(dispute.id, {"evidence": evidence, "submit": True})
    assert soon(lambda: v1.disputes.retrieve(dispute.id).status == "lost")


def test_a_won_dispute_brings_the_amount_back(v1):
    _, subscription = patron(v1, "pm_card_createDispute")
    charge = charge_of(v1, subscription)
    [dispute] = soon(lambda: v1.disputes.list({"payment_intent": charge.payment_intent}).data)
    evidence = {"uncategorized_text": "winning_evidence"}
    v1.disputes.update(dispute.id, {"evidence": evidence, "submit": True})
    assert soon(lambda: v1.disputes.retrieve(dispute.id).status == "won")
    won = v1.disputes.retrieve(dispute.id)
    assert sum(one.amount for one in won.balance_transactions) == 0


@pytest.mark.parametrize(("currency", "amount"), [("jpy", 500), ("usd", 700)])
def test_each_currency_is_counted_in_its_own_minor_units(v1, currency, amount):
    customer = v1.customers.create({"email": "patron@example.org"})
    method = v1.payment_methods.attach(EVERY_DAY_CARD, {"customer": customer.id})
    product = v1.products.create({"name": "Patron"})
    wanted = {"currency": currency, "product": product.id, "unit_amount": amount}
    subscription = v1.subscriptions.create(
        {
            "customer": customer.id,
            "default_payment_method": method.id,
            "items": [{"price_data": {**wanted, "recurring": {"interval": "month"}}}],
        }
    )
    assert invoices(v1, subscription)[0].amount_paid == amount
    assert charge_of(v1, subscription).amount == amount


def test_the_portal_is_a_page_of_stripes(v1):
    customer = v1.customers.create({"email": "patron@example.org"})
    made = v1.billing_portal.sessions.create(
        {"customer": customer.id, "return_url": "https://newsroom.example/account/giving"}
    )
    assert made.url.startswith("http")


def test_every_answer_tells_the_time_of_stripe(v1):
    assert v1.customers.list({"limit": 1}).last_response.headers["date"].endswith("GMT")


def test_what_is_not_there_is_missing(v1):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        v1.subscriptions.retrieve("sub_nobody")
    assert refused.value.code == "resource_missing"


def test_events_that_nobody_took_can_be_asked_for(v1):
    undelivered = v1.events.list({"delivery_success": False, "limit": 100})
    assert undelivered.object == "list"
