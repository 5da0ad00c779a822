"""Work that is done in a child process which ends itself with SIGKILL at any step there is."""

import itertools
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Flask

from membership.extensions import db

LONGEST_SECONDS = 30


@dataclass
class Killer:
    """Runs work in children that are killed."""

    app: Flask

    def at_each_step(self, work: Callable[[int], None]) -> Iterator[int]:
        """Run `work(n)` and kill it before its nth step, until it comes through unharmed.

        Yields each n after the child is dead.
        """
        for step in itertools.count(1):
            if not self._killed(step, work):
                return
            yield step

    def _killed(self, step: int, work: Callable[[int], None]) -> bool:
        with self.app.app_context():
            engine = db.engine
            db.session.remove()
        child = os.fork()
        if child == 0:
            self._live_until(step, engine, work)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL
            return True
        assert os.waitstatus_to_exitcode(status) == 0
        return False

    def _live_until(self, step: int, engine: sa.Engine, work: Callable[[int], None]) -> None:
        """In the child: connections of its own, no way back into the parent's tests."""
        signal.alarm(LONGEST_SECONDS)
        engine.dispose(close=False)
        steps = itertools.count(1)

        def die_in_time(*_: object) -> None:
            if next(steps) == step:
                os.kill(os.getpid(), signal.SIGKILL)

        sa.event.listen(engine, "before_cursor_execute", die_in_time)
        sa.event.listen(engine, "commit", die_in_time)
        try:
            work(step)
        finally:
            os._exit(0)
