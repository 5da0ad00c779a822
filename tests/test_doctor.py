"""doctor names each part, and says in words which one is wrong."""

import socket
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from membership.books import ledger
from membership.books.models import EntryKind
from membership.clock import clock
from membership.extensions import db
from membership.history.models import DailySum, SumChange
from membership.inbox import inbox
from membership.money import Money
from membership.rounds import planning, rounds, schedule
from membership.staff import invitations
from membership.topics import proposals
from tests.conftest import MakeApp
from tests.factories import Newsroom
from tests.till import SECRET, open_till


@pytest.fixture
def till(tmp_path):
    with open_till(tmp_path / "sandbox.sqlite") as till:
        yield till


@pytest.fixture
def nobody_listens():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{closed.getsockname()[1]}"


def examine(app: Flask) -> tuple[int, dict[str, str]]:
    result = app.test_cli_runner().invoke(args=["doctor"])
    parts = {}
    for line in result.output.splitlines():
        verdict, _, rest = line.partition(" ")
        assert verdict in ("ok", "WRONG"), line
        part, _, _words = rest.strip().partition(": ")
        parts[part] = verdict
    return result.exit_code, parts


def healthy(make_app: MakeApp, till, **settings) -> Flask:
    app = make_app(
        **{"sandbox_url": till.url, "stripe_webhook_secret": SECRET, "languages": "en"} | settings
    )
    Newsroom(app).tiers()
    with app.app_context():
        invitations.invite("admin@example.org", "admin")
    return app


def test_all_is_well(make_app, till):
    code, parts = examine(healthy(make_app, till))
    assert code == 0
    assert set(parts) == {
        "settings", "database", "migrations", "writing", "tiers", "staff", "webhook", "rounds",
        "figures", "room", "sandbox", "clock", "mail", "jobs", "languages",
    }  # fmt: skip
    assert set(parts.values()) == {"ok"}


def test_an_empty_newsroom_is_told_what_to_do(make_app, till):
    result = make_app(sandbox_url=till.url).test_cli_runner().invoke(args=["doctor"])
    assert result.exit_code == 1
    for command in ("/staff/settings/tiers", "staff invite", "stripe connect"):
        assert command in result.output


def test_an_endpoint_from_before_an_event_was_asked_for_is_named(make_app, till):
    app = healthy(make_app, till, stripe_webhook_secret=None)
    with app.app_context():
        made = inbox.connect("http://127.0.0.1:8000/webhooks/stripe")
    assert examine(app)[0] == 0
    kept = [type_ for type_ in made["enabled_events"] if type_ != "invoice.voided"]
    till.sdk.v1.webhook_endpoints.update(made["id"], {"enabled_events": kept})
    assert examine(app)[1]["webhook"] == "WRONG"
    told = app.test_cli_runner().invoke(args=["doctor"]).output
    assert "invoice.voided to" in told
    assert "stripe connect" in told


def test_the_sandbox_is_down(make_app, till, nobody_listens):
    code, parts = examine(healthy(make_app, till, sandbox_url=f"http://{nobody_listens}"))
    assert code == 1
    assert [part for part, verdict in parts.items() if verdict == "WRONG"] == ["sandbox"]


def test_smtp_is_down(make_app, till, nobody_listens):
    code, parts = examine(healthy(make_app, till, smtp_url=f"smtp://{nobody_listens}"))
    assert code == 1
    assert [part for part, verdict in parts.items() if verdict == "WRONG"] == ["mail"]


def test_figures_that_were_not_made_after_an_upgrade_are_named(make_app, till):
    app = healthy(make_app, till)
    newsroom = Newsroom(app)
    person = newsroom.member()
    with newsroom.at_work():
        ledger.book(EntryKind.offline, "cash", person.id, Money(500, "eur"), clock.now())
        db.session.commit()
        assert examine(app)[0] == 0
        for table in (DailySum, SumChange):
            db.session.execute(sa.delete(table))
        db.session.commit()
    code, parts = examine(app)
    assert (code, parts["figures"]) == (1, "WRONG")
    assert app.test_cli_runner().invoke(args=["metrics", "rebuild"]).exit_code == 0
    assert examine(app)[0] == 0


def test_rounds_that_nobody_closes_or_opens_are_named(make_app, till):
    app = healthy(make_app, till)
    newsroom = Newsroom(app)
    newsroom.member()
    with newsroom.at_work():
        topics = [proposals.suggest("Roads", "Why?", minutes=480)]
        closes_at = clock.now() + timedelta(hours=1)
        rounds.open(planning.prepare("March", topics, budget=480, closes_at=closes_at))
        planning.prepare(
            "April",
            topics,
            budget=480,
            opens_at=closes_at,
            closes_at=closes_at + timedelta(days=1),
        )
        db.session.commit()
    clock.advance(timedelta(hours=1, minutes=5))
    till.let_pass(clock.now())
    assert examine(app)[0] == 0
    clock.advance(timedelta(minutes=10))
    till.let_pass(clock.now())
    code, parts = examine(app)
    assert (code, parts["rounds"]) == (1, "WRONG")
    assert "april, march should have" in app.test_cli_runner().invoke(args=["doctor"]).output
    with newsroom.at_work():
        assert schedule.close_due() == 1
        assert schedule.open_due() == 1
    assert examine(app)[0] == 0


@pytest.mark.parametrize(
    "url",
    ["sqlite:////nonexistent/folder/x.sqlite", "postgresql+psycopg://x:x@127.0.0.1:1/x"],
)
def test_the_database_is_down(make_app, till, url):
    code, parts = examine(make_app(sandbox_url=till.url, database_url=url, languages="en"))
    assert code == 1
    assert [part for part, verdict in parts.items() if verdict == "WRONG"] == ["database"]
