"""One writer at a time on SQLite, and nobody who waits is overtaken for ever."""

import fcntl
import threading
from pathlib import Path

import sqlalchemy as sa

from membership import sqlite
from tests.waiting import until


def opened(path: Path) -> sa.Engine:
    engine = sa.create_engine(f"sqlite:///{path}")
    sqlite.prepare(engine)
    return engine


def test_a_writer_who_waits_is_next_however_fast_the_others_are(tmp_path: Path):
    path = tmp_path / "newsroom.sqlite"
    mine, theirs = opened(path), opened(path)
    has_its_turn = threading.Event()

    def write() -> None:
        with theirs.begin() as connection:
            has_its_turn.set()
            connection.execute(sa.text("CREATE TABLE written (number INTEGER)"))

    def waits() -> bool:
        """Whether the other holds the place at the head of the queue."""
        with Path(f"{path}.turn").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False

    waiting = threading.Thread(target=write)
    with mine.connect() as connection:
        connection.begin()
        waiting.start()
        until(waits)
        connection.commit()
        overtaken = 0
        while not has_its_turn.is_set():
            with connection.begin():
                overtaken += not has_its_turn.is_set()
    waiting.join()
    assert overtaken == 0
