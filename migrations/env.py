"""Alembic's way into the application: its engine, its models, one transaction a migration."""

from typing import Any, Literal

from alembic import context
from flask import current_app

from membership.extensions import UTCDateTime, db

target = db.metadata


def plainly(kind: str, item: Any, _context: object) -> str | Literal[False]:
    """Migrations name database types only, so that they outlive the code they came from."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=target,
            render_item=plainly,
            transaction_per_migration=True,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
