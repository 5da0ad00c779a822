"""A foreign account of some size taken in, held against Stripe's books and taken in once more.

    python -m bench.account [--subscriptions 5000] [--months 24] [--heard]

Three products were sold before we came, two of them stand for tiers. With `--heard` the same
account is also heard event by event, and what follows has to be the same; that takes half as long
again.
"""

import argparse
import logging
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
import sqlalchemy as sa
from flask import Flask

from bench import databases
from membership.books import payouts, settlement
from membership.books.models import Subscription, Tier
from membership.extensions import db
from membership.history import rebuild
from membership.inbox import account, inbox, reconcile
from membership.staff.account import matching
from tests.books import truth
from tests.conftest import empty_tables
from tests.history import moved
from tests.till import SECRET, Till, open_till, signed

KEPT = {"tier", "suggestion"}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.account", description=__doc__)
    parser.add_argument("--subscriptions", type=int, default=5000)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--heard", action="store_true")
    chosen = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder, open_till(Path(folder) / "sandbox") as till:
        products = _lived_in(till, chosen)
        settings = {"sandbox_url": till.url, "stripe_webhook_secret": SECRET}
        with databases.each(**settings) as newsrooms:
            for name, app in newsrooms:
                for line in _told(app, till, products, heard=chosen.heard):
                    print(f"{name}: {line}", flush=True)


def _lived_in(till: Till, chosen: argparse.Namespace) -> list[str]:
    """The ids of what it sells."""
    sold = [
        till.sdk.v1.products.create({"name": name}).id
        for name in ("Friends", "Circle", "Calendar on paper")
    ]
    plans = [
        {"product": sold[product], "currency": "eur", "amount": amount, "interval": interval}
        for product, amount, interval in (
            (0, 500, "month"),
            (0, 5000, "year"),
            (1, 1500, "month"),
            (2, 900, "year"),
        )
    ]
    body = {
        "patrons": chosen.subscriptions,
        "months": chosen.months,
        "plans": plans,
        "every_event": chosen.heard,
    }
    began = time.monotonic()
    answer = requests.post(f"{till.url}/_sandbox/seed", json=body, timeout=3600)
    answer.raise_for_status()
    print(f"lived in {time.monotonic() - began:.0f} s: {answer.json()}", flush=True)
    return sold


def _told(app: Flask, till: Till, products: list[str], *, heard: bool) -> Iterator[str]:
    with app.app_context():
        slugs = list(db.session.scalars(sa.select(Tier.slug).order_by(Tier.position)))
        began = time.monotonic()
        account.look()
        yield f"looked through in {time.monotonic() - began:.0f} s"
        _match(dict(zip(products[:2], slugs, strict=False)))
        began = time.monotonic()
        account.take_in()
        took = time.monotonic() - began
        taken = db.session.scalar(sa.select(sa.func.count(Subscription.id)))
        yield f"{taken} subscriptions taken in in {took:.0f} s"
        expected = truth.stripes(till, matched=products[:2])
        truth.hold_together(truth.ours(), expected)
        yield f"the books equal Stripe's: {sum(expected.movements.values())} movements of money"
        told = moved.told_by_an_import()
        began = time.monotonic()
        differences = reconcile.run()
        again = time.monotonic() - began
        yield f"once more in {again:.0f} s, {took / again:.1f} times as fast: {dict(differences)}"
        assert not differences
        rebuild.rebuild()
        assert moved.told_by_an_import() == told
        yield f"{sum(told['movements'].values())} movements, the same when made anew"
        if heard:
            db.session.commit()
            empty_tables(db.engine, but=KEPT)
            _match(dict(zip(products[:2], slugs, strict=False)))
    if heard:
        yield from _heard(app, till, told, took)


def _match(tiers: dict[str, str]) -> None:
    matching.choose(tiers, seen=matching.chosen().version, by=None)
    matching.switch(is_on=True, seen=matching.chosen().version, by=None)


def _heard(app: Flask, till: Till, told: dict[str, Any], took: float) -> Iterator[str]:
    events = [event for event in till.news() if event["type"] in inbox.EVENTS]
    began = time.monotonic()
    for event in events:
        body, header = signed(event)
        with app.test_request_context("/webhooks/stripe", method="POST"):
            inbox.receive(body, header)
    heard = time.monotonic() - began
    with app.app_context():
        settlement.run()
        payouts.run()
        assert moved.told_by_an_import() == told
    yield (
        f"{len(events)} events heard in {heard:.0f} s, {heard / took:.1f} times as long; "
        "what follows is the same"
    )


if __name__ == "__main__":
    main()
