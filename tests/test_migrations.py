"""Migrations run up and down on both databases and make what the models describe."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import check, downgrade, upgrade

import app as application
from config import Settings
from membership.donations.models import EntryKind, FailedPayment, LedgerEntry, Subscription
from membership.extensions import db
from membership.patrons.models import MembershipPeriod
from tests.conftest import let_go, new_database


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path):
    """An application on a database without tables."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    else:
        server = request.getfixturevalue("postgresql_server")
        server.psql("drop database if exists empty;")
        url = new_database(server, "empty")
    app = application.create_app(Settings(instance_dir=tmp_path, database_url=url), testing=True)
    yield app
    let_go(app)


def tables() -> set[str]:
    return set(sa.inspect(db.engine).get_table_names()) - {"alembic_version"}


def test_up_makes_what_the_models_describe_and_down_takes_it_away(empty: Flask):
    with empty.app_context():
        upgrade()
        assert tables() == set(db.metadata.tables)
        check()
        downgrade(revision="base")
        assert tables() == set()
        upgrade()
        assert tables() == set(db.metadata.tables)


def test_the_roles_of_staff_are_there_from_the_start(empty: Flask):
    with empty.app_context():
        upgrade()
        names = db.session.execute(sa.text("select name from role order by name")).scalars().all()
        assert names == ["admin", "editor", "finance"]


BEFORE_FEES = """
insert into person (id, email, language, active, fs_uniquifier, created_at)
    values (1, 'olha@example.org', 'en', true, 'x', '2026-01-01');
insert into tier (id, slug, position, name, line) values (1, 'patron', 1, '{}', '{}');
insert into subscription (id, stripe_id, mode, person_id, tier_id, stripe_customer, status, amount,
    currency, interval, interval_count, started_at, current_period_end, cancel_at_period_end, as_of)
    values (1, 'sub_1', 'sandbox', 1, 1, 'cus_1', 'past_due', 500, 'eur', 'month', 1,
    '2026-01-01', '2026-03-01', false, '2026-02-01');
insert into membership_period (id, person_id, kind, source, mode, starts_at, paid_until, ends_at)
    values (1, 1, 'patron', 'sub_1', 'sandbox', '2026-01-01', '2026-03-01', '2026-03-15');
insert into ledger_entry (id, kind, stripe_source, mode, person_id, subscription_id, amount,
    currency, occurred_at) values
    (1, 'charge', 'in_1', 'sandbox', 1, 1, 500, 'eur', '2026-01-01'),
    (2, 'charge', 'in_2', 'sandbox', 1, 1, 500, 'eur', '2026-02-01'),
    (3, 'refund', 're_1', 'sandbox', 1, 1, -100, 'eur', '2026-02-02');
insert into failed_payment (id, stripe_invoice, mode, person_id, subscription_id, amount, currency,
    attempts, failed_at) values (1, 'in_3', 'sandbox', 1, 1, 500, 'eur', 1, '2026-03-01');
"""


def run(script: str) -> None:
    for statement in filter(str.strip, script.split(";")):
        db.session.execute(sa.text(statement.replace("interval,", '"interval",')))
    db.session.commit()


def test_books_from_before_fees_and_disputes_are_carried_over(empty: Flask):
    with empty.app_context():
        upgrade(revision="0001")
        run(BEFORE_FEES)
        upgrade()
        covers = db.session.execute(
            sa.select(LedgerEntry.stripe_source, LedgerEntry.covers_from, LedgerEntry.covers_until)
            .where(LedgerEntry.kind == EntryKind.charge)
            .order_by(LedgerEntry.id)
        ).all()
        january, february, march = (datetime(2026, n, 1, tzinfo=UTC) for n in (1, 2, 3))
        assert covers == [("in_1", january, february), ("in_2", february, march)]
        subscription = db.session.scalars(sa.select(Subscription)).one()
        assert (subscription.paid_until, subscription.is_paused) == (march, False)
        assert db.session.scalars(sa.select(FailedPayment.stripe_customer)).one() == "cus_1"
        assert db.session.scalars(sa.select(MembershipPeriod.number)).one() == 1
        db.session.rollback()
        downgrade(revision="0001")
        assert db.session.scalar(sa.text("select count(*) from ledger_entry")) == 3


@pytest.mark.parametrize(
    "statement", ["update ledger_entry set amount = 1", "delete from ledger_entry"]
)
def test_the_database_itself_refuses_to_change_what_is_booked(empty: Flask, statement: str):
    with empty.app_context():
        upgrade(revision="0001")
        run(BEFORE_FEES)
        upgrade()
        with pytest.raises(sa.exc.DatabaseError, match="append-only"):
            db.session.execute(sa.text(statement))
        db.session.rollback()
        amounts = db.session.scalars(sa.text("select amount from ledger_entry order by id")).all()
        assert amounts == [500, 500, -100]
