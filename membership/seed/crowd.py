"""A newsroom of any size, written straight into our books a batch of people at a time.

The sandbox lives through every checkout and renewal, which a million people would take days for;
it knows nothing of these. What is written are the facts that would have come of it; the figures
follow from them as from any others, and their sums are made when all is there.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice, starmap
from operator import attrgetter

import sqlalchemy as sa

from membership import planner
from membership.books.card_models import Card
from membership.books.models import (
    Customer,
    Donation,
    EntryKind,
    FailedPayment,
    LedgerEntry,
    Settlement,
    Subscription,
)
from membership.books.term_models import Term
from membership.clock import clock
from membership.extensions import Model, db, table_of
from membership.gateway import gateway
from membership.history import rebuild, upkeep
from membership.patrons.models import MembershipPeriod, Person
from membership.seed import rows
from membership.seed.lives import NEWSPAPER, Life, Plans, lives
from membership.seed.rows import Row, Whose
from membership.writes import insert_all

AT_ONCE = 500
WRITTEN = (
    Person,
    Customer,
    Card,
    Donation,
    Subscription,
    Term,
    MembershipPeriod,
    FailedPayment,
    LedgerEntry,
    Settlement,
)

Progress = Callable[[str, int], None]


def write(
    plans: Plans,
    *,
    patrons: int,
    months: int,
    seed: int,
    progress: Progress,
    newspaper: str = NEWSPAPER,
) -> None:
    """So many patrons with their past, the same for the same seed; commits. Needs empty books.

    `progress` hears of the people, then of the indexes and of the months of sums, how many are
    done.
    """
    people = lives(
        plans, patrons=patrons, months=months, seed=seed, now=clock.now(), newspaper=newspaper
    )
    done = 0
    with _indexed_at_the_end(progress):
        while batch := list(islice(people, AT_ONCE)):
            numbers = _write(batch)
            upkeep.bring_up(numbers, is_summed=False)
            db.session.commit()
            done += len(batch)
            progress("people", done)
    rebuild.recount(progress)
    planner.learn()


@contextmanager
def _indexed_at_the_end(progress: Progress) -> Iterator[None]:
    """Without the indexes by which nothing is looked for meanwhile, however it ends.

    People come one after the other and their payments from all years: each row would go to another
    page of an index by time, and all of those pages would be read and written for each batch.
    """
    indexes = put_off()
    for index in indexes:
        index.drop(db.session.connection(), checkfirst=True)
    db.session.commit()
    try:
        yield
    finally:
        db.session.rollback()
        for done, index in enumerate(indexes, 1):
            index.create(db.session.connection(), checkfirst=True)
            db.session.commit()
            progress("indexes", done)


def put_off() -> list[sa.Index]:
    """The indexes that are made at the end: all but those by the number of what a row hangs on."""
    models: list[type[Model]] = [*WRITTEN, *(derived.table for derived in upkeep.DERIVED)]
    indexes = chain.from_iterable(table_of(model).indexes for model in models)
    wanted = (index for index in indexes if not next(iter(index.columns)).foreign_keys)
    return sorted(wanted, key=attrgetter("name"))


def _write(lives: Sequence[Life]) -> list[int]:
    """The rows of some people, table by table, each once those that it hangs on have numbers; the
    numbers of the people.
    """
    people = _numbered(Person, "email", map(rows.person, lives))
    its = [
        (life, Whose(gateway().mode, person)) for life, person in zip(lives, people, strict=True)
    ]
    _put(Customer, starmap(rows.customer, its))
    _put(Card, starmap(rows.card, its))
    donations = _numbered(Donation, "attempt", starmap(rows.donation, its))
    its = [
        (life, whose._replace(donation=donation))
        for (life, whose), donation in zip(its, donations, strict=True)
    ]
    _book(list(_subscribe(its)))
    return people


def _subscribe(its: Sequence[tuple[Life, Whose]]) -> Iterator[tuple[Life, Whose]]:
    """Those who gave once, and the others with the numbers of their subscriptions."""
    given = [(life, whose) for life, whose in its if life.status]
    numbers = _numbered(Subscription, "stripe_id", starmap(rows.subscription, given))
    given = [
        (life, whose._replace(subscription=number))
        for (life, whose), number in zip(given, numbers, strict=True)
    ]
    _put(Term, chain.from_iterable(starmap(rows.terms, given)))
    _put(MembershipPeriod, chain.from_iterable(starmap(rows.periods, given)))
    _put(FailedPayment, chain.from_iterable(starmap(rows.failures, given)))
    yield from given
    yield from ((life, whose) for life, whose in its if not life.status)


def _book(its: Sequence[tuple[Life, Whose]]) -> None:
    charges = _booked(EntryKind.charge, chain.from_iterable(starmap(rows.charges, its)))
    first: dict[int, tuple[int, Row]] = {}
    for number, charge in charges:
        first.setdefault(charge["person_id"], (number, charge))
    refunds = _booked(
        EntryKind.refund,
        (rows.refund(life, *first[whose.person]) for life, whose in its if life.refund),
    )
    settled = list(starmap(rows.settlement, [*charges, *refunds]))
    _put(Settlement, settled)
    _put(
        LedgerEntry,
        (
            rows.fee(number, charge, settlement)
            for (number, charge), settlement in zip(charges, settled, strict=False)
        ),
    )


def _booked(kind: EntryKind, booked: Iterable[Row]) -> list[tuple[int, Row]]:
    """Rows of one kind put into the ledger, each behind its number."""
    its = list(booked)
    return list(zip(_numbered(LedgerEntry, "stripe_source", its, kind=kind), its, strict=True))


def _put(table: type[Model], wanted: Iterable[Row]) -> None:
    if its := list(wanted):
        insert_all(table, its)


def _numbered(table: type[Model], key: str, wanted: Iterable[Row], **of: EntryKind) -> list[int]:
    """Put them in; the numbers of the rows, in their order. `key` tells them apart, with `of`."""
    its = list(wanted)
    _put(table, its)
    columns = sa.inspect(table).columns
    known: dict[str, int] = {}
    for first in range(0, len(its), AT_ONCE):
        keys = [row[key] for row in its[first : first + AT_ONCE]]
        found = sa.select(columns[key], columns["id"]).where(columns[key].in_(keys)).filter_by(**of)
        known.update(iter(db.session.execute(found)))
    return [known[row[key]] for row in its]
