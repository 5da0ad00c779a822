"""Clocks that move: the sandbox's own, and test clocks with their customers."""

import threading
import time

from stripe_sandbox.books import SANDBOX_CLOCK, Books, Row
from stripe_sandbox.engine.agenda import run_due
from stripe_sandbox.errors import invalid
from stripe_sandbox.events import emit, forget_old
from stripe_sandbox.sandbox import Sandbox

KIND = "test_helpers.test_clock"
JOBS_AT_ONCE = 50
TICK_SECONDS = 1.0


class Timekeeper:
    """Runs what is due, in transactions of a few jobs, so that nobody waits for long."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._moving = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        with sandbox.writing() as books:
            _own_clock(books)

    def start(self) -> None:
        """Let time pass in the background from now on."""
        self._thread = threading.Thread(target=self._run, name="clock", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let time stand; what becomes due is done after the next start."""
        self._stopping.set()
        if self._thread:
            self._thread.join(timeout=1)

    def tick(self) -> None:
        """Do what has become due, and finish an advance that a restart cut short."""
        if not self._moving.acquire(blocking=False):
            return
        try:
            for clock, target in self._interrupted():
                self._move(clock, target)
            if self._is_due():
                with self.sandbox.reading() as books:
                    now = books.sandbox_now
                self._work(SANDBOX_CLOCK, now)
        finally:
            self._moving.release()

    def advance(self, id: str, to: int, request: tuple[str | None, str | None]) -> None:
        """Move a clock forward to `to`, and with it all that lives on it."""
        with self._moving:
            with self.sandbox.writing(request) as books:
                clock = books.get(KIND, id)
                if to <= frozen_time(books, clock):
                    message = "The new frozen time must be after the clock's current frozen time."
                    raise invalid(message, "frozen_time")
                clock |= {"status": "advancing", "target": to}
                emit(books, "test_helpers.test_clock.advancing", books.save(clock))
            self._move(id, to)

    def _move(self, id: str, to: int) -> None:
        if not self._work(id, to):
            return
        with self.sandbox.writing() as books:
            clock = books.get(KIND, id)
            _set_time(books, clock, to)
            clock |= {"status": "ready", "target": None}
            emit(books, "test_helpers.test_clock.ready", books.save(clock))

    def _work(self, id: str, until: int) -> bool:
        """Do all that is due. False if the sandbox was stopped before the end."""
        while not self._stopping.is_set():
            with self.sandbox.writing() as books:
                last = run_due(books, id, until, JOBS_AT_ONCE)
                if last is None:
                    forget_old(books)
                    return True
                _set_time(books, books.get(KIND, id), last)
        return False

    def _interrupted(self) -> list[tuple[str, int]]:
        with self.sandbox.reading() as books:
            clocks = books.select(KIND, "json_extract(facts, '$.status') = 'advancing'")
            return [(clock["id"], clock["target"]) for clock in clocks]

    def _is_due(self) -> bool:
        with self.sandbox.reading() as books:
            sql = "SELECT EXISTS (SELECT 1 FROM agenda WHERE clock = ? AND at <= ?)"
            due = books.db.execute(sql, (SANDBOX_CLOCK, books.sandbox_now)).fetchone()
            return bool(due[0])

    def _run(self) -> None:
        while not self._stopping.wait(TICK_SECONDS):
            self.tick()


def frozen_time(books: Books, clock: Row) -> int:
    """What a clock shows, in seconds since 1970 UTC."""
    if clock["id"] == SANDBOX_CLOCK:
        return books.sandbox_now
    return int(clock["frozen_time"])


def _set_time(books: Books, clock: Row, to: int) -> None:
    """Put a clock forward, never back."""
    if clock["id"] != SANDBOX_CLOCK:
        clock["frozen_time"] = max(clock["frozen_time"], to)
        books.save(clock)
        return
    offset = max(int(books.setting("offset") or 0), to - int(time.time()))
    books.keep_setting("offset", str(offset))
    books.sandbox_now = int(time.time()) + offset


def _own_clock(books: Books) -> None:
    if books.find(KIND, SANDBOX_CLOCK) is None:
        books.add(
            KIND,
            id=SANDBOX_CLOCK,
            created=books.sandbox_now,
            name="The sandbox's own clock",
            status="ready",
        )
