"""A disk without room, a database that takes nothing, tables of another version, a clock that is
off: each is met with a page and a line of doctor's, and what was acknowledged is there."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import downgrade, upgrade

from membership.books.models import Donation
from membership.clock import clock
from membership.extensions import db
from membership.staff import invitations
from stripe_sandbox.webhooks import signature
from tests.conftest import MakeApp
from tests.factories import Newsroom
from tests.till import SECRET, Till, giving_form, post_event, till

__all__ = ["till"]  # fixtures

FULL = "There is no room left to write anything down"
READ_ONLY = "Just now we can read, but write nothing down"
CHANGING = "This site is in the middle of a change"


@pytest.fixture
def app(make_app: MakeApp, till: Till) -> Flask:
    """One with which doctor is content."""
    app = make_app(sandbox_url=till.url, stripe_webhook_secret=SECRET, languages="en")
    Newsroom(app).tiers()
    with app.app_context():
        invitations.invite("admin@example.org", "admin")
    return app


def wrong(app: Flask) -> dict[str, str]:
    """The parts that doctor finds wrong, and its words."""
    found = {}
    for line in app.test_cli_runner().invoke(args=["doctor"]).output.splitlines():
        if line.startswith("WRONG"):
            part, _, words = line.removeprefix("WRONG").strip().partition(": ")
            found[part] = words
    return found


def give(client: FlaskClient, number: int = 1):
    form = giving_form(attempt=f"{number:016}", email=f"reader{number}@example.org")
    return client.post("/support/checkout", data=form)


def is_told(answer, title: str) -> None:
    assert answer.status_code == 503
    assert title in answer.text
    assert "Nothing was charged" in answer.text
    assert int(answer.headers["Retry-After"]) > 0


def promised(app: Flask) -> set[str | None]:
    """Where readers were sent to pay."""
    with app.app_context():
        return set(db.session.scalars(sa.select(Donation.session_url)))


@pytest.fixture
def no_room(app: Flask) -> Callable[[], AbstractContextManager[None]]:
    """Inside, the database may not grow: SQLite says so itself, PostgreSQL by its own error."""

    def stop_growing(connection, _record) -> None:
        [pages] = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    @contextmanager
    def sqlite() -> Iterator[None]:
        with app.app_context():
            engine = db.engine
        sa.event.listen(engine, "connect", stop_growing)
        engine.dispose()
        try:
            yield
        finally:
            sa.event.remove(engine, "connect", stop_growing)
            engine.dispose()

    @contextmanager
    def postgresql() -> Iterator[None]:
        with app.app_context(), db.engine.begin() as connection:
            for statement in NO_ROOM:
                connection.exec_driver_sql(statement)
        try:
            yield
        finally:
            with app.app_context(), db.engine.begin() as connection:
                connection.exec_driver_sql("drop function no_room cascade")

    with app.app_context():
        return sqlite if db.engine.dialect.name == "sqlite" else postgresql


NO_ROOM = [
    """create function no_room() returns trigger language plpgsql as
    $$ begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$""",
    "create trigger no_room before insert on donation execute function no_room()",
    "create trigger no_room before insert on stripe_event execute function no_room()",
]


def test_a_full_disk_is_named_and_loses_nothing_acknowledged(
    app: Flask, client: FlaskClient, newsroom: Newsroom, till: Till, no_room
):
    till.pay(give(client, 0).location)
    events = till.news()
    assert wrong(app) == {}
    acknowledged = set()
    with no_room():
        for number in range(1, 200):
            answer = give(client, number)
            if answer.status_code != 303:
                break
            acknowledged.add(answer.location)
        is_told(answer, FULL)
        assert client.get("/").status_code == 200
        codes = till.deliver(client, events)
        assert codes[-1] >= 500
        assert list(wrong(app)) == ["writing"]
        assert "no room left" in wrong(app)["writing"]
    assert acknowledged <= promised(app)
    assert set(till.deliver(client, events)) == {200}
    assert "thanks" in newsroom.told()
    assert give(client, number).status_code == 303
    assert wrong(app) == {}


def test_a_disk_that_is_nearly_full_is_named_before(app: Flask, make_app: MakeApp, till: Till):
    """/proc is a place without any room, wherever there is one."""
    nowhere = make_app(
        sandbox_url=till.url,
        stripe_webhook_secret=SECRET,
        languages="en",
        instance_dir=Path("/proc"),
        secret_key="k" * 32,
    )
    assert list(wrong(nowhere)) == ["room"]
    assert "0 MB free in /proc" in wrong(nowhere)["room"]


def for_reading(url: str) -> str:
    """The same database, which now takes nothing."""
    if url.startswith("sqlite"):
        return url.replace("sqlite:///", "sqlite:///file:") + "?mode=ro&uri=true"
    only = {"options": "-c default_transaction_read_only=on"}
    return sa.make_url(url).update_query_dict(only).render_as_string(hide_password=False)


def test_a_database_that_takes_nothing_is_named_and_still_read(
    app: Flask, client: FlaskClient, make_app: MakeApp, till: Till, database_url: str
):
    till.pay(give(client).location)
    events = till.news()
    settings = {"sandbox_url": till.url, "stripe_webhook_secret": SECRET, "languages": "en"}
    read_only = make_app(database_url=for_reading(database_url), **settings)
    browser = read_only.test_client()
    is_told(give(browser, 2), READ_ONLY)
    is_told(browser.post("/sign-in", data={"email": "admin@example.org"}), READ_ONLY)
    assert browser.get("/").status_code == 200
    answer = post_event(browser, events[-1])
    assert answer.status_code == 503
    assert answer.json is not None and "can be read but not written" in answer.json["error"]
    assert list(wrong(read_only)) == ["writing"]
    assert "can be read but not written" in wrong(read_only)["writing"]
    assert set(till.deliver(client, events)) == {200}


@pytest.fixture
def behind(app: Flask) -> Callable[[], AbstractContextManager[None]]:
    """Inside, the migration that brought donation.campaign has not been run."""

    @contextmanager
    def without_campaign() -> Iterator[None]:
        with app.app_context():
            downgrade(revision="0005")
            db.session.remove()
        try:
            yield
        finally:
            with app.app_context():
                upgrade()
                db.session.remove()

    return without_campaign


def test_tables_that_are_behind_are_named_with_the_command_to_run(
    app: Flask, client: FlaskClient, newsroom: Newsroom, till: Till, behind
):
    app.testing = False
    till.pay(give(client).location)
    events = till.news()
    with behind():
        answer = give(client, 2)
        is_told(answer, CHANGING)
        assert "flask --app app db upgrade" in answer.text
        assert "campaign" not in answer.text
        assert max(till.deliver(client, events)) >= 500
        assert list(wrong(app)) == ["migrations"]
        assert "at 0005" in wrong(app)["migrations"]
        assert "flask --app app db upgrade" in wrong(app)["migrations"]
        assert client.get("/readyz").status_code == 503
    assert set(till.deliver(client, events)) == {200}
    assert "thanks" in newsroom.told()
    assert client.get("/readyz").status_code == 200
    assert wrong(app) == {}


def test_tables_that_are_ahead_are_named(app: Flask, client: FlaskClient):
    with app.app_context():
        current = db.session.scalar(sa.text("select version_num from alembic_version"))
        db.session.execute(sa.text("update alembic_version set version_num = '9999'"))
        db.session.commit()
    try:
        assert list(wrong(app)) == ["migrations"]
        assert "newer than this program" in wrong(app)["migrations"]
        app.add_url_rule("/old", view_func=lambda: db.session.execute(sa.text("select gone")))
        answer = client.get("/old")
        is_told(answer, CHANGING)
        assert "db upgrade" not in answer.text
        # While a new version is brought out, the old program goes on with the new tables.
        assert client.get("/readyz").status_code == 200
    finally:
        with app.app_context():
            db.session.execute(sa.text(f"update alembic_version set version_num = '{current}'"))
            db.session.commit()


def test_a_mistake_of_ours_in_a_statement_is_no_trouble_of_the_databases(app: Flask):
    app.testing = False
    app.add_url_rule("/broken", view_func=lambda: db.session.execute(sa.text("select nothing")))
    answer = app.test_client().get("/broken")
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.text


@pytest.mark.parametrize(
    ("off", "words"),
    [
        (timedelta(hours=1), "60 minutes ahead of"),
        (timedelta(hours=-1), "60 minutes behind"),
        (timedelta(seconds=20), None),
    ],
)
def test_a_clock_that_is_off_is_named(app: Flask, newsroom: Newsroom, off: timedelta, words):
    finance = newsroom.signed_in(newsroom.person("finance@example.org", role="finance"))
    clock.advance(off)
    page = finance.get("/staff/stripe").text
    if words is None:
        assert wrong(app) == {}
        assert "Our clock is" not in page
    else:
        assert list(wrong(app)) == ["clock"]
        assert words in wrong(app)["clock"]
        which = "ahead of" if off > timedelta() else "behind"
        assert "Our clock is 60 minutes" in page
        assert f"{which} Stripe’s" in page


def test_an_old_signature_is_told_from_a_wrong_one(
    app: Flask, client: FlaskClient, newsroom: Newsroom, till: Till
):
    """By a clock an hour ahead each event looks old; Stripe signs anew and sends again."""
    till.pay(give(client).location)
    events = till.news()
    for event in events:
        old = post_event(client, event, at=int(time.time()) - 3600)
        assert old.status_code == 400
        assert old.json is not None
        assert "signed 60 minutes ago by our clock" in old.json["error"]
    wrong_one = post_event(client, events[0], secret="whsec_of_somebody_else")
    assert (wrong_one.status_code, wrong_one.json) == (400, {"error": "bad signature"})
    assert set(till.deliver(client, events)) == {200}
    assert "thanks" in newsroom.told()


def test_a_second_moment_in_a_signature_does_not_make_it_fresh(client: FlaskClient, till: Till):
    body = json.dumps({"id": "evt_1", "type": "none"}).encode()
    old = signature(SECRET, body, int(time.time()) - 3600)
    header = f"{old},t={int(time.time())}"
    answer = client.post("/webhooks/stripe", data=body, headers={"Stripe-Signature": header})
    assert answer.status_code == 400
