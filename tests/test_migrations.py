"""Migrations run up and down on both databases and make what the models describe."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import check, downgrade, upgrade

import app as application
from config import Mode, Settings
from membership.books.models import EntryKind, FailedPayment, LedgerEntry, Subscription
from membership.extensions import db
from membership.history import rebuild
from membership.history.models import Movement, SupporterChange
from membership.mail.models import OutgoingMail
from membership.patrons.models import MembershipPeriod
from membership.patrons.naming_models import NamingConsent
from membership.rounds.models import Ballot, Round, Unit
from membership.staff.imports import staging
from membership.staff.people import people
from membership.staff.people.filters import Wanted
from membership.topics import similar
from membership.topics.models import Topic, TopicStep
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
    """But for what people are found by on SQLite."""
    names = set(sa.inspect(db.engine).get_table_names()) - {"alembic_version"}
    return {name for name in names if not name.startswith("person_search")}


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


def test_what_was_booked_before_says_which_charges_renew_and_why_one_was_refused(empty: Flask):
    with empty.app_context():
        upgrade(revision="0001")
        run(BEFORE_FEES)
        upgrade(revision="0010")
        run("update failed_payment set reason = 'expired_card'")
        upgrade()
        renews = sa.select(LedgerEntry.is_renewal).order_by(LedgerEntry.id)
        assert db.session.scalars(renews).all() == [False, True, False]
        assert db.session.scalars(sa.select(FailedPayment.refusal)).one() == "expired_card"
        rebuild.rebuild()
        assert db.session.scalars(sa.select(SupporterChange.move)).all()


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


BEFORE_RECEIPTS = """
insert into person (id, email, language, active, fs_uniquifier, created_at)
    values (1, 'olha@example.org', 'en', true, 'x', '2026-01-01');
insert into topic (id, slug, title, why, description, minutes, state, reason, created_at) values
    (1, 'roads', 'Roads', 'Holes.', '', 480, 'proposed', null, '2026-01-01'),
    (2, 'buses', 'Об’їзна дорога', 'Late.', '', null, 'in_review', null, '2026-01-02'),
    (3, 'dog', 'Dog', 'Barks.', '', 60, 'declined', 'Private.', '2026-01-03'),
    (4, 'limes', 'Limes', 'Cut.', '', 480, 'chosen', null, '2026-01-04');
insert into round (id, slug, title, budget_minutes, rule, share_step, seed, opened_at, closes_at,
    closed_at, result) values (1, 'march', 'March', 960, 'equalshares/add1', '0.1', 'seed',
    '2026-01-05', '2026-01-12', '2026-01-12', '{}');
insert into round_topic (round_id, topic_id, position, minutes) values (1, 4, 1, 480);
insert into roll_entry (round_id, person_id, voted) values (1, 1, true);
insert into ballot (key, round_id, approvals) values ('b', 1, '[4]'), ('a', 1, '[]');
"""


def test_votes_from_before_receipts_are_carried_over(empty: Flask):
    with empty.app_context():
        upgrade(revision="0003")
        run(BEFORE_RECEIPTS)
        upgrade()
        states = db.session.execute(sa.select(Topic.slug, Topic.state).order_by(Topic.id)).all()
        assert [state.value for _slug, state in states] == [
            "in_review",
            "proposed",
            "declined",
            "chosen",
        ]
        steps = db.session.execute(
            sa.select(TopicStep.state, TopicStep.reason).order_by(TopicStep.topic_id)
        ).all()
        assert [state for state, _reason in steps] == [state for _slug, state in states]
        assert steps[2].reason == "Private."
        assert len(similar.found("дорогу", among=[], limit=5)) == 1
        round = db.session.scalars(sa.select(Round)).one()
        assert (round.budget, round.unit, round.terms_digest) == (960, Unit.minutes, None)
        assert [(entry.cost, entry.title) for entry in round.entries] == [(480, "Limes")]
        receipts = db.session.scalars(sa.select(Ballot.receipt)).all()
        assert len(set(receipts)) == 2
        if db.engine.dialect.name == "sqlite":
            with pytest.raises(sa.exc.OperationalError, match="rowid"):
                db.session.execute(sa.text("select rowid from ballot"))
        for broken in ("budget = 0", "quorum = 101", "carried = 960", "ballot_key = 'k'"):
            with pytest.raises(sa.exc.DatabaseError), db.session.begin_nested():
                db.session.execute(sa.text(f"update round set {broken}"))
        db.session.rollback()
        downgrade(revision="0003")
        states = db.session.scalars(sa.text("select state from topic order by id")).all()
        assert states == ["proposed", "in_review", "declined", "chosen"]
        assert db.session.scalar(sa.text("select budget_minutes from round")) == 960
        assert db.session.scalar(sa.text("select count(*) from ballot")) == 2


QUEUED = """
insert into outgoing_mail
    (about, recipient, subject, text, html, state, attempts, created_at, next_try_at)
values
    ('one', 'a@example.org', 's', 't', 'h', 'queued', 0, '2026-01-01', '2026-01-01')
"""


def test_mail_that_was_queued_before_goes_first(empty: Flask):
    with empty.app_context():
        upgrade(revision="0004")
        run(QUEUED)
        upgrade()
        assert db.session.scalar(sa.select(OutgoingMail.bulk)) is False
        db.session.rollback()
        downgrade(revision="0004")
        assert db.session.scalar(sa.text("select about from outgoing_mail")) == "one"


BOOKED = """
insert into person (id, email, language, active, fs_uniquifier, wants_vote_mail, created_at)
    values (1, 'olha@example.org', 'en', true, 'x', true, '2026-01-01');
insert into ledger_entry (id, kind, stripe_source, mode, person_id, amount, currency, occurred_at)
    values (1, 'charge', 'pi_1', 'sandbox', 1, 500, 'eur', '2026-01-01')
"""


def test_nobody_has_agreed_to_be_named_before_they_were_asked(empty: Flask):
    with empty.app_context():
        upgrade(revision="0010")
        run(BOOKED)
        upgrade()
        assert db.session.scalar(sa.select(LedgerEntry.amount)) == 500
        assert db.session.scalar(sa.select(NamingConsent)) is None
        db.session.rollback()
        downgrade(revision="0010")
        assert db.session.scalar(sa.text("select count(*) from ledger_entry")) == 1


MOVED = """
insert into person (id, email, language, active, fs_uniquifier, created_at, wants_vote_mail)
values (1, 'olha@example.org', 'en', true, 'x', '2026-01-01', true);
insert into tier (id, slug, position, name, line) values (1, 'patron', 0, '{}', '{}');
insert into subscription (id, stripe_id, mode, person_id, tier_id, stripe_customer, status, amount,
    currency, interval, interval_count, prices, started_at, current_period_end,
    cancel_at_period_end, is_paused, as_of)
values (1, 'sub_1', 'sandbox', 1, 1, 'cus_1', 'active', 800, 'eur', 'month', 1, '{}', '2026-01-01',
    '2026-02-01', false, false, '2026-01-01');
insert into movement (mode, person_id, currency, at, kind, day, amount, people, began, tenure,
    subscription_id, tier_id, interval)
values
    ('sandbox', 1, 'eur', '2026-01-01', 'new', '2026-01-01', 500, 1, '2026-01-01', 0, 1, 1,
    'month'),
    ('sandbox', 1, 'eur', '2026-02-01', 'expansion', '2026-02-01', 300, 0, '2026-01-01', 1, 1, 1,
    'month');
"""


def test_what_was_given_after_earlier_movements_is_added_up(empty: Flask):
    with empty.app_context():
        upgrade(revision="0015")
        run(MOVED)
        upgrade()
        given = db.session.scalars(sa.select(Movement.mrr).order_by(Movement.at))
        assert list(given) == [500, 800]
        db.session.rollback()
        downgrade(revision="0015")
        assert db.session.scalar(sa.text("select count(*) from movement")) == 2


BEFORE_PEOPLE = """
insert into person (id, email, name, language, active, fs_uniquifier, created_at, wants_vote_mail)
values (1, 'taras@example.org', 'Тарас Шевченко', 'uk', true, 'x', '2026-01-01', true);
insert into ledger_entry (id, kind, stripe_source, mode, person_id, amount, currency, occurred_at)
values (1, 'charge', 'pi_1', 'sandbox', 1, 500, 'eur', '2026-01-01');
insert into person (id, email, name, language, active, fs_uniquifier, created_at, wants_vote_mail)
values (2, 'double@example.org', null, 'uk', true, 'y', '2026-01-01', true);
"""


def test_people_from_before_are_found_and_of_their_money_only_whose_it_is_may_change(empty: Flask):
    with empty.app_context():
        upgrade(revision="0010")
        run(BEFORE_PEOPLE)
        upgrade()
        found = people.listed(Mode.sandbox, Wanted(words="шевч"), limit=5)
        assert [row.email for row in found] == ["taras@example.org"]
        db.session.execute(sa.text("update ledger_entry set person_id = 2"))
        for statement in (
            "update ledger_entry set person_id = 1, amount = 1",
            "update ledger_entry set occurred_at = '2026-01-02'",
            "delete from ledger_entry",
        ):
            with (
                pytest.raises(sa.exc.DatabaseError, match="append-only"),
                db.session.begin_nested(),
            ):
                db.session.execute(sa.text(statement))
        db.session.commit()
        downgrade(revision="0010")
        assert db.session.scalar(sa.text("select person_id from ledger_entry")) == 2
        with pytest.raises(sa.exc.DatabaseError, match="append-only"):
            db.session.execute(sa.text("update ledger_entry set person_id = 1"))


def test_a_file_can_be_brought_along_after_the_upgrade_and_is_gone_after_the_way_back(empty: Flask):
    with empty.app_context():
        upgrade(revision="0024")
        run(BOOKED)
        upgrade()
        brought = staging.bring(io.BytesIO(b"email\nolha@example.org\n"), "members.csv", by=None)
        assert (brought.rows, brought.matched) == (1, {"email": 0})
        db.session.rollback()
        downgrade(revision="0024")
        assert db.session.scalar(sa.text("select count(*) from ledger_entry")) == 1


CAME = """
insert into daily_sum (mode, figure, currency, by, day, value, amount, people, times)
values ('sandbox', 'came', 'eur', 'source', '2026-01-01', '/roads', 6000, 2, 1);
insert into daily_sum (mode, figure, currency, by, day, value, amount, people, times)
values ('sandbox', 'came', 'eur', 'campaign', '2026-01-01', '', 6000, 2, 1);
"""


def test_who_came_before_came_first_by_the_article_that_is_known(empty: Flask):
    told = sa.text("select value, amount, people, times from daily_sum where by = 'first_source'")
    with empty.app_context():
        upgrade(revision="0029")
        run(CAME)
        upgrade()
        assert [tuple(row) for row in db.session.execute(told)] == [("/roads", 6000, 2, 1)]
        db.session.rollback()
        downgrade(revision="0029")
        assert db.session.execute(told).all() == []


LONG = f"/{'a' * 999}"
CAME_BY_LONG = f"""
insert into daily_sum (mode, figure, currency, by, day, value, amount, people, times)
values ('sandbox', 'came', 'eur', 'source', '2026-01-01', '{LONG}', 500, 1, 1);
"""


def test_an_address_that_has_no_room_any_more_counts_among_what_is_not_known(empty: Flask):
    columns = "value, amount from {} where by = 'source'"
    both = " union all ".join(
        f"select {columns.format(one)}" for one in ("daily_sum", "sum_change")
    )
    told = sa.text(f"select value, sum(amount) from ({both}) as one group by value order by value")
    with empty.app_context():
        upgrade(revision="0031")
        run(CAME)
        upgrade()
        run(CAME_BY_LONG)
        found = db.session.execute(told).all()
        assert [tuple(row) for row in found] == [(LONG, 500), ("/roads", 6000)]
        db.session.rollback()
        downgrade(revision="0031")
        found = db.session.execute(told).all()
        assert [tuple(row) for row in found] == [("", 500), ("/roads", 6000)]
