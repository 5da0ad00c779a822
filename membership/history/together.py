"""Several SELECTs asked in one: a database is reached once, however much is to be known."""

import json
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler

from config import Mode
from membership.extensions import Model, UTCDateTime, ask_driver, db

Select = sa.Select[*tuple[Any, ...]]
Rows = Mapping[Select, Sequence[Any]]


class Written(NamedTuple):
    """A statement as a driver takes it, with what does not change among its values; `places` are
    their names in order, for a driver that knows values by their place alone.
    """

    text: str
    constants: Mapping[str, Any]
    places: Sequence[str] | None


def of_people(table: type[Model]) -> tuple[sa.ColumnElement[bool], ...]:
    """Conditions for the rows about those that a statement is asked for."""
    columns = sa.inspect(table).columns
    return (
        columns["mode"] == sa.bindparam("mode"),
        columns["person_id"].in_(sa.bindparam("people", expanding=True)),
    )


class Together:
    """Reads all rows of each of some statements, each narrowed by `of_people`.

    Their rows have the names of their columns, which must differ. They come in no order.
    """

    def __init__(self, statements: Iterable[Select]) -> None:
        self._statements = list(statements)
        self._readers = [_reader_of(one) for one in self._statements]
        self._written: dict[tuple[str, int], Written] = {}

    def read(self, mode: Mode, people: Sequence[int]) -> Rows:
        """The rows of each statement about these people; the caller has flushed."""
        connection = db.session.connection()
        text, constants, places = self._as_text(connection.dialect, len(people))
        values = {**constants, "mode": mode.value}
        values |= {f"people_{number}": person for number, person in enumerate(people, 1)}
        given = tuple(values[name] for name in places) if places else values
        [answers] = ask_driver(connection, text, given)
        return {
            statement: [reader(row) for row in _told(answer)]
            for statement, reader, answer in zip(
                self._statements, self._readers, answers, strict=True
            )
        }

    def _as_text(self, dialect: Dialect, count: int) -> Written:
        """Kept: to write so long a statement anew each time would take as long as its answer."""
        key = dialect.name, count
        if key not in self._written:
            compiled = self._asked(dialect.name).compile(dialect=dialect)
            assert isinstance(compiled, SQLCompiler)
            its = compiled.construct_expanded_state({"people": [0] * count, "mode": ""})
            constants = {
                name: value.value if isinstance(value, Enum) else value
                for name, value in its.parameters.items()
            }
            self._written[key] = Written(its.statement, constants, its.positiontup)
        return self._written[key]

    def _asked(self, dialect: str) -> Select:
        all_of, one_of = (
            (sa.func.json_agg, sa.func.json_build_array)
            if dialect == "postgresql"
            else (sa.func.json_group_array, sa.func.json_array)
        )
        return sa.select(
            *(
                statement.with_only_columns(
                    all_of(one_of(*statement.selected_columns)), maintain_column_froms=True
                ).scalar_subquery()
                for statement in self._statements
            )
        )


def _told(answer: Any) -> Sequence[Any]:
    """What JSON says; PostgreSQL's driver has read it already, and has nothing of no rows."""
    return json.loads(answer) if isinstance(answer, str) else answer or ()


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
