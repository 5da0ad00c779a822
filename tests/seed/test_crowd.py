"""A newsroom of any size: the same for the same seed, and books as they would have come about."""

from contextlib import nullcontext
from datetime import timedelta
from itertools import islice
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from membership import planner
from membership.books import standing
from membership.books.models import EntryKind, Interval, LedgerEntry, Settlement, Subscription
from membership.clock import clock
from membership.extensions import db
from membership.history import rebuild
from membership.patrons.models import MembershipPeriod, Person
from membership.seed import build, crowd
from membership.seed.lives import Gift, Life, Plans, lives
from tests.factories import NOON, Newsroom
from tests.history import moved
from tests.till import Till, app, choose, till

__all__ = ["app", "choose", "till"]

PATRONS, MONTHS = 120, 30
OF_TWO = Plans(
    {
        Gift(1, "eur", Interval.month, 500): 3,
        Gift(2, "eur", Interval.month, 1000): 1,
        Gift(1, "uah", Interval.year, 100000): 2,
        Gift(1, "uah", Interval.once, 20000): 1,
    }
)


def lived(seed: int, *, patrons: int = PATRONS) -> list[Life]:
    return list(lives(OF_TWO, patrons=patrons, months=MONTHS, seed=seed, now=NOON))


@pytest.fixture
def written(newsroom: Newsroom, app: Flask) -> list[Life]:
    clock.set(NOON)
    newsroom.tiers()
    with app.app_context():
        crowd.write(OF_TWO, patrons=PATRONS, months=MONTHS, seed=1, progress=lambda *_: None)
    return lived(1)


def test_the_same_seed_is_the_same_crowd_and_another_one_is_not():
    assert lived(1) == lived(1)
    assert lived(1) != lived(2)


def test_a_larger_crowd_begins_with_the_smaller():
    assert lived(1, patrons=20) == list(islice(lived(1), 20))


def test_all_that_happens_to_patrons_happens_in_a_crowd():
    crowd = lived(1, patrons=2000)
    payments = [payment for life in crowd for payment in life.payments]
    assert {life.status for life in crowd} == {"", "active", "past_due", "canceled"}
    assert {life.reason for life in crowd} == {None, "cancellation_requested", "payment_failed"}
    assert any(life.ends_at and not life.ended_at for life in crowd)
    assert any(payment.refused_at and payment.paid_at for payment in payments)
    refunds = [(life.refund, life.payments[0].gift) for life in crowd if life.refund]
    assert {refund.amount == gift.amount for refund, gift in refunds if refund} == {True, False}
    changes = {
        (later.gift.amount > earlier.gift.amount) - (later.gift.amount < earlier.gift.amount)
        for life in crowd
        for earlier, later in zip(life.payments, life.payments[1:], strict=False)
    }
    assert changes == {-1, 0, 1}
    assert all(NOON - timedelta(days=31 * MONTHS) < life.joined < NOON for life in crowd)


def test_the_ledger_has_each_payment_of_the_lives(app: Flask, written: list[Life]):
    with app.app_context():
        rows = db.session.execute(
            sa.select(Person.email, LedgerEntry.amount, LedgerEntry.occurred_at)
            .join(Person, Person.id == LedgerEntry.person_id)
            .where(LedgerEntry.kind == EntryKind.charge)
        )
        assert sorted(map(tuple, rows)) == sorted(
            (life.person.email, payment.gift.amount, payment.paid_at)
            for life in written
            for payment in life.payments
            if payment.paid_at
        )


def test_stripe_settles_what_the_ledger_has(app: Flask, written: list[Life]):
    with app.app_context():
        booked = db.session.execute(
            sa.select(LedgerEntry.currency, sa.func.sum(LedgerEntry.amount))
            .group_by(LedgerEntry.currency)
            .order_by(LedgerEntry.currency)
        ).all()
        settled = db.session.execute(
            sa.select(Settlement.currency, sa.func.sum(Settlement.net))
            .group_by(Settlement.currency)
            .order_by(Settlement.currency)
        ).all()
        assert booked == settled


def test_memberships_are_as_the_books_would_have_laid_them(app: Flask, written: list[Life]):
    with app.app_context():
        before = _periods()
        for subscription in db.session.scalars(sa.select(Subscription)):
            paid_until = subscription.paid_until
            standing.refresh(subscription)
            assert subscription.paid_until == paid_until
        assert len(before) > PATRONS / 2
        assert _periods() == before


def test_what_follows_from_a_crowd_is_what_a_rebuild_makes_of_it(app: Flask, written: list[Life]):
    with app.app_context():
        before, sums = moved.what_follows(), moved.kept_sums()
        assert all(before.values())
        assert sums == moved.sums_of_rows()
        rebuild.rebuild()
        assert (moved.what_follows(), moved.kept_sums()) == (before, sums)


@pytest.mark.parametrize("is_broken_off", [False, True])
def test_however_it_ends_no_index_is_missing(newsroom: Newsroom, is_broken_off):
    clock.set(NOON)
    newsroom.tiers()

    def progress(what: str, _done: int) -> None:
        if what == "people":
            assert not put_off & _indexes()
            if is_broken_off:
                raise KeyboardInterrupt

    with newsroom.at_work():
        before, put_off = _indexes(), {str(index.name) for index in crowd.put_off()}
        assert put_off <= before
        with pytest.raises(KeyboardInterrupt) if is_broken_off else nullcontext():
            crowd.write(OF_TWO, patrons=5, months=3, seed=1, progress=progress)
        assert _indexes() == before


def test_the_command_writes_a_crowd_and_furnishes_its_rounds(app: Flask, till: Till):
    command = ["seed", "--patrons", str(build.LIVED_AT_MOST + 1), "--months", "2"]
    answer = app.test_cli_runner().invoke(args=command)
    assert answer.exit_code == 0, answer.output
    assert "of whom the sandbox knows nothing" in answer.output
    assert "an open round with eight topics" in answer.output
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Person.id))) == build.LIVED_AT_MOST + 1
    again = app.test_cli_runner().invoke(args=command)
    assert again.exit_code == 1
    assert "A crowd needs empty books" in again.output


def _indexes() -> set[str]:
    its = sa.inspect(db.engine)
    return {str(one["name"]) for table in its.get_table_names() for one in its.get_indexes(table)}


def _periods() -> list[Any]:
    columns = (
        MembershipPeriod.source,
        MembershipPeriod.number,
        MembershipPeriod.starts_at,
        MembershipPeriod.paid_until,
        MembershipPeriod.ends_at,
    )
    return list(db.session.execute(sa.select(*columns).order_by(*columns[:2])))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("written")
def test_a_person_is_read_by_who_they_are_and_not_by_the_mode_of_all(app: Flask):
    wanted = (
        sa.select(LedgerEntry.currency, sa.func.sum(LedgerEntry.amount))
        .where(LedgerEntry.person_id == 1, LedgerEntry.mode == "sandbox")
        .group_by(LedgerEntry.currency)
    )
    with app.app_context():
        text = wanted.compile(db.engine, compile_kwargs={"literal_binds": True})
        plan = db.session.execute(sa.text(f"explain query plan {text}")).all()
    assert "ix_ledger_entry_person_id" in plan[0].detail


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_is_connected_already_hears_of_what_the_database_has_learnt(app: Flask):
    version = sa.text("pragma schema_version")
    with app.app_context(), db.engine.connect() as other:
        known = [other.scalar(version)]
        for _night in range(2):
            other.rollback()
            planner.learn()
            known.append(other.scalar(version))
        other.rollback()
    assert known == sorted(set(known))
