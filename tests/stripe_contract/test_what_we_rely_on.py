"""What the membership desk relies on Stripe for. Nothing here knows which Stripe it is."""

import secrets
import time
from typing import Any

import pytest
import stripe
from dateutil.relativedelta import relativedelta

from membership.clock import at
from membership.gateway import API_VERSION

START = 1_790_000_000


def patron(v1: Any, card: str = "pm_card_visa") -> Any:
    """A subscription of five euros a month, of a customer on a test clock."""
    clock = v1.test_helpers.test_clocks.create({"frozen_time": START, "name": "contract"})
    customer = v1.customers.create({"email": "patron@example.org", "test_clock": clock.id})
    method = v1.payment_methods.attach(card, {"customer": customer.id})
    product = v1.products.create({"name": "Patron"})
    subscription = v1.subscriptions.create(
        {
            "customer": customer.id,
            "default_payment_method": method.id,
            "items": [
                {
                    "price_data": {
                        "currency": "eur",
                        "product": product.id,
                        "unit_amount": 500,
                        "recurring": {"interval": "month"},
                    }
                }
            ],
        }
    )
    return clock, subscription


def let_pass(v1: Any, clock: Any, **span: int) -> None:
    until = at(START) + relativedelta(**span)
    v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": int(until.timestamp())})
    for _ in range(120):
        if v1.test_helpers.test_clocks.retrieve(clock.id).status == "ready":
            return
        time.sleep(1)
    raise AssertionError("the clock did not get there")


def test_the_period_of_a_subscription_stands_on_its_item(v1):
    _, subscription = patron(v1)
    item = subscription["items"].data[0]
    assert subscription.status == "active"
    assert at(item.current_period_end) == at(START) + relativedelta(months=1)


def test_an_invoice_names_its_subscription_under_parent(v1):
    _, subscription = patron(v1)
    [invoice] = v1.invoices.list({"subscription": subscription.id}).data
    assert invoice.parent.subscription_details.subscription == subscription.id
    assert (invoice.status, invoice.amount_paid) == ("paid", 500)


def test_a_month_later_a_second_invoice_is_paid(v1):
    clock, subscription = patron(v1)
    let_pass(v1, clock, months=1, days=1)
    invoices = v1.invoices.list({"subscription": subscription.id}).data
    assert [invoice.status for invoice in invoices] == ["paid", "paid"]
    assert invoices[0].billing_reason == "subscription_cycle"


def test_the_same_idempotency_key_makes_one_customer(v1):
    key = secrets.token_hex(16)
    made = [
        v1.customers.create({"email": "once@example.org"}, {"idempotency_key": key}) for _ in "ab"
    ]
    assert made[0].id == made[1].id


def test_the_same_key_for_something_else_is_an_error(v1):
    key = secrets.token_hex(16)
    v1.customers.create({"email": "once@example.org"}, {"idempotency_key": key})
    with pytest.raises(stripe.IdempotencyError):
        v1.customers.create({"email": "else@example.org"}, {"idempotency_key": key})


def test_a_checkout_session_waits_unpaid_at_an_address(v1):
    product = v1.products.create({"name": "Patron"})
    session = v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "customer_email": "patron@example.org",
            "success_url": "https://newsroom.example/thanks",
            "cancel_url": "https://newsroom.example/support",
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": "eur",
                        "product": product.id,
                        "unit_amount": 500,
                        "recurring": {"interval": "month"},
                    },
                }
            ],
        }
    )
    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert session.url


def test_an_endpoint_is_registered_with_the_pinned_version(v1):
    endpoint = v1.webhook_endpoints.create(
        {
            "url": "https://newsroom.example/webhooks/stripe",
            "enabled_events": ["invoice.paid"],
            "api_version": API_VERSION,
        }
    )
    v1.webhook_endpoints.delete(endpoint.id)
    assert endpoint.api_version == API_VERSION
    assert endpoint.secret.startswith("whsec_")


def test_an_amount_below_the_smallest_is_refused(v1):
    product = v1.products.create({"name": "Patron"})
    with pytest.raises(stripe.InvalidRequestError, match=r"(?i)amount"):
        v1.checkout.sessions.create(
            {
                "mode": "payment",
                "success_url": "https://newsroom.example/thanks",
                "line_items": [
                    {
                        "quantity": 1,
                        "price_data": {
                            "currency": "eur",
                            "product": product.id,
                            "unit_amount": 1,
                        },
                    }
                ],
            }
        )
