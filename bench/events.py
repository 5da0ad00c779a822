"""Webhook events applied with all their effects, against raw durable one-row commits."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from flask import Flask

from bench import databases
from bench.pair import Pair, in_turn
from membership.books.models import Interval
from membership.giving.checkout import Wish, start
from membership.money import Money
from tests.till import SECRET, Till, open_till, post_event

PATRONS_A_ROUND, ROUNDS = 12, 4


def figures() -> Iterator[Pair]:
    with tempfile.TemporaryDirectory() as folder, open_till(Path(folder) / "sandbox") as till:
        settings = {"sandbox_url": till.url, "stripe_webhook_secret": SECRET}
        with databases.each(**settings) as newsrooms:
            for name, app in newsrooms:
                yield _figure(name, app, till)


def _figure(name: str, app: Flask, till: Till) -> Pair:
    rounds = [_new_patrons(app, till, number) for number in range(ROUNDS)]
    client = app.test_client()

    def apply(number: int) -> int:
        for event in rounds[number]:
            answer = post_event(client, event)
            assert answer.status_code == 200, json.dumps(answer.json)
        return len(rounds[number])

    return in_turn(
        f"webhook events applied to raw commits, {name}",
        "events, commits",
        apply,
        lambda _number: databases.raw_commits(app, 300),
        rounds=ROUNDS,
    )


def _new_patrons(app: Flask, till: Till, number: int) -> list[dict[str, object]]:
    """Everything Stripe says when some readers become patrons."""
    with app.test_request_context():
        for patron in range(PATRONS_A_ROUND):
            wish = Wish(
                f"{app.name}{number}.{patron}@example.org", Money(500, "eur"), Interval.month, "en"
            )
            till.pay(start(wish, attempt=f"{id(app)}-{number}-{patron}", giver=None))
    events = till.news()
    till.taken(events)
    return events
