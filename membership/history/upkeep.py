"""All that follows from people's facts, and the sums over it, brought up to them before a commit.

Whoever adds a fact says whose it is (`patrons/touched.py`). Before the transaction commits, what
follows from the facts of each such person is worked out anew from all of them, and the sums are
told the difference: once for a transaction, however many facts it added. Rows of the ledger never
change, so each adds its own part in the transaction that books it.
"""

from collections.abc import Iterable, Sequence
from functools import cache, reduce
from itertools import chain
from operator import attrgetter, or_
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from membership.books import turns
from membership.extensions import db
from membership.gateway import gateway
from membership.history import booked, dues, origins, recoveries, revenue, sums, supporters
from membership.history.derived import Derived
from membership.history.facts import Facts
from membership.history.sums import Part
from membership.history.together import Together
from membership.patrons import touched
from membership.patrons.touched import Told
from membership.writes import NUMBER, Writes

# The table, and its values that are new and that are gone.
Changed = tuple[Derived[Any], set[Any], set[Any]]

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
        told = reduce(or_, people.values(), Told(0))
        writes = Writes()
        added, removed = _parts(_follow(sorted(people), told, writes))
        sums.change([*added, *booked.parts_of(rows)], removed, writes)
        writes.send()


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


def bring_up(people: Sequence[int], *, is_summed: bool = True) -> None:
    """Bring what follows from these people's facts, and the sums, up to them.

    The sums are left alone unless `is_summed`, where `rebuild.recount` makes all of them anew
    afterwards.
    """
    writes = Writes()
    changed = _follow(people, Told.anything, writes)
    if is_summed:
        sums.change(*_parts(changed), writes)
    writes.send()


def _follow(people: Sequence[int], told: Told, writes: Writes) -> list[Changed]:
    """Bring up to the facts, by `writes`, what follows from such as were `told`; what is new of it
    and what is gone.

    Of two transactions that touch the same person the second waits here, holding whatever other
    locks it has, and then sees what the first added.
    """
    following = tuple(derived for derived in DERIVED if derived.follows_from & told)
    if not people or not following:
        return []
    turns.take_each(f"history of {person}" for person in people)
    facts = Facts(gateway().mode, people, _together(following))
    return [(derived, *_brought_up(derived, facts, writes)) for derived in following]


@cache
def _together(following: tuple[Derived[Any], ...]) -> Together:
    """All that is to be known of somebody, each thing once."""
    return Together(
        dict.fromkeys(
            statement for derived in following for statement in (derived.known, *derived.reads)
        )
    )


def _brought_up(derived: Derived[Any], facts: Facts, writes: Writes) -> tuple[set[Any], set[Any]]:
    """Write what is new of it and delete what no longer follows; both."""
    known = {derived.of_row(row): row.id for row in facts.read(derived.known)}
    found = set(derived.found(facts))
    gone, fresh = known.keys() - found, found - known.keys()
    _write(derived, {one: known[one] for one in gone}, fresh, writes)
    return fresh, gone


def _write(derived: Derived[Any], gone: dict[Any, int], fresh: set[Any], writes: Writes) -> None:
    """Make the rows that are `gone`, by their numbers, into `fresh` ones, and mend the difference.

    One becomes that which the table would take for the same, if there is one: what else is fresh
    differs from all that is there, so none is in another's way.
    """
    numbers = {derived.key(one): number for one, number in gone.items()}
    paired, others = [], []
    for one in sorted(fresh, key=attrgetter("person_id", "day")):
        same = numbers.pop(derived.key(one), None)
        if same is None:
            others.append(one)
        else:
            paired.append((same, one))
    left = list(numbers.values())
    paired += zip(left, others, strict=False)
    table = derived.table
    writes.update(table, [one._asdict() | {NUMBER: number} for number, one in paired])
    writes.insert(table, [one._asdict() for one in others[len(left) :]])
    writes.delete(table, left[len(others) :])


def _parts(changed: Iterable[Changed]) -> tuple[list[Part], list[Part]]:
    """What is added to the sums, and what is taken from them."""
    added: list[Part] = []
    removed: list[Part] = []
    for derived, fresh, gone in changed:
        added += chain.from_iterable(map(derived.parts, fresh))
        removed += chain.from_iterable(map(derived.parts, gone))
    return added, removed
