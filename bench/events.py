"""Webhook events applied with all their effects, against raw durable one-row commits.

Signed beforehand and handed to the application as its server hands them over, so that it is the
newsroom's work that is measured and not the postman's.
"""

import io
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from bench import databases
from bench.pair import Pair, in_turn
from membership.books.models import Interval
from membership.extensions import db
from membership.giving.checkout import Wish, start
from membership.history import upkeep
from membership.money import Money
from membership.patrons import touched
from tests.till import SECRET, Till, open_till, signed

PATRONS_A_ROUND, ROUNDS = 12, 4
A_MONTH = timedelta(days=31)

Delivery = tuple[bytes, str]


def figures() -> Iterator[Pair]:
    with tempfile.TemporaryDirectory() as folder, open_till(Path(folder) / "sandbox") as till:
        settings = {"sandbox_url": till.url, "stripe_webhook_secret": SECRET}
        with databases.each(**settings) as newsrooms:
            for name, app in newsrooms:
                yield _figure(name, app, till)


def _figure(name: str, app: Flask, till: Till) -> Pair:
    rounds = [_new_patrons(app, till, number) for number in range(ROUNDS)]

    return in_turn(
        f"webhook events applied to raw commits, {name}",
        "events, commits",
        lambda number: _deliver_all(app, rounds[number]),
        lambda _number: databases.raw_commits(app, 300),
        rounds=ROUNDS,
    )


def with_and_without() -> Iterator[Pair]:
    """The same kinds of events with all that follows from them worked out, and without it.

    Of readers who become patrons, and of the second month in which they renew: before each, a
    database that has run for a while has learnt how to answer what it is asked again and again.
    """
    with tempfile.TemporaryDirectory() as folder, open_till(Path(folder) / "sandbox") as till:
        settings = {"sandbox_url": till.url, "stripe_webhook_secret": SECRET}
        with databases.each(**settings) as newsrooms:
            for name, app in newsrooms:
                yield from _with_and_without(name, app, till)


def _with_and_without(name: str, app: Flask, till: Till) -> Iterator[Pair]:
    _deliver_all(app, _new_patrons(app, till, -1))
    _let_learn(app)
    come = [_new_patrons(app, till, number) for number in range(2 * ROUNDS)]
    yield _half_without(f"events of new patrons with figures to without, {name}", app, come)
    _deliver_all(app, _renewals(till))
    _let_learn(app)
    # What Stripe says of one renewal stands together: each part has as much of everything.
    deliveries = _renewals(till)
    size = -(-len(deliveries) // (2 * ROUNDS))
    renew = [deliveries[first : first + size] for first in range(0, len(deliveries), size)]
    yield _half_without(f"events of renewals with figures to without, {name}", app, renew)


def _let_learn(app: Flask) -> None:
    """What each database does by itself, some minutes later."""
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text("analyze"))


def _renewals(till: Till) -> list[Delivery]:
    """All that Stripe says of a month."""
    till.let_pass(till.now() + A_MONTH)
    return _news(till)


def _half_without(title: str, app: Flask, rounds: list[list[Delivery]]) -> Pair:
    def with_figures(number: int) -> int:
        return _deliver_all(app, rounds[2 * number])

    def without(number: int) -> int:
        follows = upkeep._bring_up_touched
        sa.event.remove(db.session, "before_commit", follows)
        sa.event.listen(db.session, "before_commit", _forget)
        try:
            return _deliver_all(app, rounds[2 * number + 1])
        finally:
            sa.event.remove(db.session, "before_commit", _forget)
            sa.event.listen(db.session, "before_commit", follows)

    return in_turn(title, "events", with_figures, without, rounds=len(rounds) // 2)


def _forget(session: Session) -> None:
    touched.taken(session)


def _deliver_all(app: Flask, deliveries: list[Delivery]) -> int:
    """How many they were."""
    for body, signature in deliveries:
        _deliver(app, body, signature)
    return len(deliveries)


def _deliver(app: Flask, body: bytes, signature: str) -> None:
    answered: list[str] = []

    def start_response(status: str, _headers: object, _error: object = None) -> Any:
        answered.append(status)

    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/webhooks/stripe",
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": "application/json",
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_STRIPE_SIGNATURE": signature,
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    answer = b"".join(app(environ, start_response))
    assert answered == ["200 OK"], answer


def _new_patrons(app: Flask, till: Till, number: int) -> list[Delivery]:
    """Everything Stripe says when some readers become patrons."""
    with app.test_request_context():
        for patron in range(PATRONS_A_ROUND):
            wish = Wish(
                f"{app.name}{number}.{patron}@example.org", Money(500, "eur"), Interval.month, "en"
            )
            till.pay(start(wish, attempt=f"{id(app)}-{number}-{patron}", giver=None))
    return _news(till)


def _news(till: Till) -> list[Delivery]:
    events = till.news()
    till.taken(events)
    return [signed(event) for event in events]
