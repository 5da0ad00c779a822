"""What the transaction at hand adds, for `history/upkeep.py`, which follows before it commits."""

from collections.abc import Mapping
from enum import Flag, auto
from typing import Any

from sqlalchemy.orm import Session, SessionTransaction

from membership.extensions import Model, db

PEOPLE, ROWS, MARKS = "people touched", "rows booked", "savepoints"

Rows = list[tuple[type[Model], Mapping[str, Any]]]


class Told(Flag):
    """What a fact tells of: what was `given`, what is `due` next, what a bank `refused`."""

    given = auto()
    due = auto()
    refused = auto()
    anything = given | due | refused


def touch(person_id: int, told: Told = Told.anything) -> None:
    """Say that a fact of this person was added, or taken back, and what alone it can be about."""
    people = db.session.info.setdefault(PEOPLE, {})
    people[person_id] = people.get(person_id, told) | told


def booked(table: type[Model], row: Mapping[str, Any]) -> None:
    """Say that `row`, which never changes, was added to a table of money."""
    _rows_of(db.session()).append((table, row))


def mark(session: Session, savepoint: SessionTransaction) -> None:
    """Remember how many rows there were when a savepoint began."""
    session.info.setdefault(MARKS, {})[savepoint] = len(_rows_of(session))


def forget_since(session: Session, savepoint: SessionTransaction) -> None:
    """The rows that were added since it began are gone with it."""
    del _rows_of(session)[session.info[MARKS][savepoint] :]


def taken(session: Session) -> tuple[dict[int, Told], Rows]:
    """What was said so far, and nothing of it is any more."""
    session.info.pop(MARKS, None)
    return session.info.pop(PEOPLE, {}), session.info.pop(ROWS, [])


def _rows_of(session: Session) -> Rows:
    rows: Rows = session.info.setdefault(ROWS, [])
    return rows
