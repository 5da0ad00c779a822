"""Direct debits: completed at Checkout, paid or refused by the bank three days later."""

from pathlib import Path
from typing import Any

import pytest
import requests
import stripe

from tests.stripe_sandbox.desk import ACCOUNT, BOUNCES, Desk, opened

GERMAN_ACCOUNT = "de89 3704 0044 0532 0130 00"


def since(desk: Desk, type: str) -> list[str]:
    """Types of events after the first of `type`."""
    types = desk.event_types()
    return types[types.index(type) + 1 :]


def status_of(desk: Desk, session: Any) -> str:
    return str(desk.v1.subscriptions.retrieve(session.subscription).status)


def test_a_debit_completes_checkout_unpaid(desk: Desk) -> None:
    session = desk.debit()
    assert (session.status, session.payment_status) == ("complete", "unpaid")
    assert status_of(desk, session) == "incomplete"
    assert desk.v1.invoices.retrieve(session.invoice).status == "open"
    [intent] = desk.v1.payment_intents.list().data
    [charge] = desk.v1.charges.list().data
    assert (intent.status, charge.status, charge.paid) == ("processing", "pending", False)
    assert charge.payment_method_details.sepa_debit.last4 == "3201"
    assert desk.v1.balance_transactions.list().data == []
    assert since(desk, "payment_intent.created") == [
        "payment_intent.processing",
        "charge.pending",
        "invoice.created",
        "invoice.finalized",
        "checkout.session.completed",
    ]


@pytest.mark.parametrize("iban", [ACCOUNT, GERMAN_ACCOUNT])
def test_three_days_later_it_is_paid(desk: Desk, iban: str) -> None:
    session = desk.debit(iban)
    desk.advance(days=2)
    assert status_of(desk, session) == "incomplete"
    desk.advance(days=1.1)
    assert status_of(desk, session) == "active"
    assert desk.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"
    assert desk.v1.balance_transactions.list().data[0].type == "payment"
    assert since(desk, "checkout.session.completed") == [
        "test_helpers.test_clock.advancing",
        "test_helpers.test_clock.ready",
        "test_helpers.test_clock.advancing",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
        "customer.subscription.updated",
        "checkout.session.async_payment_succeeded",
        "test_helpers.test_clock.ready",
    ]


def test_or_it_bounces_and_the_subscription_never_begins(desk: Desk) -> None:
    session = desk.debit(BOUNCES)
    desk.advance(days=3.1)
    assert status_of(desk, session) == "incomplete_expired"
    assert desk.v1.checkout.sessions.retrieve(session.id).payment_status == "unpaid"
    assert desk.v1.invoices.retrieve(session.invoice).status == "void"
    assert since(desk, "test_helpers.test_clock.advancing") == [
        "charge.failed",
        "payment_intent.payment_failed",
        "invoice.payment_failed",
        "checkout.session.async_payment_failed",
        "customer.subscription.updated",
        "invoice.voided",
        "payment_intent.canceled",
        "test_helpers.test_clock.ready",
    ]


def test_a_gift_by_debit_says_later_whether_it_came(desk: Desk) -> None:
    good, bad = desk.debit(every=None), desk.debit(BOUNCES, every=None)
    desk.advance(days=3.1)
    outcomes = {
        event.data.object.id: event.type
        for event in desk.events()
        if event.type.startswith("checkout.session.async")
    }
    assert outcomes == {
        good.id: "checkout.session.async_payment_succeeded",
        bad.id: "checkout.session.async_payment_failed",
    }
    intent = desk.v1.payment_intents.retrieve(bad.payment_intent)
    assert intent.last_payment_error.code == "payment_intent_payment_attempt_failed"
    [failed] = desk.v1.charges.list({"payment_intent": bad.payment_intent}).data
    assert failed.failure_code == "generic_could_not_process"
    assert desk.v1.refunds.create({"payment_intent": good.payment_intent}).amount == 500
    assert desk.v1.balance_transactions.list().data[0].type == "payment_refund"


def test_a_renewal_takes_three_days_as_well(desk: Desk) -> None:
    session = desk.debit()
    desk.advance(days=31.5)
    [renewal, _] = desk.v1.invoices.list({"subscription": session.subscription}).data
    assert (renewal.status, status_of(desk, session)) == ("open", "active")
    with pytest.raises(stripe.InvalidRequestError, match="already processing"):
        desk.v1.invoices.pay(renewal.id)
    page = requests.get(renewal.hosted_invoice_url, timeout=9).text
    assert "takes some days" in page
    desk.advance(days=3)
    assert desk.v1.invoices.retrieve(renewal.id).status == "paid"


def test_a_renewal_that_bounces_is_late_and_asked_for_again(desk: Desk) -> None:
    session = desk.debit()
    desk.advance(days=4)
    store = desk.app.extensions["stripe_sandbox"]
    with store.writing() as books:
        [method] = books.select("payment_method", "1")
        method["plays"] = "austrian_account_bounces"
        books.save(method)
    desk.advance(days=30.5)
    [renewal, _] = desk.v1.invoices.list({"subscription": session.subscription}).data
    assert status_of(desk, session) == "past_due"
    assert (renewal.attempt_count, renewal.next_payment_attempt is not None) == (1, True)
    with store.writing() as books:
        method["plays"] = "austrian_account"
        books.save(method)
    desk.advance(days=6.1)
    assert status_of(desk, session) == "active"


def test_debits_are_in_euro_only_and_never_keep_the_number(desk: Desk) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="sepa_debit"):
        desk.session(currency="usd", allowed_payment_method_types=["sepa_debit"])
    session = desk.debit()
    [method] = desk.v1.payment_methods.list({"customer": session.customer}).data
    assert (method.type, method.sepa_debit.country) == ("sepa_debit", "AT")
    cards = desk.v1.payment_methods.list({"customer": session.customer, "type": "card"})
    assert cards.data == []
    with desk.app.extensions["stripe_sandbox"].store.reading() as db:
        [kept] = db.execute("SELECT group_concat(facts) FROM objects").fetchone()
    assert "".join(ACCOUNT.split()) not in kept


@pytest.mark.parametrize("iban", ["", "AT61 1904", "GB33BUKB20201555555555"])
def test_a_wrong_account_is_an_error_at_its_field(desk: Desk, iban: str) -> None:
    session = desk.session(allowed_payment_method_types=["sepa_debit"])
    page = requests.get(session.url, timeout=9).text
    assert 'name="iban"' in page
    assert 'name="number"' not in page
    answer = desk.pay(session, iban=iban)
    assert (answer.status_code, "iban-error" in answer.text) == (422, True)


def test_the_page_offers_what_the_session_allows(desk: Desk) -> None:
    session = desk.session(allowed_payment_method_types=["card", "sepa_debit"])
    assert "SEPA Direct Debit" in requests.get(session.url, timeout=9).text
    assert desk.pay(session, method="card").status_code == 303
    only_card = desk.session()
    assert desk.pay(only_card, method="sepa_debit", iban=ACCOUNT).status_code == 303
    assert desk.v1.checkout.sessions.retrieve(only_card.id).payment_status == "paid"


def test_an_account_that_takes_debits_offers_them_in_euro_only(store: Path) -> None:
    with opened(store, payment_methods="card,sepa_debit") as desk:
        assert desk.session().payment_method_types == ["card", "sepa_debit"]
        assert desk.session(currency="usd").payment_method_types == ["card"]
