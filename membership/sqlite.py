"""SQLite as a newsroom needs it: durable, and one writer at a time who waits for its turn."""

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from membership import reading

PATIENCE_SECONDS = 20.0


def prepare(engine: Engine) -> None:
    """WAL, foreign keys, a busy timeout, and turns for those who write.

    A transaction that reads first and writes later fails at once in SQLite when somebody
    else wrote between the two, so everything but a GET takes the write lock at its start.
    """
    turnstile = f"{engine.url.database}.turn"

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout = {_milliseconds(PATIENCE_SECONDS)}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if reading.is_at_hand():
            connection.exec_driver_sql("BEGIN")
            return
        with _in_turn(turnstile) as waited:
            _begin_to_write(connection, max(PATIENCE_SECONDS - waited, 0))


def _begin_to_write(connection: Connection, seconds: float) -> None:
    """Who has waited long in the queue waits only as long as is left, so that all give up alike."""
    if seconds > PATIENCE_SECONDS - 1:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {_milliseconds(seconds)}")
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {_milliseconds(PATIENCE_SECONDS)}")


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


@contextmanager
def _in_turn(path: str) -> Iterator[float]:
    """Let one at a time ask for the write lock; how many seconds it was waited for.

    SQLite lets those who wait look again and again, ever more seldom, and whoever happens to look
    at the right moment gets it: in a crowd on a busy machine somebody would look in vain until the
    timeout. Waiting here is woken by the system, and who has just written queues behind the rest.
    """
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:  # what is wrong with the disk, SQLite says better
        yield 0
        return
    try:
        began = time.monotonic()
        fcntl.flock(file, fcntl.LOCK_EX)
        yield time.monotonic() - began
    finally:
        os.close(file)
