"""Taking Stripe's objects each by itself, so that an odd one stops nothing but itself."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
import structlog

from membership.extensions import db
from membership.gateway import StripeDown

log = structlog.get_logger()

# What is not the fault of one object: the next would meet it too.
GOES_FOR_ALL = (StripeDown, sa.exc.OperationalError, sa.exc.InterfaceError)


class Odd(Exception):
    """An object cannot be taken; the message says why, in one line."""


@contextmanager
def by_itself(kind: str, stripe_id: str) -> Iterator[None]:
    """Do what stands inside whole or not at all.

    Raises Odd, whatever it is that is odd about the object, and what goes for all as it is.
    """
    try:
        with db.session.begin_nested():
            yield
    except GOES_FOR_ALL:
        raise
    except Exception as error:
        log.exception("object not taken", stripe_id=stripe_id, kind=kind)
        raise Odd(in_one_line(error)) from error


def in_one_line(error: Exception) -> str:
    """What went wrong, as Python names it; the database's own explanation has more lines."""
    return "".join(traceback.format_exception_only(error)).strip().splitlines()[0]
