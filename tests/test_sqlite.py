"""One writer at a time on SQLite, and nobody who waits is overtaken for ever."""

import fcntl
import re
import threading
from pathlib import Path

import sqlalchemy as sa

from membership import sqlite
from tests.waiting import until

CROWD = 8


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


def test_behind_a_writer_who_hangs_all_who_wait_give_up_and_nobody_is_harmed(
    tmp_path: Path, monkeypatch
):
    """Together: the last in the queue has waited as long as the first."""
    monkeypatch.setattr(sqlite, "PATIENCE_SECONDS", 3.0)
    path = tmp_path / "newsroom.sqlite"
    hangs, others = opened(path), opened(path)
    refused: list[str] = []
    patience: list[int] = []
    together = threading.Barrier(CROWD)

    @sa.event.listens_for(others, "before_cursor_execute")
    def _note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if found := re.fullmatch(r"PRAGMA busy_timeout = (\d+)", statement):
            patience.append(int(found[1]))

    def write() -> None:
        together.wait()
        try:
            with others.begin():
                pass
        except sa.exc.OperationalError as error:
            refused.append(str(error.orig))

    crowd = [threading.Thread(target=write) for _ in range(CROWD)]
    with hangs.connect() as connection:
        connection.begin()
        for one in crowd:
            one.start()
        for one in crowd:
            one.join()
    assert refused == ["database is locked"] * CROWD
    # The first waits for the lock; the others waited for the first, and are not to wait anew but
    # for what they came later than it, which on a busy machine is not nothing.
    of_the_others, ever_after = patience[::2], patience[1::2]
    assert len(of_the_others) == CROWD - 1
    assert max(of_the_others) < 2000
    assert ever_after == [3000] * (CROWD - 1)
    with others.begin() as connection:
        connection.execute(sa.text("CREATE TABLE written (number INTEGER)"))
        assert connection.scalar(sa.text("PRAGMA busy_timeout")) == 3000
