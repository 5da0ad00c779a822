"""A bank that wants to ask at every renewal, and the page where its customer answers."""

from typing import Any

import pytest
import requests
import stripe

from tests.stripe_sandbox.desk import ALWAYS_ASKS, ASKS_3DS, DECLINED, GOOD, Desk

CARD = {"name": "Reader", "exp": "12/44", "cvc": "123"}


def asked_for(desk: Desk) -> tuple[Any, Any]:
    """A session, and its renewal that the bank did not let through."""
    session = desk.patron(ALWAYS_ASKS)
    desk.advance(days=32)
    return session, renewal_of(desk, session)


def renewal_of(desk: Desk, session: Any) -> Any:
    return desk.v1.invoices.list({"subscription": session.subscription}).data[0]


def intent_of(desk: Desk, invoice: Any) -> Any:
    [payment] = desk.v1.invoice_payments.list({"invoice": invoice.id}).data
    return desk.v1.payment_intents.retrieve(payment.payment.payment_intent)


def status_of(desk: Desk, session: Any) -> str:
    return str(desk.v1.subscriptions.retrieve(session.subscription).status)


def test_checkout_asks(desk: Desk) -> None:
    session = desk.session()
    asked = desk.pay(session, ALWAYS_ASKS)
    assert asked.headers["Location"].endswith("/authenticate")
    assert desk.v1.charges.list().data == []
    desk.press(f"{session.url}/authenticate", complete="1")
    assert desk.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_a_renewal_waits_for_its_payer(desk: Desk) -> None:
    session, renewal = asked_for(desk)
    assert (status_of(desk, session), renewal.status) == ("past_due", "open")
    assert renewal.next_payment_attempt
    intent = intent_of(desk, renewal)
    assert (intent.status, intent.last_payment_error.code) == (
        "requires_action",
        "authentication_required",
    )
    assert intent.next_action.redirect_to_url.url == f"{renewal.hosted_invoice_url}/authenticate"
    failed = desk.v1.charges.list().data[0]
    assert (failed.status, failed.failure_code) == ("failed", "authentication_required")
    types = desk.event_types()
    assert types[types.index("charge.failed") :][:5] == [
        "charge.failed",
        "payment_intent.requires_action",
        "invoice.payment_failed",
        "invoice.payment_action_required",
        "customer.subscription.updated",
    ]


def test_the_payer_pays_with_the_saved_card_and_says_so_to_the_bank(desk: Desk) -> None:
    session, renewal = asked_for(desk)
    page = renewal.hosted_invoice_url
    assert "Visa ending in 3184" in requests.get(page, timeout=9).text
    asked = desk.press(page, saved="1")
    assert (asked.status_code, asked.headers["Location"]) == (303, f"{page}/authenticate")
    assert "is this you" in requests.get(f"{page}/authenticate", timeout=9).text
    before = len(desk.events())
    assert desk.press(f"{page}/authenticate", complete="1").status_code == 303
    assert [event.type for event in desk.events()[before:]] == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
        "customer.subscription.updated",
    ]
    assert (status_of(desk, session), renewal_of(desk, session).status) == ("active", "paid")
    assert desk.press(f"{page}/authenticate", complete="1").headers["Location"].endswith(page[-10:])
    assert len([one for one in desk.v1.charges.list().data if one.paid]) == 2
    desk.advance(days=31)
    assert status_of(desk, session) == "past_due"


def test_the_link_of_the_payment_itself_leads_to_the_bank(desk: Desk) -> None:
    session, renewal = asked_for(desk)
    address = intent_of(desk, renewal).next_action.redirect_to_url.url
    desk.press(address, complete="1")
    assert status_of(desk, session) == "active"


def test_who_fails_at_the_bank_can_try_again(desk: Desk) -> None:
    session, renewal = asked_for(desk)
    page = renewal.hosted_invoice_url
    refused = desk.press(f"{page}/authenticate", fail="1")
    assert (refused.status_code, "unable to authenticate" in refused.text) == (402, True)
    assert intent_of(desk, renewal).status == "requires_payment_method"
    assert desk.event_types()[-2:] == ["payment_intent.payment_failed", "invoice.payment_failed"]
    again = renewal_of(desk, session)
    assert (again.attempt_count, again.next_payment_attempt) == (1, renewal.next_payment_attempt)
    gone = desk.press(f"{page}/authenticate", complete="1")
    assert gone.status_code == 303
    assert status_of(desk, session) == "past_due"
    desk.press(page, saved="1")
    desk.press(f"{page}/authenticate", complete="1")
    assert status_of(desk, session) == "active"


def test_it_is_tried_again_like_any_other_and_given_up(desk: Desk) -> None:
    session, renewal = asked_for(desk)
    desk.advance(days=3)
    assert renewal_of(desk, session).attempt_count == 2
    assert intent_of(desk, renewal).status == "requires_action"
    desk.advance(days=13)
    assert status_of(desk, session) == "canceled"
    assert len(desk.events("invoice.payment_action_required")) == 4


def test_another_card_on_the_page_asks_if_it_does(desk: Desk) -> None:
    session, renewal = asked_for(desk)
    page = renewal.hosted_invoice_url
    assert desk.press(page, pay="1", number=DECLINED, **CARD).status_code == 402
    asked = desk.press(page, pay="1", number=ASKS_3DS, **CARD)
    assert asked.headers["Location"] == f"{page}/authenticate"
    desk.press(f"{page}/authenticate", complete="1")
    assert status_of(desk, session) == "active"
    cards = desk.v1.payment_methods.list({"customer": session.customer}).data
    assert sorted(one.card.last4 for one in cards) == ["3155", "3184"]


def test_another_card_that_does_not_ask_pays_at_once(desk: Desk) -> None:
    session, renewal = asked_for(desk)
    desk.press(renewal.hosted_invoice_url, pay="1", number=GOOD, **CARD)
    assert status_of(desk, session) == "active"


def test_paying_by_the_api_names_the_payment_that_needs_its_payer(desk: Desk) -> None:
    _, renewal = asked_for(desk)
    with pytest.raises(stripe.CardError) as refused:
        desk.v1.invoices.pay(renewal.id)
    assert refused.value.code == "invoice_payment_intent_requires_action"
    error: Any = refused.value.error
    assert error.payment_intent.status == "requires_action"


def test_a_subscription_made_by_the_api_begins_when_its_payer_has_answered(desk: Desk) -> None:
    customer = desk.v1.customers.create({})
    card = desk.v1.payment_methods.attach(
        "pm_card_authenticationRequired", {"customer": customer.id}
    )
    product = desk.v1.products.create({"name": "Patron"}).id
    price: Any = {"currency": "eur", "product": product, "unit_amount": 500}
    price["recurring"] = {"interval": "month"}
    begun: Any = {"customer": customer.id, "items": [{"price_data": price}]}
    made = desk.v1.subscriptions.create({**begun, "default_payment_method": card.id})
    assert made.status == "incomplete"
    invoice = desk.v1.invoices.retrieve(made.latest_invoice)
    desk.press(f"{invoice.hosted_invoice_url}/authenticate", complete="1")
    assert desk.v1.subscriptions.retrieve(made.id).status == "active"


def test_a_page_without_a_question_leads_back_to_its_invoice(desk: Desk) -> None:
    session = desk.patron()
    page = renewal_of(desk, session).hosted_invoice_url
    answer = requests.get(f"{page}/authenticate", allow_redirects=False, timeout=9)
    assert answer.status_code == 303
    assert desk.press(f"{page}/authenticate", fail="1").status_code == 303
    assert desk.v1.invoices.list().data[0].status == "paid"
    assert requests.get(f"{desk.url}/invoice/in_none/authenticate", timeout=9).status_code == 404


def test_a_void_invoice_asks_nobody_any_more(desk: Desk) -> None:
    customer = desk.v1.customers.create({})
    card = desk.v1.payment_methods.attach(
        "pm_card_authenticationRequired", {"customer": customer.id}
    )
    product = desk.v1.products.create({"name": "Patron"}).id
    price: Any = {"currency": "eur", "product": product, "unit_amount": 500}
    price["recurring"] = {"interval": "month"}
    begun: Any = {"customer": customer.id, "items": [{"price_data": price}]}
    made = desk.v1.subscriptions.create({**begun, "default_payment_method": card.id})
    desk.advance(days=1)
    invoice = desk.v1.invoices.retrieve(made.latest_invoice)
    intent = intent_of(desk, invoice)
    assert (invoice.status, intent.status, intent.next_action) == ("void", "canceled", None)
