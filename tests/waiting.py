"""Waiting for what is to come about, however busy the machine is."""

import time
from collections.abc import Callable


def until(is_so: Callable[[], bool], seconds: float = 240) -> None:
    """Look again and again; fails if it has not come about in so many `seconds`."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.1)
