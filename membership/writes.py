"""Rows of several tables written together: a database is reached once, however many there are."""

import json
from collections.abc import Callable, Iterable, Sequence
from enum import Enum, auto
from functools import cache, partial
from typing import Any, NamedTuple, TypeAlias

import sqlalchemy as sa
from sqlalchemy.sql.dml import UpdateBase

from membership.extensions import Model, ask_driver, db, table_of

NUMBER = "number"
AS_JSON = json.JSONEncoder(default=str)
POSTGRESQL = sa.make_url("postgresql+psycopg://").get_dialect()()
Row: TypeAlias = dict[str, Any]


class Kind(Enum):
    """What a statement does with rows."""

    insert = auto()
    update = auto()
    delete = auto()


class Shape(NamedTuple):
    """All of a statement but its values: `names` are those of its columns."""

    kind: Kind
    model: type[Model]
    names: tuple[str, ...]


class Writes:
    """Rows to insert, update and delete, of types that JSON or str() has a word for.

    On PostgreSQL they go by one statement: to ask once for each row takes twice as long, and each
    table would be another way there and back. It finds the tables as they were before it, so no row
    may need what another of them makes room for.
    """

    def __init__(self) -> None:
        self._rows: dict[Shape, list[Row]] = {}

    def insert(self, model: type[Model], rows: Sequence[Row]) -> None:
        """Insert `rows`, which have the same columns; what they leave out is as by default."""
        if defaults := _defaults(model):
            rows = [{name: made() for name, made in defaults.items()} | row for row in rows]
        self._add(Kind.insert, model, rows)

    def update(self, model: type[Model], rows: Sequence[Row]) -> None:
        """Give the row with each `number` the other values beside it."""
        self._add(Kind.update, model, rows)

    def delete(self, model: type[Model], numbers: Iterable[int]) -> None:
        """Delete the rows with these numbers."""
        self._add(Kind.delete, model, [{NUMBER: number} for number in numbers])

    def send(self) -> None:
        """Write them, in the transaction at hand."""
        if not self._rows:
            return
        connection = db.session.connection()
        if connection.dialect.name == "postgresql":
            text = _all_at_once(tuple(self._rows))
            told = map(AS_JSON.encode, self._rows.values())
            ask_driver(connection, text, {_rows(place): rows for place, rows in enumerate(told)})
        else:
            for shape, rows in self._rows.items():
                connection.execute(_one_by_one(shape), rows)

    def _add(self, kind: Kind, model: type[Model], rows: Sequence[Row]) -> None:
        if rows:
            shape = Shape(kind, model, tuple(rows[0]))
            self._rows.setdefault(shape, []).extend(rows)


def insert_all(model: type[Model], rows: Sequence[Row]) -> None:
    """Insert `rows` at once, as `Writes.insert` says."""
    writes = Writes()
    writes.insert(model, rows)
    writes.send()


@cache
def _defaults(model: type[Model]) -> dict[str, Callable[[], Any]]:
    """By the names of columns what makes up a value for them."""
    columns = table_of(model).columns
    return {name: _maker(one.default) for name, one in columns.items() if one.default is not None}


def _maker(default: Any) -> Callable[[], Any]:
    # SQLAlchemy has made each callable into one of a context, which none of ours asks for.
    return partial(default.arg, None) if default.is_callable else lambda: default.arg


# Each written once: putting a statement together takes longer than the database does.
@cache
def _all_at_once(shapes: tuple[Shape, ...]) -> str:
    *others, last = (_of_told(shape, place) for place, shape in enumerate(shapes))
    statement = last.add_cte(*(one.cte(f"write_{place}") for place, one in enumerate(others)))
    return str(statement.compile(dialect=POSTGRESQL))


def _of_told(shape: Shape, place: int) -> UpdateBase:
    table = table_of(shape.model)
    rows = sa.cast(sa.bindparam(_rows(place), type_=sa.Text), sa.JSON)
    its = sa.func.json_to_recordset(rows).table_valued(
        *(sa.column(name, table.c["id" if name == NUMBER else name].type) for name in shape.names)
    )
    told = its.render_derived(name=f"told_{place}", with_types=True)
    if shape.kind is Kind.insert:
        return sa.insert(table).from_select(
            list(shape.names), sa.select(*told.c), include_defaults=False
        )
    of_number = table.c.id == told.c[NUMBER]
    if shape.kind is Kind.delete:
        return sa.delete(table).where(of_number)
    values = {name: told.c[name] for name in shape.names if name != NUMBER}
    return sa.update(table).where(of_number).values(values)


def _rows(place: int) -> str:
    return f"rows_{place}"


@cache
def _one_by_one(shape: Shape) -> UpdateBase:
    table = table_of(shape.model)
    if shape.kind is Kind.insert:
        return sa.insert(table)
    of_number = table.c.id == sa.bindparam(NUMBER)
    if shape.kind is Kind.delete:
        return sa.delete(table).where(of_number)
    return sa.update(table).where(of_number)
