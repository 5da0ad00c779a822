"""What the database says of movements and of their sums, in words that can be held together."""

from collections import Counter, defaultdict

import sqlalchemy as sa

from membership.books.models import Subscription
from membership.extensions import db
from membership.history import upkeep
from membership.history.models import DailySum, Movement, SumChange
from membership.history.sums import NOTHING, Key, Total
from membership.patrons.models import Person

Sums = dict[Key, Total]


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


def sums_of_movements() -> Sums:
    """Added up from the movements one by one."""
    found: Sums = defaultdict(lambda: NOTHING)
    for row in db.session.execute(sa.select(*sa.inspect(Movement).columns)):
        for key, total in upkeep.parts(upkeep.values(row)):
            found[key] = found[key].plus(total)
    return _without_nothing(found)


def _without_nothing(found: Sums) -> Sums:
    return {key: total for key, total in found.items() if any(total)}
