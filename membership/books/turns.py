"""Taking turns: transactions that lock many rows in an order of their own must not meet.

The order of locks is: a turn, then a subscription, then all that hangs on it, and just before the
commit a turn for each person whose history changes. Who holds locks of many subscriptions (a page
of a comparison) takes a turn that all of its kind share.
"""

import hashlib
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from membership.extensions import db

MANY = "many subscriptions"

_TURN = (
    sa.func.unnest(sa.bindparam("numbers", type_=postgresql.ARRAY(sa.BigInteger)))
    .table_valued("number")
    .render_derived("turn")
)
# Written once: putting a statement together takes longer than the database does.
TURNS = sa.select(sa.func.pg_advisory_xact_lock(_TURN.c.number))


def take(name: str) -> None:
    """Wait for the turn called `name` and keep it until the transaction ends.

    SQLite has one writer at a time anyway.
    """
    take_each([name])


def take_each(names: Iterable[str]) -> None:
    """Wait for several turns, in an order that is the same for everybody who does."""
    if db.session.get_bind().dialect.name != "postgresql":
        return
    db.session.execute(TURNS, {"numbers": sorted(map(_number, names))})


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
