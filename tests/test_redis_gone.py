"""Redis stopped, hanging, and back: becoming a patron needs only the database and Stripe."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from membership.extensions import db, jobs, limiter
from membership.mail.models import MailState, OutgoingMail
from tests.conftest import MakeApp
from tests.factories import Newsroom
from tests.redis_server import RedisServer, redis_server
from tests.till import SECRET, Till, giving_form, till
from tests.waiting import until

__all__ = ["redis_server", "till"]  # fixtures

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def forgotten_limits() -> Iterator[None]:
    yield
    limiter.enabled = True


@pytest.fixture
def app(make_app: MakeApp, till: Till, redis_server: RedisServer) -> Flask:
    app = make_app(
        sandbox_url=till.url,
        stripe_webhook_secret=SECRET,
        redis_url=redis_server.url,
        rate_limits="on",
        languages="en",
    )
    Newsroom(app).tiers()
    return app


def ask_for_link(client: FlaskClient, email: str = "olha@example.org") -> int:
    return client.post("/sign-in", data={"email": email}).status_code


def doctor(app: Flask) -> str:
    return app.test_cli_runner().invoke(args=["doctor"]).output


def test_without_redis_a_reader_becomes_a_patron(
    app: Flask, client: FlaskClient, newsroom: Newsroom, till: Till, redis_server: RedisServer
):
    redis_server.kill()
    answer = client.post("/support/checkout", data=giving_form())
    assert answer.status_code == 303
    till.pay(answer.location)
    assert set(till.deliver(client)) == {200}
    assert "thanks" in newsroom.told()
    assert ask_for_link(client) == 200


def test_a_redis_that_hangs_holds_nobody_up(
    app: Flask, client: FlaskClient, redis_server: RedisServer
):
    assert ask_for_link(client) == 200
    redis_server.hang()
    # Each waits for Redis once at most, not for itself to be ended by the test's patience.
    assert ask_for_link(client, "other@example.org") == 200
    assert client.post("/support/checkout", data=giving_form()).status_code == 303


def test_without_redis_limits_hold_in_each_process(
    app: Flask, client: FlaskClient, redis_server: RedisServer
):
    redis_server.kill()
    assert [ask_for_link(client) for _ in range(5)] == [200, 200, 200, 429, 429]


def test_many_who_find_redis_gone_at_once_are_all_answered(
    app: Flask, client: FlaskClient, redis_server: RedisServer
):
    assert ask_for_link(client) == 200
    redis_server.kill()

    def ask(number: int) -> int:
        return ask_for_link(app.test_client(), f"reader{number}@example.org")

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {200}


def test_limits_are_shared_again_once_redis_is_back(
    app: Flask, client: FlaskClient, redis_server: RedisServer
):
    redis_server.kill()
    assert ask_for_link(client) == 200
    redis_server.start()

    def is_counted_in_redis() -> bool:
        client.post("/support/checkout", data={})
        return bool(limiter.storage.storage.keys("LIMITS*"))  # type: ignore[attr-defined]

    until(is_counted_in_redis)


def test_doctor_names_redis_and_is_content_when_it_is_back(app: Flask, redis_server: RedisServer):
    assert "ok    jobs: 0 waiting in Redis" in doctor(app)
    redis_server.kill()
    assert "WRONG jobs: Redis does not answer" in doctor(app)
    redis_server.start()
    assert "ok    jobs" in doctor(app)


def test_without_redis_the_site_is_ready_and_says_so(
    app: Flask, client: FlaskClient, redis_server: RedisServer
):
    assert client.get("/readyz").json == {"status": "ok", "queue": "ok"}
    redis_server.kill()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ok", "queue": "does not answer; mail and jobs wait"}


def test_staff_are_told_that_jobs_wait(app: Flask, newsroom: Newsroom, redis_server: RedisServer):
    finance = newsroom.signed_in(newsroom.person("finance@example.org", role="finance"))
    assert "queue of jobs does not answer" not in finance.get("/staff/stripe").text
    redis_server.kill()
    assert "queue of jobs does not answer" in finance.get("/staff/stripe").text
    answer = finance.post("/staff/stripe/compare")
    assert answer.status_code == 503
    assert "ask again" in answer.text
    redis_server.start()
    until(lambda: not jobs.is_away())
    assert finance.post("/staff/stripe/compare").status_code == 303
    assert jobs.huey.pending_count() == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_mail_waits_and_goes_out_by_itself_when_redis_is_back(
    app: Flask,
    client: FlaskClient,
    newsroom: Newsroom,
    database_url: str,
    tmp_path: Path,
    redis_server: RedisServer,
):
    """The job process started before, and lived through it."""
    newsroom.person("olha@example.org")

    def sent() -> int:
        wanted = sa.select(sa.func.count()).where(OutgoingMail.state == MailState.sent)
        with newsroom.at_work():
            return db.session.scalar(wanted) or 0

    environment = {
        "DATABASE_URL": database_url,
        "INSTANCE_DIR": str(tmp_path),
        "REDIS_URL": redis_server.url,
    }
    worker = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", "jobs", "run"],
        cwd=ROOT,
        env=os.environ | environment,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert ask_for_link(client) == 200
        until(lambda: sent() == 1)
        redis_server.kill()
        assert ask_for_link(client) == 200
        assert (worker.poll(), sent()) == (None, 1)
        redis_server.start()
        until(lambda: sent() == 2)
    finally:
        worker.terminate()
        worker.wait()
