"""PostgreSQL as a newsroom needs it: what a connection has learnt to answer stays with it."""

import re
import sys
from contextlib import suppress
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from membership import reading

AFTER, NEVER = 5, sys.maxsize
"""How often psycopg executes a statement before it prepares it: its default, and for pages."""

HAS_WRITTEN = "has written"

READS = re.compile(r"\s*(select|with)\b", re.IGNORECASE)
CHANGES = re.compile(r"\b(insert|update|delete|merge)\b", re.IGNORECASE)


def prepare(engine: Engine) -> None:
    """What is asked at each event is planned once, and each page's questions for what they ask.

    A plan that serves all spans of days makes the desk of a million people a third slower. And a
    transaction that only read ends with a commit, even where a rollback is asked for: at a rollback
    psycopg forgets all that it has prepared, in case that a table came and went with it
    (psycopg.org/psycopg3/docs/advanced/prepare.html), and after each page that somebody reads the
    next event would find nothing.
    """

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        driver: Any = connection.connection.dbapi_connection
        driver.prepare_threshold = NEVER if reading.is_at_hand() else AFTER

    @event.listens_for(engine, "before_cursor_execute")
    def _asked(connection: Connection, _cursor: object, text: str, *_rest: object) -> None:
        note(connection, text)

    @event.listens_for(engine, "commit")
    def _committed(connection: Connection) -> None:
        connection.info.pop(HAS_WRITTEN, None)

    @event.listens_for(engine, "rollback")
    def _rolled_back(connection: Connection) -> None:
        if not connection.invalidated:
            _end(connection.connection.dbapi_connection, connection.info)

    @event.listens_for(engine, "reset")
    def _handed_back(connection: Any, record: Any, _state: object) -> None:
        _end(connection, record.info)


def note(connection: Connection, text: str) -> None:
    """Remember whether the transaction at hand has written, once it is asked `text`."""
    if not _only_reads(text):
        connection.info[HAS_WRITTEN] = True


@lru_cache(maxsize=1024)
def _only_reads(text: str) -> bool:
    return READS.match(text) is not None and CHANGES.search(text) is None


def _end(connection: Any, info: dict[Any, Any]) -> None:
    """What a connection that is lost has to say, it says at the rollback that follows."""
    if info.pop(HAS_WRITTEN, False):
        return
    if connection.info.transaction_status is TransactionStatus.INTRANS:
        with suppress(psycopg.Error):
            connection.commit()
