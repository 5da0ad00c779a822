"""What it takes to open is told step by step, from an empty newsroom to the first real gift."""

import re
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from config import Mode
from membership import backups
from membership.backups import NoBackup
from membership.books import ledger
from membership.books.models import EntryKind
from membership.clock import clock
from membership.extensions import db
from membership.inbox.models import WebhookEndpoint
from membership.money import Money
from membership.rounds import planning, rounds
from membership.staff.models import AuditEntry
from membership.staff.settings import opening
from membership.topics import proposals
from tests.conftest import MakeApp
from tests.factories import Newsroom
from tests.staff.settings.conftest import NEWSROOM
from tests.till import Till, till

__all__ = ["till"]  # fixtures

ADDRESS = "/staff/settings/opening"
REAL: dict[str, Any] = {
    "site_url": "https://join.slovo.org",
    "smtp_url": "smtp://127.0.0.1:9",
    "mail_from": "Slovo <desk@slovo.org>",
    "secret_key": "x" * 40,
}


@pytest.fixture
def empty(make_app: MakeApp, till: Till) -> Newsroom:
    return Newsroom(make_app(sandbox_url=till.url, newsroom_name="The Hromada Courier"))


@pytest.fixture
def desk(empty: Newsroom) -> FlaskClient:
    return empty.signed_in(empty.person("chief@example.org", role="admin"))


def steps(page: str) -> dict[str, str]:
    """Each step with how it stands, and the words on that."""
    found = re.findall(
        r"<strong>([^<]+)</strong>\s*<span class=\"step-state\">([^<]+)</span></p>"
        r"\s*<p class=\"hint\">([^<]*)</p>",
        page,
    )
    return {name: f"{state}: {said}" for name, state, said in found}


def done(page: str) -> set[str]:
    return {name for name, told in steps(page).items() if told.startswith("Done")}


def test_an_empty_newsroom_is_told_first_what_it_takes(empty: Newsroom, desk: FlaskClient):
    page = desk.get("/staff").text
    assert "What it takes to open" in page
    assert len(steps(page)) == 6
    assert done(page) == set()
    assert "still called The Hromada Courier" in page
    page = desk.get(ADDRESS).text
    assert len(steps(page)) == 15
    assert done(page) == set()
    for target in re.findall(r'class="button button-quiet" href="([^"]+)"', page):
        assert desk.get(target).status_code == 200
    editor = empty.signed_in(empty.person("editor@example.org", role="editor"))
    assert "What it takes to open" not in editor.get("/staff").text


def test_each_step_is_done_by_a_page(empty: Newsroom, desk: FlaskClient):
    own = {"seen": "0", "newsroom_name": "Слово", "newsroom_contact": "desk@slovo.org"}
    desk.post("/staff/settings", data=NEWSROOM | own)
    desk.post("/staff/settings/words/headline", data={"seen": "0", "text_en": "Read us"})
    desk.post("/staff/settings/amounts", data={
        "seen": "0", "currencies": "eur", "intervals": "month", "first_interval": "month",
    })  # fmt: skip
    desk.post("/staff/settings/tiers/new", data={
        "seen": "0", "name_en": "Reader", "amount_eur_month": "5",
    })  # fmt: skip
    desk.post("/staff/settings/staff", data={"email": "books@slovo.org", "roles": ["finance"]})
    with empty.at_work():
        giver = empty.member("giver@example.org")
        ledger.book(EntryKind.charge, "ch_1", giver.id, Money(500, "eur"), clock.now())
        topics = [proposals.suggest("Roads", "Why?", minutes=480)]
        later = clock.now() + timedelta(hours=1)
        rounds.open(planning.prepare("March", topics, budget=480, closes_at=later))
        db.session.commit()
    page = desk.get(ADDRESS).text
    told = steps(page)
    assert [told[name].partition(":")[0] for name in list(told)[:6]] == ["Done"] * 6
    assert "Nothing is left to do" in page
    assert "What it takes to open" not in desk.get("/staff").text


def test_a_contact_that_is_made_up_is_named(make_app: MakeApp, till: Till):
    newsroom = Newsroom(make_app(sandbox_url=till.url, newsroom_name="Слово"))
    desk = newsroom.signed_in(newsroom.person("chief@example.org", role="admin"))
    assert "desk@hromada.example, which is made up" in desk.get(ADDRESS).text


@pytest.mark.parametrize(
    ("changed", "name", "told"),
    [
        ({}, "address", "True: https://join.slovo.org"),
        ({"site_url": "http://join.slovo.org"}, "address", "False: http://join.slovo.org goes w"),
        ({"site_url": "http://localhost:8000"}, "address", "False: http://localhost:8000 is seen"),
        ({}, "mail", "False: SMTP at 127.0.0.1:9 does not answer"),
        ({"smtp_url": None}, "mail", "False: Letters are kept here"),
        ({"mail_from": "H <desk@hromada.example>"}, "mail", "False: The sender H"),
        ({}, "keys", "False: not set yet"),
        ({}, "webhook", "False: Comes after the keys"),
    ],
)
def test_what_the_environment_has_to_say(
    make_app: MakeApp, till: Till, changed: dict[str, Any], name: str, told: str
):
    with make_app(sandbox_url=till.url, **(REAL | changed)).test_request_context():
        every = {step.name: step for stage in opening.stages() for step in stage.steps}
    assert f"{every[name].is_done}: {every[name].said}".startswith(told)


def test_a_gift_counts_in_its_mode_and_an_endpoint_in_its(make_app: MakeApp, till: Till):
    keys = {"stripe_secret_key": "sk_test_tests", "secret_key": "x" * 40, "smtp_url": "smtp://h:1"}
    newsroom = Newsroom(make_app(sandbox_url=till.url, **keys))
    desk = newsroom.signed_in(newsroom.person("chief@example.org", role="admin"))
    page = desk.get(ADDRESS).text
    assert "not registered" in steps(page)["Stripe’s events"]
    assert steps(page)["A gift in Stripe’s test mode"] == "To do: None has come yet."
    assert "/staff/stripe/connect" in page
    with newsroom.at_work():
        giver = newsroom.person()
        ledger.book(EntryKind.charge, "ch_1", giver.id, Money(500, "eur"), clock.now())
        db.session.add(
            WebhookEndpoint(mode=Mode.test, stripe_id="we_1", url="https://x", secret="whsec_1")
        )
        db.session.commit()
    told = steps(desk.get(ADDRESS).text)
    assert told["A gift in Stripe’s test mode"] == "Done: It stands in the books."
    assert told["A gift to try, with play money"].startswith("Done")
    assert told["The first real gift"] == "To do: None has come yet."
    assert told["Stripe’s live events"] == "To do: Comes after the keys."


def test_the_endpoint_is_registered_by_a_button(empty: Newsroom, desk: FlaskClient, till: Till):
    desk.get("/staff/stripe")
    answer = desk.post("/staff/stripe/connect", follow_redirects=True)
    assert "Stripe sends events to http://127.0.0.1:8000/webhooks/stripe now" in answer.text
    [ours] = till.sdk.v1.webhook_endpoints.list().data
    assert ours.url == "http://127.0.0.1:8000/webhooks/stripe"
    with empty.at_work():
        assert db.session.scalars(sa.select(AuditEntry.act)).all()[-1] == "connect"
    finance = empty.person("books@example.org", role="finance")
    assert empty.signed_in(finance).post("/staff/stripe/connect").status_code == 403


def test_stripe_that_is_away_is_told_and_nothing_is_lost(make_app: MakeApp):
    newsroom = Newsroom(make_app(sandbox_url="http://127.0.0.1:9"))
    desk = newsroom.signed_in(newsroom.person("chief@example.org", role="admin"))
    answer = desk.post("/staff/stripe/connect", follow_redirects=True)
    assert "Stripe has not taken it" in answer.text
    assert desk.get(ADDRESS).status_code == 200


def test_where_the_secret_is_set_outside_nothing_is_registered_here(make_app: MakeApp, till: Till):
    newsroom = Newsroom(make_app(sandbox_url=till.url, stripe_webhook_secret="whsec_outside"))
    desk = newsroom.signed_in(newsroom.person("chief@example.org", role="admin"))
    page = desk.get("/staff/stripe").text
    assert "set in the environment" in page
    assert "/staff/stripe/connect" not in page


@pytest.fixture
def copied(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[Newsroom], str]:
    """Restore a backup beside the newsroom: on SQLite, from which both databases can be read."""

    def copy(newsroom: Newsroom) -> str:
        template: Path = request.getfixturevalue("migrated_sqlite")
        target = tmp_path / "copy.sqlite"
        shutil.copy(template, target)
        return f"sqlite:///{target}"

    return copy


def test_a_backup_that_was_restored_is_looked_through(
    empty: Newsroom, desk: FlaskClient, copied: Callable[[Newsroom], str]
):
    url = copied(empty)
    engine = sa.create_engine(url)
    with engine.begin() as copy:
        copy.execute(
            sa.insert(AuditEntry).values(at=clock.now(), act="invite", about="x", person_id=None)
        )
    engine.dispose()
    run = empty.app.test_cli_runner().invoke(args=["backup", "check", url])
    assert run.exit_code == 0, run.output
    assert "rows counted; the last thing it knows is of 20" in run.output
    assert steps(desk.get(ADDRESS).text)["A backup that was restored"].startswith("Done")
    assert "backup checked" not in desk.get("/staff/settings/changes").text


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ("drop table ledger_entry", "1 tables are missing, such as ledger_entry"),
        ("update alembic_version set version_num = '0001'", "it is of version 0001"),
        ("delete from role", "nothing has ever happened in it"),
    ],
)
def test_what_is_no_backup_is_none(
    empty: Newsroom, desk: FlaskClient, copied: Callable[[Newsroom], str], spoil: str, said: str
):
    url = copied(empty)
    engine = sa.create_engine(url)
    with engine.begin() as copy:
        copy.execute(sa.text(spoil))
    engine.dispose()
    with empty.at_work(), pytest.raises(NoBackup, match=said):
        backups.check(url)
    assert steps(desk.get(ADDRESS).text)["A backup that was restored"].startswith("To do")


def test_the_database_at_work_and_no_database_are_no_backup(
    empty: Newsroom, database_url: str, tmp_path: Path
):
    torn = tmp_path / "torn.sqlite"
    torn.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    for url in (
        database_url,
        "copy.sqlite",
        f"sqlite:///{tmp_path}/none.sqlite",
        f"sqlite:///{torn}",
        "postgresql+psycopg://x:x@127.0.0.1:9/x",
    ):
        run = empty.app.test_cli_runner().invoke(args=["backup", "check", url])
        assert run.exit_code == 1
        assert run.output.startswith("Error: ")
    assert not (tmp_path / "none.sqlite").exists()
