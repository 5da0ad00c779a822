"""A list of rows: a page of it for the screen, all of it for a file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from membership.extensions import db

AT_ONCE = 1000

Row = TypeVar("Row")


@dataclass(frozen=True)
class Listing(Generic[Row]):
    """What `statement` selects, in its order; `made` says what becomes of each of its rows."""

    statement: sa.Select[*tuple[Any, ...]]
    made: Callable[[Any], Row]

    def page(self, *, limit: int, offset: int = 0) -> list[Row]:
        """So many rows after the first `offset`; one query."""
        rows = db.session.execute(self.statement.limit(limit).offset(offset))
        return [self.made(row) for row in rows]

    def every(self) -> Iterator[Row]:
        """All of them as they are read, no more than AT_ONCE in memory at a time."""
        for row in db.session.execute(self.statement.execution_options(yield_per=AT_ONCE)):
            yield self.made(row)
