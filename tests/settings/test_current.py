"""What a newsroom set, as each process knows it."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from config import Settings
from membership import extensions
from membership.clock import clock
from membership.extensions import db, settings
from membership.settings import changes, current
from membership.settings.models import Setting
from tests.factories import Newsroom
from tests.waiting import until


def set_name(newsroom: Newsroom, name: str) -> None:
    with newsroom.at_work():
        changes.change({"newsroom_name": name}, seen=0, by_id=None)
        db.session.commit()


@pytest.fixture
def another(newsroom: Newsroom) -> Flask:
    """The same newsroom in another process, as far as settings are concerned."""
    return create_app(newsroom.app.extensions["settings"], testing=True)


@pytest.fixture
def as_it_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is looked for more often than where readers are."""


@pytest.mark.usefixtures("as_it_is_kept")
def test_every_process_sees_a_change(newsroom: Newsroom, another: Flask):
    readers: list[FlaskClient] = [app.test_client() for app in (newsroom.app, another)]
    for reader in readers:
        assert "The Test Courier" in reader.get("/support").text
    set_name(newsroom, "The Second")
    for reader in readers:
        until(lambda reader=reader: "The Second" in reader.get("/support").text)


def test_whoever_has_begun_looks_no_more(newsroom: Newsroom, another: Flask):
    with another.app_context():
        assert settings.newsroom_name == "The Test Courier"
        set_name(newsroom, "The Second")
        assert settings.newsroom_name == "The Test Courier"
        assert "The Second" in another.test_client().get("/support").text
        assert settings.newsroom_name == "The Second"


def test_nobody_looks_again_before_it_is_time(
    newsroom: Newsroom, another: Flask, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(current, "SECONDS", 3600)
    reader = another.test_client()
    assert "The Test Courier" in reader.get("/sign-in").text
    set_name(newsroom, "The Second")
    assert "The Test Courier" in reader.get("/sign-in").text
    with another.app_context():
        current.of(another).look_again()
    assert "The Second" in reader.get("/sign-in").text


def test_a_job_looks_too(newsroom: Newsroom, another: Flask):
    with another.app_context():
        assert settings.newsroom_name == "The Test Courier"
        set_name(newsroom, "The Second")
        another.extensions["deliver_soon"]()
        extensions.jobs.huey.execute(extensions.jobs.huey.dequeue())
        assert settings.newsroom_name == "The Second"


def test_who_writes_already_need_not_wait_for_themselves(another: Flask):
    with another.app_context():
        db.session.add(Setting(name="newsroom_name", value="The Second", at=clock.now()))
        db.session.flush()
        assert settings.newsroom_name == "The Second"


def test_before_there_is_a_table_all_is_as_the_environment_has_it(tmp_path: Path):
    app = create_app(Settings(instance_dir=tmp_path, newsroom_name="The First"), testing=True)
    with app.app_context():
        assert settings.newsroom_name == "The First"


def test_a_database_that_is_gone_is_not_asked_for_settings_by_every_request(tmp_path: Path):
    away = "postgresql+psycopg://nobody@127.0.0.1:9/none"
    app = create_app(Settings(instance_dir=tmp_path, database_url=away), testing=True)
    tried = []
    with app.app_context():
        sa.event.listen(db.engine, "do_connect", lambda *_: tried.append("once"))
        for _request in range(3):
            current.of(app).look()
        assert settings.newsroom_name == "The Hromada Courier"
    assert tried == ["once"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("newsroom_nickname", "Courier"), ("languages", 7), ("newsroom_name", {"uk": "Слово"})],
)
def test_what_another_program_set_and_this_one_does_not_understand_is_as_at_first(
    newsroom: Newsroom, name, value
):
    with newsroom.at_work():
        db.session.add(Setting(name=name, value=value, at=clock.now()))
        db.session.commit()
    set_name(newsroom, "The Second") if name != "newsroom_name" else None
    with newsroom.at_work():
        current.of(newsroom.app).look_again()
        first = newsroom.app.extensions["settings"]
        assert settings.languages == first.languages
        wanted = first.newsroom_name if name == "newsroom_name" else "The Second"
        assert settings.newsroom_name == wanted
