"""All that follows from people's facts, and the sums over it, brought up to them before a commit.

Whoever adds a fact says whose it is (`patrons/touched.py`). Before the transaction commits, what
follows from the facts of each such person is worked out anew from all of them, and the sums are
told the difference: once for a transaction, however many facts it added. Rows of the ledger never
change, so each adds its own part in the transaction that books it.
"""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from membership.books import turns
from membership.extensions import db
from membership.gateway import gateway
from membership.history import booked, dues, origins, recoveries, revenue, sums, supporters
from membership.history.derived import Derived
from membership.history.facts import Facts
from membership.history.sums import Part
from membership.patrons import touched

DERIVED: tuple[Derived[Any], ...] = (
    revenue.MOVEMENTS,
    supporters.CHANGES,
    recoveries.RECOVERIES,
    origins.ORIGINS,
    dues.DUES,
)


@event.listens_for(db.session, "before_commit")
def _bring_up_touched(session: Session) -> None:
    if session.in_nested_transaction():
        return
    people, rows = touched.taken(session)
    if people or rows:
        session.flush()
        if people:
            bring_up(sorted(people))
        if rows:
            sums.change(added=booked.parts_of(rows))


@event.listens_for(db.session, "after_transaction_create")
def _mark(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        touched.mark(session, transaction)


@event.listens_for(db.session, "after_soft_rollback")
def _forget(session: Session, previous: SessionTransaction) -> None:
    """What was added is gone with the transaction, or with the savepoint.

    People of a savepoint are not told apart: to look at one of them once more changes nothing.
    A flush that fails takes the savepoint around it back, or all.
    """
    back = previous
    while not back.nested and back.parent is not None:
        back = back.parent
    if back.nested:
        touched.forget_since(session, back)
    else:
        touched.taken(session)


def bring_up(people: Sequence[int]) -> None:
    """Bring what follows from these people's facts, and the sums, up to them.

    Of two transactions that touch the same person the second waits here, holding whatever other
    locks it has, and then sees what the first added.
    """
    turns.take_each(f"history of {person}" for person in people)
    facts = Facts(gateway().mode, people)
    added: list[Part] = []
    removed: list[Part] = []
    for derived in DERIVED:
        fresh, gone = _brought_up(derived, facts)
        added += fresh
        removed += gone
    sums.change(added, removed)


def _brought_up(derived: Derived[Any], facts: Facts) -> tuple[list[Part], list[Part]]:
    """Write what is new of it and delete what no longer follows; the parts of both."""
    known = {derived.of_row(row): row.id for row in facts.read(derived.known)}
    found = set(derived.found(facts))
    gone, fresh = known.keys() - found, found - known.keys()
    if gone:
        numbers = [known[one] for one in gone]
        db.session.execute(sa.delete(derived.table).where(_number(derived).in_(numbers)))
    if fresh:
        rows = sorted(fresh, key=attrgetter("person_id", "day"))
        db.session.execute(sa.insert(derived.table), [one._asdict() for one in rows])
    return _parts(derived, fresh), _parts(derived, gone)


def _number(derived: Derived[Any]) -> sa.ColumnElement[int]:
    number: sa.ColumnElement[int] = sa.inspect(derived.table).columns["id"]
    return number


def _parts(derived: Derived[Any], rows: Iterable[Any]) -> list[Part]:
    return [part for row in rows for part in derived.parts(row)]
