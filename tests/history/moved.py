"""What the database says of movements and of their sums, in words that can be held together."""

from collections import Counter, defaultdict
from typing import Any

import sqlalchemy as sa

from membership.books.models import LedgerEntry, Settlement, Subscription
from membership.extensions import db
from membership.history import booked, upkeep
from membership.history.models import (
    DailySum,
    Due,
    DueKind,
    Movement,
    Origin,
    Recovery,
    SumChange,
    SupporterChange,
)
from membership.history.sums import NOTHING, Key, Total
from membership.patrons.models import Person

Sums = dict[Key, Total]

FOLLOWS: dict[Any, tuple[str, ...]] = {
    SupporterChange: ("at", "day", "move", "people", "kind", "interval", "currency"),
    Recovery: ("stripe_invoice", "outcome", "currency", "amount", "at", "day", "took"),
    Due: ("kind", "currency", "amount", "monthly", "at", "day", "every"),
    Origin: ("currency", "at", "day", "amount", "stays"),
}


def movements() -> Counter[tuple[object, ...]]:
    """By who they are and what Stripe calls their subscription: an import has other numbers."""
    rows = db.session.execute(
        sa.select(
            Person.email,
            Subscription.stripe_id,
            Movement.currency,
            Movement.at,
            Movement.kind,
            Movement.day,
            Movement.amount,
            Movement.mrr,
            Movement.people,
            Movement.began,
            Movement.interval,
            Movement.reason,
        )
        .join(Person, Person.id == Movement.person_id)
        .join(Subscription, Subscription.id == Movement.subscription_id)
    )
    return Counter(tuple(row) for row in rows)


def kept_sums() -> Sums:
    """As pages read them: what was folded, and what was not yet."""
    found: Sums = defaultdict(lambda: NOTHING)
    for table in (DailySum, SumChange):
        for row in db.session.scalars(sa.select(table)):
            key = Key(*(getattr(row, name) for name in Key._fields))
            found[key] = found[key].plus(Total(row.amount, row.people, row.times))
    return _without_nothing(found)


def sums_of_rows() -> Sums:
    """Added up from what they are sums of, one row by one."""
    found: Sums = defaultdict(lambda: NOTHING)
    for derived in upkeep.DERIVED:
        for row in db.session.execute(sa.select(*sa.inspect(derived.table).columns)):
            for key, total in derived.parts(derived.of_row(row)):
                found[key] = found[key].plus(total)
    for table in (LedgerEntry, Settlement):
        for row in db.session.execute(sa.select(*sa.inspect(table).columns)):
            for key, total in booked.parts_of([(table, row._mapping)]):
                found[key] = found[key].plus(total)
    return _without_nothing(found)


def told_by_an_import() -> dict[str, Counter[tuple[object, ...]]]:
    """Of a renewal that was refused and then paid by hand an account shows nothing any more, nor
    of a card that has not been charged yet.
    """
    found = what_follows()
    del found["recovery"]
    found["due"] = Counter(
        {row: count for row, count in found["due"].items() if DueKind.card not in row}
    )
    return found


def what_follows() -> dict[str, Counter[tuple[object, ...]]]:
    """All rows that follow from facts, by whose they are; a language is no fact of Stripe's."""
    return {"movements": movements()} | {
        table.__tablename__: Counter(
            tuple(row)
            for row in db.session.execute(
                sa.select(Person.email, *(getattr(table, name) for name in columns)).join(
                    Person, Person.id == table.person_id
                )
            )
        )
        for table, columns in FOLLOWS.items()
    }


def _without_nothing(found: Sums) -> Sums:
    return {key: total for key, total in found.items() if any(total)}
