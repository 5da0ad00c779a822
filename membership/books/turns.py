"""Taking turns: transactions that lock many rows in an order of their own must not meet.

The order of locks is: a turn, then a subscription, then all that hangs on it. Who holds locks
of many subscriptions (a page of a comparison) takes a turn that all of its kind share.
"""

import hashlib

import sqlalchemy as sa

from membership.extensions import db

MANY = "many subscriptions"


def take(name: str) -> None:
    """Wait for the turn called `name` and keep it until the transaction ends.

    SQLite has one writer at a time anyway.
    """
    if db.session.get_bind().dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))
