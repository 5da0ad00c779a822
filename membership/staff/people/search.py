"""Finding people by a part of their name or address, at once among a million.

Any three letters in a row are found by an index that the migration 0012 makes: on PostgreSQL over
an array of all such threes, on SQLite by its full-text search with the tokenizer `trigram`. Fewer
letters are found where a name or an address begins with them.
"""

from typing import Any

import sqlalchemy as sa

from membership.extensions import db
from membership.patrons.models import Person

SHORTEST = 3
LAST = "\U0010ffff"
# Word for word as in the migration, or PostgreSQL does not know its index again.
THREES: sa.ColumnElement[Any] = sa.literal_column(
    "trigrams(lower(coalesce(person.name, '') || ' ' || person.email))"
)
# The sign keeps SQLite from asking its index anew for each person.
OF_INDEX: sa.ColumnElement[int] = sa.literal_column("+person_search.rowid", sa.Integer)
INDEX = sa.table("person_search", sa.column("rowid", sa.Integer), sa.column("person_search"))

Chosen = sa.Select[*tuple[Any, ...]]


def found(
    chosen: Chosen, wanted: str, *, are_many: bool = False
) -> tuple[Chosen, sa.ColumnElement[int]]:
    """`chosen`, narrowed to whose name or address has `wanted`, and by what number to sort it.

    Where they `are_many` the first page is read sooner by walking from the latest than by sorting
    all whom the index knows of.
    """
    is_postgresql = db.session.get_bind().dialect.name == "postgresql"
    if not wanted:
        return chosen, Person.id.expression
    if len(wanted) < SHORTEST:
        begins = _begins(wanted.lower()) if is_postgresql else _lies_after(wanted)
        return chosen.where(begins), Person.id.expression
    if is_postgresql:
        threes, together = _has(wanted.lower())
        narrowed = chosen.where(together) if are_many else chosen.where(threes, together)
        return narrowed, Person.id.expression
    # Walked backwards by its own number, so that the first page of many costs no more than itself.
    quoted = '"{}"'.format(wanted.replace('"', '""'))
    return (
        chosen.join(INDEX, Person.id == OF_INDEX).where(INDEX.c.person_search.match(quoted)),
        INDEX.c.rowid,
    )


def _has(wanted: str) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    """The index says who has all threes of `wanted`, and the rest whether they stand together."""
    threes = THREES.op("@>")(sa.func.trigrams(wanted))
    name, email = sa.func.lower(Person.name), Person.email
    together = sa.or_(
        name.contains(wanted, autoescape=True), email.contains(wanted, autoescape=True)
    )
    return threes, together


def _begins(wanted: str) -> sa.ColumnElement[bool]:
    name, email = sa.func.lower(Person.name), Person.email
    return sa.or_(
        name.startswith(wanted, autoescape=True), email.startswith(wanted, autoescape=True)
    )


def _lies_after(wanted: str) -> sa.ColumnElement[bool]:
    """SQLite knows the case of no letters but English ones: each is asked for in both."""
    spellings = {wanted, wanted.lower(), wanted.upper(), wanted.capitalize()}
    return sa.or_(
        *(Person.name.between(one, one + LAST) for one in sorted(spellings)),
        Person.email.between(wanted.lower(), wanted.lower() + LAST),
    )
