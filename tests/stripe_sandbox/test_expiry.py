"""Saved cards that run out by date, and the networks' new dates for them."""

import datetime as dt
from typing import Any

import pytest

from tests.stripe_sandbox.desk import Desk


def patron(desk: Desk) -> Any:
    """Somebody who went through Checkout with a card that is good for this month."""
    today = dt.datetime.fromtimestamp(desk.now(), dt.UTC)
    session = desk.session()
    assert desk.pay(session, exp=f"{today:%m/%y}").status_code == 303
    return desk.v1.checkout.sessions.retrieve(session.id)


def status_of(desk: Desk, session: Any) -> str:
    return str(desk.v1.subscriptions.retrieve(session.subscription).status)


def card_of(desk: Desk, session: Any) -> Any:
    return desk.v1.payment_methods.list({"customer": session.customer}).data[0]


def test_a_card_pays_until_the_last_day_of_its_month(desk: Desk) -> None:
    june = int(dt.datetime(2026, 6, 30, 23, 59, tzinfo=dt.UTC).timestamp())
    clock = desk.v1.test_helpers.test_clocks.create({"frozen_time": june}).id
    customer = desk.v1.customers.create({"email": "p@example.org", "test_clock": clock}).id
    session = desk.session(customer=customer)
    assert desk.pay(session, exp="06/26").status_code == 303
    assert desk.pay(desk.session(customer=customer), exp="05/26").status_code == 422
    session = desk.v1.checkout.sessions.retrieve(session.id)
    assert status_of(desk, session) == "active"
    desk.advance(31, clock)
    assert status_of(desk, session) == "past_due"
    [failed, *_] = desk.v1.charges.list().data
    assert (failed.failure_code, failed.outcome.reason) == ("expired_card", "expired_card")


def test_the_networks_new_date_lets_the_next_try_pay(desk: Desk) -> None:
    session = patron(desk)
    desk.advance(days=32)
    assert status_of(desk, session) == "past_due"
    card = card_of(desk, session)
    told = desk.control("update_card", payment_method=card.id, exp_month=5, exp_year=2040)
    assert told.json()["data"][0]["card"]["exp_year"] == 2040
    [event] = desk.events("payment_method.automatically_updated")
    assert event.data.object.card.exp_month == 5
    assert event.data.previous_attributes["card"]["exp_year"] == card.card.exp_year
    assert set(event.data.previous_attributes["card"].to_dict()) <= {"exp_month", "exp_year"}
    desk.advance(days=3)
    assert status_of(desk, session) == "active"


def test_all_cards_of_a_customer_may_get_a_new_date_before_it_is_too_late(desk: Desk) -> None:
    session = patron(desk)
    desk.v1.payment_methods.attach("pm_card_visa", {"customer": session.customer})
    told = desk.control("update_card", customer=session.customer, exp_month=1, exp_year=2041)
    assert len(told.json()["data"]) == 2
    desk.advance(days=32)
    assert status_of(desk, session) == "active"


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"payment_method": "pm_none"},
        {"customer": "cus_none"},
        {"payment_method": "pm_none", "customer": "cus_none"},
        {"payment_method": "pm_none", "exp_month": 13},
        {"payment_method": "pm_none", "exp_month": "1"},
    ],
)
def test_a_wrong_wish_is_named(desk: Desk, wish: Any) -> None:
    answer = desk.control("update_card", **{"exp_month": 1, "exp_year": 2040, **wish})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


def test_a_customer_without_a_saved_card_is_named_too(desk: Desk) -> None:
    session = desk.debit()
    wish: Any = {"customer": session.customer, "exp_month": 1, "exp_year": 2040}
    assert desk.control("update_card", **wish).status_code == 400
