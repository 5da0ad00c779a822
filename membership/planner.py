"""What a database knows of its rows, by which it plans how to answer."""

import sqlalchemy as sa

from membership.extensions import db

LOOKED_AT = 1000
"""Rows of each index, which is enough to tell a column that has one value from one that has many,
and takes a second for tens of millions (sqlite.org/pragma.html#pragma_analysis_limit)."""


def learn() -> None:
    """Let SQLite look at its rows, which it does at nobody else's bidding; commits.

    Else it takes all indexes to be alike, and reads a person's payments by the mode that they
    share with everybody's. PostgreSQL does it by itself, some time after much was written.
    """
    if db.session.get_bind().dialect.name == "sqlite":
        db.session.execute(sa.text(f"pragma analysis_limit = {LOOKED_AT}"))
        db.session.execute(sa.text("analyze"))
        # Who is connected already looks at what it found only when some table comes or goes.
        db.session.execute(sa.text("create table learnt (number integer)"))
        db.session.execute(sa.text("drop table learnt"))
        db.session.commit()


def learn_of(table: str) -> None:
    """Let either database look at a table that was just filled; commits.

    PostgreSQL would plan by what it knew while it was empty, until it looks by itself.
    """
    if db.session.get_bind().dialect.name == "sqlite":
        learn()
    else:
        db.session.execute(sa.text(f"analyze {table}"))
        db.session.commit()
