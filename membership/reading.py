"""Work that only reads, which a database may answer otherwise than what writes."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from flask import has_request_context, request

METHODS = ("GET", "HEAD", "OPTIONS")
_alone: ContextVar[bool] = ContextVar("reads_alone", default=False)


def is_at_hand() -> bool:
    """Whether a request that only reads is at hand, or work that says so of itself; any other job
    or command may write.
    """
    return _alone.get() or (has_request_context() and request.method in METHODS)


@contextmanager
def alone() -> Iterator[None]:
    """What begins in here only reads."""
    before = _alone.set(True)
    try:
        yield
    finally:
        _alone.reset(before)
