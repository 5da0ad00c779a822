"""A believable past, the same for the same seed."""

from collections import Counter
from pathlib import Path
from typing import Any

import requests

from tests.stripe_sandbox.desk import DAY, Desk, opened


def seed(desk: Desk, **wish: Any) -> dict[str, int]:
    product = desk.v1.products.create({"name": "Patron"}).id
    plans = [
        {"product": product, "currency": "eur", "amount": 500, "interval": "month", "weight": 5},
        {"product": product, "currency": "uah", "amount": 150000, "interval": "year", "weight": 1},
        {"product": product, "currency": "eur", "amount": 2500, "weight": 2},
    ]
    body = {"plans": plans, "patrons": 80, "months": 12, "metadata": {"desk": "seed"}, **wish}
    answer = requests.post(f"{desk.url}/_sandbox/seed", json=body, timeout=60)
    assert answer.status_code == 200, answer.text
    counts: dict[str, int] = answer.json()
    return counts


def everything(desk: Desk) -> list[Any]:
    """People, sums and days, without the ids."""
    charges = desk.v1.charges.list({"limit": 100}).auto_paging_iter()
    return sorted(
        (str(c.billing_details.email), c.amount, c.status, (desk.now() - c.created) // DAY)
        for c in charges
    )


def test_a_seeded_past_has_all_that_happens_to_patrons(desk: Desk) -> None:
    counts = seed(desk, patrons=160, months=18)
    customers = list(desk.v1.customers.list({"limit": 100}).auto_paging_iter())
    assert counts["patrons"] == len(customers) == 160
    assert len({customer.email for customer in customers}) == 160
    found = desk.v1.subscriptions.list({"status": "all", "limit": 100}).auto_paging_iter()
    statuses = Counter(subscription.status for subscription in found)
    assert statuses["active"] == counts["active"] > 60
    assert statuses["past_due"] == counts["past_due"] >= 1
    reasons = Counter(
        one.cancellation_details.reason
        for one in desk.v1.subscriptions.list(
            {"status": "canceled", "limit": 100}
        ).auto_paging_iter()
    )
    assert reasons["payment_failed"] >= 1
    assert reasons["cancellation_requested"] >= 1
    assert len(desk.v1.refunds.list({"limit": 100}).data) == counts["refunds"] >= 1
    paid = [c for c in desk.v1.charges.list({"limit": 100}).auto_paging_iter() if c.paid]
    assert len(paid) == counts["payments"]
    assert all(customer.created <= desk.now() for customer in customers)
    subscription = desk.v1.subscriptions.list().data[0]
    assert subscription.metadata.to_dict() == {"desk": "seed"}


def test_the_same_seed_is_the_same_past(tmp_path: Path) -> None:
    pasts = []
    for number, kind in enumerate((7, 7, 8)):
        with opened(tmp_path / f"{number}.sqlite") as desk:
            seed(desk, seed=kind, patrons=40)
            pasts.append([line[:3] for line in everything(desk)])
    assert pasts[0] == pasts[1] != pasts[2]


def test_the_past_sends_no_webhooks_and_keeps_no_old_events(desk: Desk) -> None:
    desk.v1.webhook_endpoints.create(
        {"url": "http://127.0.0.1:9/", "enabled_events": ["customer.created", "invoice.paid"]}
    )
    seed(desk)
    assert desk.app.extensions["stripe_webhooks"].waiting() == 0
    waiting = desk.events("invoice.paid")
    assert waiting
    assert all(event.created > desk.now() - 30 * DAY - 60 for event in waiting)


def test_life_goes_on_after_the_past(desk: Desk) -> None:
    counts = seed(desk)
    before = len(list(desk.v1.invoices.list({"limit": 100}).auto_paging_iter()))
    desk.advance(days=31)
    after = len(list(desk.v1.invoices.list({"limit": 100}).auto_paging_iter()))
    assert after - before > counts["active"] * 0.6


def test_a_wrong_wish_is_named(desk: Desk) -> None:
    for body in ({}, {"plans": [{"amount": 5}]}, {"plans": [{}], "people": 3}, None):
        answer = requests.post(f"{desk.url}/_sandbox/seed", json=body, timeout=9)
        assert answer.status_code == 400
        assert answer.json()["error"]["message"]
