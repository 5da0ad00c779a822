"""Long lists, a page at a time: every list has a limit, and its address says which page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from flask import request

ROWS = 50
FURTHEST = 10_000

Row = TypeVar("Row")
Row_co = TypeVar("Row_co", covariant=True)


class Listed(Protocol[Row_co]):
    """What reads `limit` rows of a list after the first `offset`."""

    def __call__(self, *, limit: int, offset: int) -> Sequence[Row_co]: ...


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of a list; `more` if another one follows."""

    rows: Sequence[Row]
    number: int
    more: bool


def page_of(listed: Listed[Row]) -> Page[Row]:
    """The page that is asked for; the first where the address says nothing sensible."""
    number = min(max(request.args.get("page", 1, type=int), 1), FURTHEST)
    # One row more than is shown tells whether another page follows.
    rows = listed(limit=ROWS + 1, offset=(number - 1) * ROWS)
    return Page(rows[:ROWS], number, len(rows) > ROWS)


def asked_for() -> dict[str, list[str]]:
    """What the address asks for beside the page, for another page of the same list."""
    return {name: its for name, its in request.args.lists() if name != "page"}
