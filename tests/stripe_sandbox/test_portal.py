"""The customer portal and the invoice page."""

import requests

from stripe_sandbox.pages.portal import REASONS
from stripe_sandbox.resources.subscription_params import FEEDBACK
from tests.stripe_sandbox.desk import DECLINED, FAILS_ON_RENEWAL, GOOD, Desk

CARD = {"name": "Reader", "exp": "12/44", "cvc": "123"}


def portal(desk: Desk, customer: str) -> str:
    session = desk.v1.billing_portal.sessions.create(
        {"customer": customer, "return_url": "https://newsroom.example/account"}
    )
    return str(session.url)


def test_a_patron_ends_with_the_period_and_takes_it_back(desk: Desk) -> None:
    session = desk.patron()
    url = portal(desk, session.customer)
    assert "€5.00" in requests.get(url, timeout=9).text
    ended = requests.post(url, {"cancel": session.subscription}, timeout=9)
    assert "Ends on" in ended.text
    assert desk.v1.subscriptions.retrieve(session.subscription).cancel_at_period_end
    requests.post(url, {"keep": session.subscription}, timeout=9)
    assert not desk.v1.subscriptions.retrieve(session.subscription).cancel_at_period_end
    assert len(desk.events("customer.subscription.updated")) == 3


def test_who_ends_it_may_say_why(desk: Desk) -> None:
    session = desk.patron()
    url = portal(desk, session.customer)
    said = {"cancel": session.subscription, "feedback": "too_expensive", "comment": " Rent rose. "}
    requests.post(url, said, timeout=9)
    subscription = desk.v1.subscriptions.retrieve(session.subscription)
    details = subscription.cancellation_details
    assert (details.feedback, details.comment, details.reason) == (
        "too_expensive",
        "Rent rose.",
        "cancellation_requested",
    )
    told = desk.events("customer.subscription.updated")[-1].data
    assert told.object.cancellation_details.feedback == "too_expensive"
    assert told.previous_attributes["cancellation_details"]["feedback"] is None
    desk.advance(days=32)
    ended = desk.events("customer.subscription.deleted")[-1].data.object
    assert ended.cancellation_details.comment == "Rent rose."


def test_who_stays_after_all_has_said_nothing(desk: Desk) -> None:
    session = desk.patron()
    url = portal(desk, session.customer)
    for form in ({"cancel": session.subscription, "feedback": "other"},
                 {"keep": session.subscription}):  # fmt: skip
        requests.post(url, form, timeout=9)
    details = desk.v1.subscriptions.retrieve(session.subscription).cancellation_details
    assert set(details.to_dict().values()) == {None}
    requests.post(url, {"cancel": session.subscription, "feedback": "the weather"}, timeout=9)
    details = desk.v1.subscriptions.retrieve(session.subscription).cancellation_details
    assert (details.feedback, details.reason) == (None, "cancellation_requested")


def test_the_portal_asks_for_the_reasons_that_stripe_knows() -> None:
    assert set(REASONS) == set(FEEDBACK)


def test_a_patron_pays_by_another_card(desk: Desk) -> None:
    session = desk.patron(FAILS_ON_RENEWAL)
    url = portal(desk, session.customer)
    desk.advance(days=0.01)
    refused = requests.post(url, {"card": "1", "number": DECLINED, **CARD}, timeout=9)
    assert refused.status_code == 422
    assert "Your card was declined." in refused.text
    requests.post(url, {"card": "1", "number": GOOD, **CARD}, timeout=9)
    subscription = desk.v1.subscriptions.retrieve(
        session.subscription, {"expand": ["default_payment_method"]}
    )
    assert subscription.default_payment_method.card.last4 == "4242"


def test_nobody_elses_subscription_can_be_ended(desk: Desk) -> None:
    mine, other = desk.patron(), desk.patron()
    requests.post(portal(desk, mine.customer), {"cancel": other.subscription}, timeout=9)
    assert not desk.v1.subscriptions.retrieve(other.subscription).cancel_at_period_end


def test_a_portal_address_is_valid_for_an_hour(desk: Desk) -> None:
    url = portal(desk, desk.patron().customer)
    desk.advance(days=0.1)
    assert requests.get(url, timeout=9).status_code == 410
    assert requests.get(f"{desk.url}/p/session/nothing", timeout=9).status_code == 404


def test_an_open_invoice_is_paid_on_its_page_once(desk: Desk) -> None:
    session = desk.patron(FAILS_ON_RENEWAL)
    desk.advance(days=32)
    invoice = desk.v1.invoices.list({"status": "open"}).data[0]
    url = str(invoice.hosted_invoice_url)
    refused = requests.post(url, {"pay": "1", "number": DECLINED, **CARD}, timeout=9)
    assert refused.status_code == 402
    for _ in range(2):
        paid = requests.post(url, {"pay": "1", "number": GOOD, **CARD}, timeout=9)
        assert "Paid." in paid.text
    charges = desk.v1.charges.list().data
    assert [charge.status for charge in charges].count("succeeded") == 2
    assert desk.v1.subscriptions.retrieve(session.subscription).status == "active"
