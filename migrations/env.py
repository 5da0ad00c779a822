"""Alembic's way into the application: its engine, its models, one transaction a migration."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from flask import current_app

from membership.extensions import UTCDateTime, db

target = db.metadata

# An index over an expression, for PostgreSQL alone.
warnings.filterwarnings("ignore", "autogenerate skipping metadata-specified expression-based")


def plainly(kind: str, item: Any, _context: object) -> str | Literal[False]:
    """Migrations name database types only, so that they outlive the code they came from."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """What people are found by is each database's own, and in no model: staff/people/search.py."""
    return not (kind in ("table", "index") and (name or "").startswith("person_search"))


@contextmanager
def references_loose(connection: sa.Connection) -> Iterator[None]:
    """SQLite changes a table by making it anew, which the rows that refer to it must outlive.

    They are checked in the end. Elsewhere nothing is needed.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.execute("pragma foreign_keys = off")
    try:
        yield
        broken = raw.execute("pragma foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"rows that refer to nothing after the migration: {broken[:10]}")
    finally:
        raw.execute("pragma foreign_keys = on")


def run() -> None:
    with db.engine.connect() as connection, references_loose(connection):
        context.configure(
            connection=connection,
            target_metadata=target,
            render_item=plainly,
            include_name=is_ours,
            transaction_per_migration=True,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
