"""Several SELECTs asked in one: a database is reached once, however much is to be known."""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from membership.extensions import UTCDateTime, db

Select = sa.Select[*tuple[Any, ...]]
Rows = Mapping[Select, Sequence[Any]]


class Together:
    """Reads all rows of each of some statements; written once, asked often.

    Their rows have the names of their columns, which must differ. They come in no order.
    """

    def __init__(self, statements: Iterable[Select]) -> None:
        self._statements = list(statements)
        self._readers = [_reader_of(one) for one in self._statements]

    def read(self, values: Mapping[str, Any]) -> Rows:
        """The rows of each statement, all of which are given `values`; the caller has flushed."""
        connection = db.session.connection()
        answers = connection.execute(self._asked(connection.dialect.name), values).one()
        return {
            statement: [reader(row) for row in answer or ()]
            for statement, reader, answer in zip(
                self._statements, self._readers, answers, strict=True
            )
        }

    @cache  # noqa: B019
    def _asked(self, dialect: str) -> Select:
        all_of, one_of = (
            (sa.func.json_agg, sa.func.json_build_array)
            if dialect == "postgresql"
            else (sa.func.json_group_array, sa.func.json_array)
        )
        parts = []
        for statement in self._statements:
            rows = statement.subquery()
            parts.append(sa.select(all_of(one_of(*rows.c), type_=sa.JSON)).scalar_subquery())
        return sa.select(*parts)


def _reader_of(statement: Select) -> Callable[[Sequence[Any]], Any]:
    """Makes a row of what JSON has of it: moments, days and enumerations are text there."""
    columns = statement.selected_columns
    row = namedtuple("Row", columns.keys())  # type: ignore[misc]
    told = [(place, how) for place, one in enumerate(columns) if (how := _reading(one.type))]

    def read(values: Sequence[Any]) -> Any:
        its = list(values)
        for place, how in told:
            if its[place] is not None:
                its[place] = how(its[place])
        return row._make(its)

    return read


def _reading(kind: sa.types.TypeEngine[Any]) -> Callable[[Any], Any] | None:
    if isinstance(kind, UTCDateTime):
        return _moment
    if isinstance(kind, sa.Date):
        return date.fromisoformat
    if isinstance(kind, sa.Enum) and kind.enum_class:
        return {str(member.value): member for member in kind.enum_class}.__getitem__
    return bool if isinstance(kind, sa.Boolean) else None


def _moment(text: str) -> datetime:
    """SQLite keeps moments in UTC without saying so; PostgreSQL says which zone."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
