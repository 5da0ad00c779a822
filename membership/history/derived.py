"""Rows that follow from the facts of a person alone, and add to the sums."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from membership.extensions import Model
from membership.history.facts import Facts
from membership.history.sums import Part

V = TypeVar("V", bound=tuple[Any, ...])


@dataclass(frozen=True)
class Derived(Generic[V]):
    """A table whose rows are made anew whenever a fact of their person is added.

    `values` is a named tuple of its columns but the number; `found` works out all rows of some
    people; `parts` says what one row adds to the sums.
    """

    table: type[Model]
    values: type[V]
    found: Callable[[Facts], Iterable[V]]
    parts: Callable[[V], Iterator[Part]]
    figures: tuple[str, ...]
    known: sa.Select[*tuple[Any, ...]] = field(init=False)

    def __post_init__(self) -> None:
        columns = sa.inspect(self.table).columns
        known = sa.select(*columns).where(
            columns["mode"] == sa.bindparam("mode"),
            columns["person_id"].in_(sa.bindparam("people", expanding=True)),
        )
        object.__setattr__(self, "known", known)

    def between(self, since: date, until: date) -> sa.Select[*tuple[Any, ...]]:
        """All rows of the days from `since` to before `until`, of all modes."""
        columns = sa.inspect(self.table).columns
        return sa.select(*columns).where(columns["day"] >= since, columns["day"] < until)

    def of_row(self, row: Any) -> V:
        """The values of a row with the table's columns."""
        return self.values(*(getattr(row, name) for name in self.values._fields))  # type: ignore[attr-defined]
