"""Taking turns: transactions that lock many rows in an order of their own must not meet.

The order of locks is: a turn, then a subscription, then all that hangs on it, and just before the
commit a turn for each person whose history changes. Who holds locks of many subscriptions (a page
of a comparison) takes a turn that all of its kind share.
"""

import hashlib
from collections.abc import Iterable

from membership.extensions import ask_driver, db

MANY = "many subscriptions"

TURNS = "select pg_advisory_xact_lock(number) from unnest(%(numbers)s::bigint[]) as turn(number)"


def take(name: str) -> None:
    """Wait for the turn called `name` and keep it until the transaction ends.

    SQLite has one writer at a time anyway.
    """
    take_each([name])


def take_each(names: Iterable[str]) -> None:
    """Wait for several turns, in an order that is the same for everybody who does."""
    connection = db.session.connection()
    if connection.dialect.name != "postgresql":
        return
    numbers = ",".join(map(str, sorted(map(_number, names))))
    ask_driver(connection, TURNS, {"numbers": f"{{{numbers}}}"})


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
