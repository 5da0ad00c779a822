"""Rows that follow from the facts of a person alone, and add to the sums."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from config import Mode
from membership.extensions import Model, table_of
from membership.history.facts import Facts
from membership.history.sums import Part
from membership.history.together import Select, of_people
from membership.patrons.touched import Told

V = TypeVar("V", bound=tuple[Any, ...])


@dataclass(frozen=True)
class Derived(Generic[V]):
    """A table whose rows are made anew whenever a fact that they follow from is added.

    `values` is a named tuple of its columns but the number; `found` works out all rows of some
    people from what it `reads`; `parts` says what one row adds to the sums of `figures`.
    """

    table: type[Model]
    values: type[V]
    found: Callable[[Facts], Iterable[V]]
    parts: Callable[[V], Iterator[Part]]
    figures: tuple[str, ...]
    follows_from: Told
    reads: tuple[Select, ...]
    known: Select = field(init=False)
    unique: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        columns = sa.inspect(self.table).columns
        known = sa.select(*columns).where(*of_people(self.table))
        object.__setattr__(self, "known", known)
        table = table_of(self.table)
        [unique] = (one for one in table.constraints if isinstance(one, sa.UniqueConstraint))
        object.__setattr__(self, "unique", tuple(unique.columns.keys()))

    def between(self, since: date, until: date) -> Select:
        """All rows of the days from `since` to before `until`, of all modes."""
        columns = sa.inspect(self.table).columns
        its = columns["mode"].in_(list(Mode)), columns["day"] >= since, columns["day"] < until
        return sa.select(*columns).where(*its)

    def key(self, value: V) -> tuple[Any, ...]:
        """By which the table knows of two rows that they are the same."""
        return tuple(getattr(value, name) for name in self.unique)

    def of_row(self, row: Any) -> V:
        """The values of a row with the table's columns."""
        return self.values(*(getattr(row, name) for name in self.values._fields))  # type: ignore[attr-defined]
