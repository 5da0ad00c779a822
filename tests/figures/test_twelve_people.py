"""The history that docs/metrics.md works by hand gives its figures, in whatever order told."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from functools import partial
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from config import Mode
from membership.books.models import Product, Tier
from membership.clock import clock
from membership.extensions import db
from membership.figures import (
    behind,
    coming,
    givers,
    leaving,
    money,
    movements,
    recovery,
    retention,
    sources,
    spans,
    supporters,
    value,
)
from membership.figures.spans import By, Span
from membership.history import rebuild, sums
from membership.history.booked import Way
from membership.history.models import Movement, Origin
from membership.history.movements import LEAVING
from membership.inbox import inbox, reconcile
from membership.patrons.models import Person
from tests.children import all_went_well, in_a_child
from tests.conftest import MakeApp
from tests.factories import Newsroom
from tests.figures.twelve_people import END, TIER, History, lived
from tests.history import moved
from tests.till import SECRET, signed

PROCESSES, ROUNDS = 4, 2
SPAN = Span(date(2025, 1, 1), date(2026, 6, 30))
BY_MONTH: dict[str, dict[str, dict[str, tuple[int, int]]]] = {
    "eur": {
        "2025-01": {"new": (500, 1)},
        "2025-02": {"new": (1500, 2)},
        "2025-03": {"new": (1300, 2)},
        "2025-04": {"new": (2400, 2)},
        "2025-05": {"new": (1100, 2)},
        "2025-06": {"new": (500, 1), "expansion": (1000, 0), "churn": (-500, -1)},
        "2025-07": {"pause": (-2600, -2)},
        "2025-08": {"new": (700, 1), "expansion": (700, 0), "contraction": (-700, 0)},
        "2025-09": {"expansion": (100, 0), "churn": (-400, -1), "lapse": (0, 0)},
        "2025-10": {"resumption": (2000, 1), "reactivation": (300, 1)},
        "2025-12": {"contraction": (-500, 0)},
        "2026-02": {"churn": (-500, -1)},
    },
    "uah": {"2025-07": {"new": (20000, 1)}, "2025-12": {"churn": (-20000, -1)}},
}
CLOSING = {
    "eur": [
        *[500, 2000, 3300, 5700, 6800, 7800, 5200, 5900, 5600, 7900, 7900, 7400],
        *[7400, 6900, 6900, 6900, 6900, 6900],
    ],
    "uah": [0, 0, 0, 0, 0, 0, 20000, 20000, 20000, 20000, 20000, 0, 0, 0, 0, 0, 0, 0],
}
GIVERS = [1, 3, 5, 7, 9, 9, 7, 8, 7, 9, 9, 9, 9, 8, 8, 8, 8, 8]
COHORTS = {
    "2025-02": [(1500, 2)] * 4 + [(2000, 2)] * 8 + [(1500, 1)] * 5,
    "2025-04": [(2400, 2)] * 3 + [(400, 1)] * 2 + [(0, 0)] + [(2000, 1)] * 9,
}
MONTHLY = {
    "2025-01": (None, None),
    "2025-06": (Fraction(73, 68), Fraction(63, 68)),
    "2025-07": (Fraction(52, 78), Fraction(52, 78)),
    "2025-10": (Fraction(79, 56), Fraction(1)),
}
YEARLY = {
    "2025-12": (None, None),
    "2026-01": (Fraction(1), Fraction(1)),
    "2026-06": (Fraction(62, 78), Fraction(38, 78)),
}
WHY = {
    "reason": {
        "too_expensive": (1, -500),
        "unused": (1, -500),
        "payment_failed": (1, -400),
        "other": (1, 0),
    },
    "tenure": {"3": (3, -900), "12": (1, -500)},
    "interval": {"month": (3, -900), "year": (1, -500)},
}
SUPPORTERS = {
    "2025-01": (1, 0, 0),
    "2025-02": (2, 0, 0),
    "2025-03": (2, 0, 0),
    "2025-04": (2, 0, 0),
    "2025-05": (2, 0, 0),
    "2025-06": (1, 0, -1),
    "2025-07": (1, 0, -2),
    "2025-08": (1, 0, 0),
    "2025-09": (0, 0, -1),
    "2025-10": (0, 2, 0),
    "2025-12": (0, 0, -1),
    "2026-02": (0, 0, -1),
}
SUPPORTED = [1, 3, 5, 7, 9, 9, 8, 9, 8, 10, 10, 9, 9, 8, 8, 8, 8, 8]
GIVEN = {
    "eur": [500, 7500, 2800, 5200, 6300, 12800, 4200, 5600, 11450, 6300, 6300, *[5800] * 6, 11800],
    "uah": [0] * 6 + [20000] * 5 + [0] * 7,
}
BACK = {"eur": {"2025-08": -700}, "uah": {"2025-11": -20000}}
RENEWED = [0, 1, 2, 4, 6, 7, 6, 6, 6, 6, 7, 6, 6, 6, 6, 6, 6, 7]
FIRST_YEAR = {
    ("anna", "eur"): (6000, True),
    ("bohdan", "eur"): (16000, True),
    ("chiara", "eur"): (6000, False),
    ("danylo", "eur"): (3000, True),
    ("eva", "eur"): (9600, True),
    ("faina", "eur"): (2000, False),
    ("hryhorii", "eur"): (18000, True),
    ("ivanna", "eur"): (1200, False),
    ("julia", "eur"): (9500, True),
    ("kateryna", "eur"): (8950, True),
    ("lev", "eur"): (7700, True),
    ("marta", "uah"): (80000, False),
}
DUE = {
    "2026-07-01": (1500, 1),
    "2026-07-02": (700, 1),
    "2026-07-07": (2000, 1),
    "2026-07-10": (800, 2),
    "2026-07-12": (800, 1),
    "2026-08-01": (1500, 1),
    "2026-08-02": (700, 1),
    "2026-08-07": (2000, 1),
    "2026-08-10": (800, 2),
    "2026-08-12": (800, 1),
    "2026-09-01": (1500, 1),
    "2026-09-02": (700, 1),
    "2026-09-07": (2000, 1),
    "2026-09-10": (800, 2),
    "2026-09-12": (800, 1),
    "2026-09-18": (7200, 1),
}
LEFT = {
    ("danylo", "2025-06-05", "churn", "unused"),
    ("ivanna", "2025-09-15", "lapse", "other"),
    ("faina", "2025-09-16", "churn", "payment_failed"),
    ("marta", "2025-12-10", "churn", "payment_disputed"),
    ("chiara", "2026-02-15", "churn", "too_expensive"),
}


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    with lived(tmp_path_factory.mktemp("stripe")) as history:
        yield history


@pytest.fixture
def app(make_app: MakeApp, history: History) -> Flask:
    app = make_app(sandbox_url=history.till.url, stripe_webhook_secret=SECRET)
    Newsroom(app).tiers()
    with app.app_context():
        tier = db.session.scalars(sa.select(Tier.id).where(Tier.slug == TIER)).one()
        row = Product(tier_id=tier, mode=Mode.sandbox, stripe_id=history.product)
        db.session.add(row)
        db.session.commit()
    clock.set(END)
    return app


def tell(app: Flask, events: list[Any]) -> None:
    for event in events:
        if event["type"] in inbox.EVENTS:
            body, header = signed(event)
            with app.test_request_context("/webhooks/stripe", method="POST"):
                taken = inbox.receive(body, header)
                assert taken.error is None, (event["type"], taken.error)


ORDERS = {
    "as it happened": lambda events: events,
    "backwards": lambda events: events[::-1],
    "shuffled, and half of it twice": lambda events: Random(12).sample(
        events + events[::2], len(events) + len(events[::2])
    ),
}


@pytest.mark.parametrize("order", ORDERS)
def test_told_in_any_order_it_gives_the_figures_of_the_docs(app, history, order):
    tell(app, ORDERS[order](history.events))
    with app.app_context():
        _look_at_figures()


def test_brought_in_from_the_account_it_gives_the_same(app):
    with app.app_context():
        reconcile.run()
        _look_at_figures()
        rebuild.rebuild()
        sums.fold()
        _look_at_figures()


def test_told_by_four_processes_at_once_it_gives_the_same(app, history):
    """Beside them the sums are folded and all is made anew, as if that were needed."""

    def tell_some(number: int) -> None:
        chance = Random(number)
        for _ in range(ROUNDS):
            tell(app, chance.sample(history.events, len(history.events) // 2))
            (sums.fold if number % 2 else rebuild.rebuild)()

    children = [in_a_child(app, partial(tell_some, number)) for number in range(PROCESSES)]
    all_went_well(children)
    tell(app, history.events)
    with app.app_context():
        _look_at_figures()
        assert moved.kept_sums() == moved.sums_of_rows()


def _look_at_figures() -> None:
    moved = movements.moved(Mode.sandbox, SPAN.cut(By.month))
    assert moved.keys() == BY_MONTH.keys()
    for currency, months in moved.items():
        assert [one.closing.amount for one in months] == CLOSING[currency]
        assert {
            f"{one.span.first:%Y-%m}": {
                kind.value: (total.amount, total.people)
                for kind, total in one.by_kind.items()
                if total.times
            }
            for one in months
            if any(map(any, one.by_kind.values()))
        } == BY_MONTH[currency]
    assert [one.closing.people for one in moved["eur"]] == GIVERS
    assert _left() == LEFT
    assert {code: mrr.amount for code, mrr in movements.mrr(Mode.sandbox).items()} == {"eur": 6900}
    _look_at_retention()
    _look_at_supporters()
    _look_at_money()
    _look_at_recovery()
    its = leaving.leaving(Mode.sandbox, SPAN)["eur"]
    assert (its.total.times, its.total.amount, its.rate) == (4, -1400, Fraction(3, 13))
    assert {
        by: {value: (total.times, total.amount) for value, total in values}
        for by, values in its.by.items()
        if by in WHY
    } == WHY


def _look_at_retention() -> None:
    kept = retention.retention(Mode.sandbox, [part.first for part in SPAN.cut(By.month)])
    assert kept.keys() == BY_MONTH.keys()
    its = kept["eur"]
    assert {
        f"{cohort.month:%Y-%m}": [(left.amount, left.people) for _month, left in cohort.left]
        for cohort in its.cohorts
        if cohort.month in (date(2025, 2, 1), date(2025, 4, 1))
    } == COHORTS
    monthly = {f"{one.month:%Y-%m}": (one.net, one.gross) for one in its.monthly}
    assert monthly | MONTHLY == monthly
    yearly = {f"{one.month:%Y-%m}": (one.net, one.gross) for one in its.yearly}
    assert yearly | YEARLY == yearly
    assert [
        (giver.email.split("@")[0], giver.monthly.amount)
        for giver in givers.listing(
            Mode.sandbox, "eur", date(2025, 8, 31), spans.month(date(2025, 4, 1))
        ).page(limit=9)
    ] == [("faina", 400)]


def _look_at_supporters() -> None:
    months = supporters.supported(Mode.sandbox, SPAN.cut(By.month))
    assert [month.closing for month in months] == SUPPORTED
    assert {
        f"{month.span.first:%Y-%m}": tuple(total.people for total in month.by_move.values())
        for month in months
        if any(map(any, month.by_move.values()))
    } == SUPPORTERS
    counted = supporters.counted(Mode.sandbox, SPAN.last)
    assert (counted["kind"], counted["interval"]) == ([("patron", 8)], [("month", 6), ("year", 2)])
    counted = supporters.counted(Mode.sandbox, date(2025, 8, 31))
    assert counted["currency"] == [("eur", 8), ("uah", 1)]
    listed = behind.supporters(Mode.sandbox, date(2025, 8, 31), {"interval": "year"})
    assert [row.email.split("@")[0] for row in listed.every()] == ["chiara"]
    rows = db.session.execute(
        sa.select(Person.email, Origin.currency, Origin.amount, Origin.stays).join(
            Person, Person.id == Origin.person_id
        )
    )
    assert {
        (email.split("@")[0], currency): (amount, stays) for email, currency, amount, stays in rows
    } == FIRST_YEAR
    whole = sources.sources(Mode.sandbox, SPAN)["eur"].whole
    assert (whole.came, whole.amount, whole.stay) == (11, 87950, 8)


def _look_at_money() -> None:
    months = SPAN.cut(By.month)
    received = money.received(Mode.sandbox, months)
    assert {
        currency: [one.given[Way.recurring].amount for one in its]
        for currency, its in received.items()
    } == GIVEN
    assert {
        currency: {
            f"{one.span.first:%Y-%m}": back
            for one in its
            if (back := one.refunded.amount + one.contested.amount)
        }
        for currency, its in received.items()
    } == BACK
    its = value.values(Mode.sandbox, movements.moved(Mode.sandbox, months[-12:]))["eur"]
    assert (its.average, its.churn, its.tenure) == (Fraction(6900, 8), Fraction(2, 99), 14)
    assert its.lifetime == 42694
    [renewals] = [its.renewals for its in coming.coming(Mode.sandbox).values()]
    assert {day.isoformat(): (total.amount, total.times) for day, total in renewals.items()} == DUE


def _look_at_recovery() -> None:
    its = recovery.recoveries(Mode.sandbox, SPAN.cut(By.month))["eur"]
    assert [part.paid.times for part in its.parts] == RENEWED
    july, september = its.parts[6], its.parts[8]
    assert (july.failed.amount, july.recovered.amount, july.open.times) == (800, 800, 0)
    assert (september.failed.amount, september.lost.amount, september.open.times) == (400, 400, 0)
    assert (july.failed_at_first, september.failed_at_first) == (Fraction(1, 6), Fraction(1, 7))
    assert its.whole.recovery_rate == Fraction(1, 2)
    assert {took: total.times for took, total in its.by_time.items()} == {"3": 1}


def _left() -> set[tuple[str, str, str, str]]:
    rows = db.session.execute(
        sa.select(Person.email, Movement.day, Movement.kind, Movement.reason)
        .join(Person, Person.id == Movement.person_id)
        .where(Movement.kind.in_(LEAVING))
    )
    return {
        (email.split("@")[0], day.isoformat(), kind.value, reason)
        for email, day, kind, reason in rows
    }
