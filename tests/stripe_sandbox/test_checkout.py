"""Checkout: the page, the cards, and what a payment leaves behind."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
import stripe

from stripe_sandbox import money
from tests.stripe_sandbox.desk import ASKS_3DS, CANCEL, DECLINED, FAILS_ON_RENEWAL, Desk


def test_a_paid_checkout_leads_back_with_the_session_id(desk: Desk) -> None:
    session = desk.session()
    answer = desk.pay(session)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"https://newsroom.example/thanks?session={session.id}"


def test_a_paid_checkout_leaves_a_subscription_with_a_paid_invoice(desk: Desk) -> None:
    session = desk.patron()
    assert (session.status, session.payment_status, session.url) == ("complete", "paid", None)
    subscription = desk.v1.subscriptions.retrieve(
        session.subscription, {"expand": ["latest_invoice.payments", "default_payment_method"]}
    )
    invoice = subscription.latest_invoice
    assert subscription.status == "active"
    assert invoice.status == "paid"
    assert invoice.billing_reason == "subscription_create"
    assert invoice.parent.subscription_details.subscription == subscription.id
    assert subscription.default_payment_method.card.last4 == "4242"
    item = subscription.items.data[0]
    assert invoice.lines.data[0].period.end == item.current_period_end
    intent = desk.v1.payment_intents.retrieve(
        invoice.payments.data[0].payment.payment_intent,
        {"expand": ["latest_charge.balance_transaction"]},
    )
    assert intent.latest_charge.balance_transaction.fee == money.fee(500)


def test_a_completed_checkout_announces_itself_in_stripes_order(desk: Desk) -> None:
    desk.patron()
    types = desk.event_types()
    assert types[types.index("customer.created") :] == [
        "customer.created",
        "payment_method.attached",
        "customer.subscription.created",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice.created",
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_succeeded",
        "customer.subscription.updated",
        "invoice_payment.paid",
        "checkout.session.completed",
    ]


def test_events_are_snapshots_of_their_moment(desk: Desk) -> None:
    desk.patron()
    made, updated = desk.events("customer.subscription.created", "customer.subscription.updated")
    assert made.data.object.status == "incomplete"
    assert updated.data.object.status == "active"
    assert updated.data.previous_attributes.to_dict() == {"status": "incomplete"}
    assert desk.events("invoice.created")[0].data.object.status == "draft"


def test_metadata_goes_where_stripe_puts_it(desk: Desk) -> None:
    session = desk.patron(
        metadata={"on": "session"}, subscription_data={"metadata": {"on": "subscription"}}
    )
    invoice = desk.v1.invoices.retrieve(session.invoice)
    subscription = desk.v1.subscriptions.retrieve(session.subscription)
    assert session.metadata.to_dict() == {"on": "session"}
    assert subscription.metadata.to_dict() == {"on": "subscription"}
    assert invoice.parent.subscription_details.metadata.to_dict() == {"on": "subscription"}
    assert invoice.metadata.to_dict() == {}
    gift = desk.patron(every=None, payment_intent_data={"metadata": {"on": "intent"}})
    charge = desk.v1.charges.list({"payment_intent": gift.payment_intent}).data[0]
    assert charge.metadata.to_dict() == {"on": "intent"}


def test_a_one_time_payment_makes_a_customer_only_when_asked(desk: Desk) -> None:
    assert desk.patron(every=None).customer is None
    assert desk.patron(every=None, customer_creation="always").customer.startswith("cus_")


@pytest.mark.parametrize(
    ("number", "message", "code"),
    [
        (DECLINED, "Your card was declined.", "card_declined"),
        ("4000000000009995", "Your card has insufficient funds.", "card_declined"),
        ("4000000000000069", "Your card has expired.", "expired_card"),
        ("4000000000000127", "Your card&#39;s security code is incorrect.", "incorrect_cvc"),
        ("4111111111111111", "used a non test card", "card_declined"),
    ],
)
def test_a_declined_card_says_why_and_can_be_tried_again(
    desk: Desk, number: str, message: str, code: str
) -> None:
    session = desk.session()
    refused = desk.pay(session, number)
    assert refused.status_code == 402
    assert message in refused.text
    assert "reader@example.org" in refused.text
    assert "".join(number.split()) not in refused.text
    assert desk.events("charge.failed")[0].data.object.failure_code == code
    assert desk.v1.checkout.sessions.retrieve(session.id).status == "open"
    assert desk.pay(session).status_code == 303
    assert len(desk.v1.payment_intents.list().data) == 1


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"number": "4242 4242 4242 4241"}, "number", "Your card number is invalid."),
        ({"number": "4242"}, "number", "Your card number is incomplete."),
        ({"number": ""}, "number", "Enter your card number."),
        ({"exp": "01/20"}, "exp", "in the past"),
        ({"exp": "13/44"}, "exp", "MM / YY"),
        ({"cvc": "1"}, "cvc", "security code is incomplete"),
        ({"email": "nobody"}, "email", "Enter an email address"),
        ({"name": ""}, "name", "Enter the name"),
    ],
)
def test_a_mistake_is_shown_at_its_field(
    desk: Desk, typed: dict[str, str], field: str, message: str
) -> None:
    answer = desk.pay(desk.session(), typed.pop("number", "4242424242424242"), **typed)
    assert answer.status_code == 422
    assert f'aria-describedby="{field}-error' in answer.text
    assert message in answer.text
    assert desk.v1.charges.list().data == []


def test_paying_a_session_twice_in_parallel_charges_once(desk: Desk) -> None:
    session = desk.session()
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: desk.pay(session), range(6)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert len(desk.v1.charges.list().data) == 1
    assert "already paid" in requests.get(f"{desk.url}/c/pay/{session.id}", timeout=9).text


def test_going_back_charges_nothing(desk: Desk) -> None:
    session = desk.session()
    answer = requests.post(session.url, {"cancel": "1"}, allow_redirects=False, timeout=9)
    assert (answer.status_code, answer.headers["Location"]) == (303, CANCEL)
    assert desk.v1.checkout.sessions.retrieve(session.id).status == "open"


def test_three_d_secure_asks_and_both_answers_count(desk: Desk) -> None:
    session = desk.session()
    asked = desk.pay(session, ASKS_3DS)
    assert asked.headers["Location"].endswith("/authenticate")
    page = f"{session.url}/authenticate"
    assert "Complete authentication" in requests.get(page, timeout=9).text
    assert desk.v1.payment_intents.list().data[0].status == "requires_action"
    refused = requests.post(page, {"fail": "1"}, timeout=9)
    assert "unable to authenticate" in refused.text
    intent = desk.v1.payment_intents.list().data[0]
    assert intent.last_payment_error.code == "payment_intent_authentication_failure"
    desk.pay(session, ASKS_3DS)
    paid = requests.post(page, {"complete": "1"}, allow_redirects=False, timeout=9)
    assert paid.headers["Location"].startswith("https://newsroom.example/thanks")
    assert desk.v1.subscriptions.list().data[0].status == "active"


def test_a_card_that_will_fail_on_renewal_pays_at_checkout(desk: Desk) -> None:
    assert desk.patron(FAILS_ON_RENEWAL).payment_status == "paid"


def test_the_address_of_a_known_customer_is_fixed(desk: Desk) -> None:
    known = desk.v1.customers.create({"email": "known@example.org"})
    session = desk.session(customer=known.id)
    assert "readonly" in requests.get(session.url, timeout=9).text
    desk.pay(session, email="other@example.org")
    done = desk.v1.checkout.sessions.retrieve(session.id)
    assert done.customer == known.id
    assert done.customer_details.email == "known@example.org"
    assert len(desk.v1.customers.list().data) == 1


def test_a_session_is_over_after_a_day(desk: Desk) -> None:
    session = desk.session()
    desk.advance(days=1.01)
    assert desk.v1.checkout.sessions.retrieve(session.id).status == "expired"
    assert desk.event_types().count("checkout.session.expired") == 1
    assert "has expired" in requests.get(f"{desk.url}/c/pay/{session.id}", timeout=9).text
    assert desk.pay(session).status_code == 410


def test_a_session_expires_when_told_and_only_while_open(desk: Desk) -> None:
    session = desk.session()
    assert desk.v1.checkout.sessions.expire(session.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError, match="can be expired"):
        desk.v1.checkout.sessions.expire(session.id)


@pytest.mark.parametrize(
    ("currency", "least"),
    [("eur", 50), ("usd", 50), ("gbp", 30), ("pln", 200), ("jpy", 50), ("uah", 2000)],
)
def test_too_small_a_sum_is_refused_by_currency(desk: Desk, currency: str, least: int) -> None:
    assert desk.session(least, currency=currency).amount_total == least
    with pytest.raises(stripe.InvalidRequestError) as refused:
        desk.session(least - 1, currency=currency)
    assert refused.value.code == "amount_too_small"


def test_a_currency_without_decimals_is_shown_without_them(desk: Desk) -> None:
    page = requests.get(desk.session(500, currency="jpy").url, timeout=9).text
    assert "¥500" in page
    assert "¥500." not in page


def test_sessions_are_found_by_address_payment_and_subscription(desk: Desk) -> None:
    session = desk.patron()
    gift = desk.patron(every=None)
    sessions = desk.v1.checkout.sessions
    assert sessions.list({"subscription": session.subscription}).data[0].id == session.id
    assert sessions.list({"payment_intent": gift.payment_intent}).data[0].id == gift.id
    by_address = sessions.list({"customer_details": {"email": "reader@example.org"}})
    assert len(by_address.data) == 2
    assert sessions.line_items.list(session.id).data[0].amount_total == 500
