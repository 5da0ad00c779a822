"""The one clock. Time is UTC everywhere; only templates turn it into the newsroom's time zone.

Three sources, in this order: a time that a test has set; the sandbox's clock, which this
process follows through a small file so that "a month passes" reaches every process; the
machine's clock.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path


class Clock:
    def __init__(self) -> None:
        self._set: datetime | None = None
        self._followed: Path | None = None
        self._read_at = 0
        self._ahead = timedelta()

    def now(self) -> datetime:
        """The time now, aware, in UTC."""
        if self._set is not None:
            return self._set
        return datetime.now(UTC) + self._offset()

    def set(self, at: datetime | None) -> None:
        """Stop the clock at `at` (aware); None lets it run again."""
        self._set = at

    def advance(self, by: timedelta) -> None:
        self._set = self.now() + by

    def follow(self, path: Path | None) -> None:
        """Run ahead of the machine by the seconds written in `path`, as they change."""
        self._followed, self._read_at, self._ahead = path, 0, timedelta()

    def run_ahead_to(self, at: datetime) -> None:
        """Tell every process that follows the same file that it is `at` (aware) now."""
        if self._followed is None:
            return
        ahead = (at - datetime.now(UTC)).total_seconds()
        draft = self._followed.with_suffix(f".{os.getpid()}")
        draft.write_text(repr(ahead))
        draft.replace(self._followed)

    def _offset(self) -> timedelta:
        if self._followed is None:
            return self._ahead
        try:
            changed = self._followed.stat().st_mtime_ns
        except FileNotFoundError:
            return timedelta()
        if changed != self._read_at:
            self._ahead = timedelta(seconds=float(self._followed.read_text()))
            self._read_at = changed
        return self._ahead


clock = Clock()


def at(seconds: int) -> datetime:
    """The aware UTC time of a Unix timestamp, which is how Stripe writes time."""
    return datetime.fromtimestamp(seconds, UTC)
