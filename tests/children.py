"""Processes of a test's own, beside each other on one database."""

import os
import signal
import sys
import traceback
from collections.abc import Callable

from flask import Flask

from config import Settings
from membership.extensions import db

BARE = {
    name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields
}
"""The environment of a program that a test starts: no setting of this machine reaches it."""
LONGEST_SECONDS = 1800
"""What takes longer hangs: a machine that is merely busy gets all the time it needs."""


def in_a_child(app: Flask, work: Callable[[], None]) -> int:
    """Start a process with connections of its own and no way back into this test; its id."""
    with app.app_context():
        engine = db.engine
        db.session.remove()
    child = os.fork()
    if child:
        return child
    signal.alarm(LONGEST_SECONDS)
    engine.dispose(close=False)
    code = 1
    try:
        with app.app_context():
            work()
        code = 0
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        sys.stderr.flush()
        os._exit(code)


def all_went_well(children: list[int]) -> None:
    """Wait for every one of them; fails if one did, which has told why."""
    codes = {child: os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children}
    assert set(codes.values()) == {0}, codes
