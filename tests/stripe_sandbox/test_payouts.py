"""Payouts: what is available goes to the bank, and every movement is in one of them at most."""

from pathlib import Path
from typing import Any

import pytest

from tests.stripe_sandbox.desk import Desk, opened


def entries_of(desk: Desk, payout: Any) -> list[Any]:
    found = desk.v1.balance_transactions.list({"payout": payout.id, "limit": 100})
    return list(found.auto_paging_iter())


def test_what_is_available_is_paid_out_with_all_that_it_is_made_of(desk: Desk) -> None:
    charged = desk.patron(amount=1000)
    desk.advance(3)
    desk.patron()  # not available yet
    desk.v1.refunds.create({"charge": desk.v1.charges.list().data[1].id, "amount": 200})
    desk.advance(0.01)
    assert len(desk.control("pay_out").json()["payouts"]) == 1
    [payout] = desk.v1.payouts.list().data
    assert payout.status == "in_transit"
    assert payout.reconciliation_status == "in_progress"
    entries = entries_of(desk, payout)
    assert [entry.type for entry in entries] == ["payout", "charge"]
    assert payout.amount == entries[1].net == 1000 - 40
    assert sum(entry.net for entry in entries) == 0
    assert entries[0].source == payout.id
    assert desk.control("pay_out").json()["payouts"] == []
    assert charged.payment_status == "paid"
    desk.advance(3)
    desk.control("pay_out")
    [second, first] = desk.v1.payouts.list({"limit": 5}).data
    assert (first.status, first.reconciliation_status) == ("paid", "completed")
    assert [entry.type for entry in entries_of(desk, second)] == ["payout", "refund", "charge"]
    assert [one.id for one in desk.v1.payouts.list({"status": "paid"}).data] == [first.id]
    assert desk.v1.payouts.retrieve(first.id, {"expand": ["balance_transaction"]}).amount == 960


def test_each_currency_has_its_own_payout_and_nothing_is_sent_of_less_than_nothing(
    desk: Desk,
) -> None:
    desk.patron(every=None)
    desk.patron(every=None, currency="usd", amount=700)
    lost = desk.patron(every=None, currency="usd", amount=600)
    [charge] = desk.v1.charges.list({"payment_intent": lost.payment_intent}).data
    desk.control("dispute", charge=charge.id, reason="fraudulent")
    desk.advance(3)
    desk.control("pay_out")
    assert [(one.currency, one.amount) for one in desk.v1.payouts.list().data] == [("eur", 467)]


def test_a_payout_that_fails_is_in_the_next_one(desk: Desk) -> None:
    desk.patron()
    desk.advance(3)
    [made] = desk.control("pay_out").json()["payouts"]
    desk.advance(1.5)
    assert desk.control("fail_payout", payout=made["id"]).json()["status"] == "failed"
    assert desk.control("fail_payout", payout=made["id"]).status_code == 400
    failed = desk.v1.payouts.retrieve(made["id"], {"expand": ["failure_balance_transaction"]})
    assert failed.failure_balance_transaction.amount == failed.amount
    assert failed.failure_code == "account_closed"
    [again] = desk.control("pay_out").json()["payouts"]
    assert again["amount"] == made["amount"]
    kinds = [entry.type for entry in entries_of(desk, desk.v1.payouts.retrieve(again["id"]))]
    assert kinds == ["payout", "payout_failure"]
    assert desk.events("payout.created", "payout.reconciliation_completed", "payout.paid")
    types = [event.type for event in desk.events() if event.type.startswith("payout")]
    assert types == [
        "payout.created",
        "payout.reconciliation_completed",
        "payout.paid",
        "payout.failed",
        "payout.created",
    ]


@pytest.mark.parametrize("daily", [True, False])
def test_every_midnight_if_the_account_says_so(store: Path, daily: bool) -> None:
    with opened(store, daily_payouts=daily) as desk:
        desk.patron()
        desk.advance(6)
        payouts = desk.v1.payouts.list().data
        assert len(payouts) == daily
        assert all(one.created % 86400 == 0 and one.status == "paid" for one in payouts)


def test_a_past_is_paid_out_too(store: Path) -> None:
    with opened(store, daily_payouts=True) as desk:
        product = desk.v1.products.create({"name": "Patron"}).id
        plan = {"product": product, "currency": "eur", "amount": 500, "interval": "month"}
        made = desk.control("seed", patrons=20, months=3, plans=[plan]).json()
        payouts = list(desk.v1.payouts.list({"limit": 100}).auto_paging_iter())
        assert len(payouts) == made["payouts"] > 5
        for payout in payouts:
            assert sum(entry.net for entry in entries_of(desk, payout)) == 0
        assert {one.status for one in payouts[1:]} == {"paid"}
