"""When a history is brought up: once before the commit, whatever was taken back meanwhile."""

import contextlib
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from config import Mode
from membership.books import ledger
from membership.books.models import EntryKind, FailedPayment, Subscription
from membership.books.term_models import Term
from membership.clock import clock
from membership.extensions import db
from membership.history import rebuild, upkeep
from membership.history.models import Movement, Outcome, Recovery
from membership.money import Money
from membership.patrons.models import Person
from membership.patrons.touched import PEOPLE, touch
from tests.factories import NOON, Newsroom
from tests.history import moved
from tests.staff.test_desk import subscribe


@pytest.fixture
def giver(newsroom: Newsroom) -> int:
    clock.set(NOON)
    newsroom.tiers()
    person = newsroom.member()
    subscribe(newsroom, person, 500)
    return int(person.id)


def amounts() -> list[int]:
    return list(db.session.scalars(sa.select(Movement.amount)))


def test_who_got_all_back_and_was_asked_no_more_is_given_up_too(app: Flask, giver: int):
    with app.app_context():
        db.session.execute(sa.update(Subscription).values(paid_until=None))
        db.session.commit()
        clock.set(NOON + timedelta(days=120))
        assert rebuild.give_up() == 1
        assert amounts() == [500, -500]


def test_what_stripe_tells_has_happened_though_our_clock_is_some_seconds_behind(
    app: Flask, giver: int
):
    with app.app_context():
        gift = db.session.scalars(sa.select(Subscription)).one()
        db.session.add(
            FailedPayment(
                stripe_invoice="in_1",
                stripe_customer="cus_1",
                mode=Mode.sandbox,
                person_id=giver,
                subscription_id=gift.id,
                amount=500,
                currency="eur",
                attempts=1,
                failed_at=NOON - timedelta(days=2),
            )
        )
        gift.ended_at = NOON + timedelta(seconds=7)
        touch(giver)
        db.session.commit()
        told = sa.select(Recovery.outcome, Recovery.at).order_by(Recovery.at)
        assert db.session.execute(told).tuples().all() == [
            (Outcome.failed, NOON - timedelta(days=2)),
            (Outcome.lost, NOON + timedelta(seconds=7)),
        ]


def test_a_savepoint_that_is_taken_back_takes_nothing_else_along(app: Flask, giver: int):
    with app.app_context():
        db.session.execute(sa.update(Term).values(amount=700))
        touch(giver)
        with contextlib.suppress(ValueError), db.session.begin_nested():
            raise ValueError
        db.session.commit()
        assert amounts() == [700]


def test_what_a_savepoint_refuses_takes_nothing_along_that_was_booked_before(
    app: Flask, giver: int
):
    with app.app_context():
        ledger.book(EntryKind.offline, "cash", giver, Money(300, "eur"), clock.now())
        with contextlib.suppress(sa.exc.IntegrityError), db.session.begin_nested():
            db.session.add(Person(email="x@example.org", language="en", created_at=clock.now()))
            ledger.book(EntryKind.offline, "more", giver, Money(900, "eur"), clock.now())
            db.session.add(Person(email="x@example.org", language="en", created_at=clock.now()))
            db.session.flush()
        db.session.commit()
        assert moved.kept_sums() == moved.sums_of_rows()
        offline = [total for key, total in moved.kept_sums().items() if "offline" in key.figure]
        assert {total.amount for total in offline} == {300}


def test_a_savepoint_that_is_kept_brings_nothing_up_before_its_time(app: Flask, giver: int):
    with app.app_context():
        with db.session.begin_nested():
            db.session.execute(sa.update(Term).values(amount=700))
            touch(giver)
        assert amounts() == [500]
        db.session.commit()
        assert amounts() == [700]


def test_what_is_rolled_back_is_not_brought_up_later(app: Flask, giver: int):
    with app.app_context():
        db.session.execute(sa.update(Term).values(amount=700))
        touch(giver)
        db.session.rollback()
        assert PEOPLE not in db.session.info


def test_what_stripe_kept_makes_nobody_be_looked_at_again(app: Flask, giver: int):
    with app.app_context():
        ledger.book(EntryKind.fee, "txn_1", giver, Money(-33, "eur"), clock.now())
        assert PEOPLE not in db.session.info
        db.session.commit()
        assert moved.kept_sums() == moved.sums_of_rows()


def test_nothing_is_written_where_nothing_changed(app: Flask, giver: int, queries):
    with app.app_context(), queries() as seen:
        touch(giver)
        db.session.commit()
    assert {statement.split()[0].lower() for statement in seen} <= {"select", "begin", "with"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_of_one_person_nothing_is_read_that_is_of_everybody(newsroom: Newsroom):
    """SQLite chooses by the look of an index, and would go through all charges for one person's."""
    with newsroom.at_work():
        together = upkeep._together(upkeep.DERIVED)
        connection = db.session.connection()
        text, constants, places = together._as_text(connection.dialect, 1)
        values = {**constants, "mode": Mode.sandbox.value, "people_1": 1}
        plan = connection.exec_driver_sql(
            f"explain query plan {text}", tuple(values[name] for name in places or ())
        )
        steps = [row.detail for row in plan]
        assert any("person_id=?" in step for step in steps)
        assert [step for step in steps if "(kind=?" in step or "(mode=?" in step] == []
        assert [step for step in steps if step.startswith("SCAN")] == ["SCAN CONSTANT ROW"]
