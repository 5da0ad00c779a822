"""Taking out again what was taken in of an account, as long as nothing else has touched it."""

import time
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from membership.books.models import Subscription
from membership.extensions import Model, db, settings
from membership.gateway import gateway
from membership.history import letting_go, upkeep
from membership.inbox import account
from membership.patrons.models import Person
from membership.patrons.touched import touch
from membership.settings import current
from membership.staff.account import matching

FOLLOWS = {derived.table.__tablename__ for derived in upkeep.DERIVED}
"""Tables of what is worked out from facts: it goes with them."""


def undo() -> int:
    """Let go of each subscription that came by what was matched, unless its giver has anything else
    here by now; how many. Whoever is left with nothing is forgotten.

    Commits after each page of Stripe's list; can be stopped anywhere and run again. Raises
    StripeDown, StripeRefused.
    """
    time.sleep(current.EVERYBODY_KNOWS)
    tiers = matching.chosen().matched.tiers
    gone = 0
    for page in gateway().subscriptions():
        said = [read.said["id"] for read in page if account.sold_as(read.said, tiers)]
        gone += _undo(said)
        db.session.commit()
    return gone


def _undo(stripe_ids: Sequence[str]) -> int:
    came = db.session.scalars(
        sa.select(Subscription)
        .where(
            Subscription.stripe_id.in_(stripe_ids),
            Subscription.mode == settings.mode,
            Subscription.donation_id.is_(None),
        )
        .order_by(Subscription.id)
        .with_for_update()
    ).all()
    touched = _touched({one.person_id for one in came}, {one.id for one in came})
    going = [one for one in came if one.person_id not in touched]
    people = {one.person_id for one in going}
    letting_go.let_go(going)
    _forget(people)
    return len(going)


def _touched(people: set[int], subscriptions: set[int]) -> set[int]:
    """Those of whom there is anything that these subscriptions did not bring."""
    own = [table.__tablename__ for table in letting_go.OF_A_SUBSCRIPTION]
    own += [table.__tablename__ for table in letting_go.BESIDE_IT]
    names = sa.select(Subscription.stripe_id).where(Subscription.id.in_(subscriptions))
    others: list[sa.Select[int]] = []
    for table, column in _hanging():
        wanted = sa.select(column).where(column.in_(people))
        if table.name == "subscription":
            others.append(wanted.where(table.c.id.not_in(subscriptions)))
        elif "subscription_id" in table.c and table.name in own:
            its = table.c.subscription_id
            others.append(wanted.where(sa.or_(its.is_(None), its.not_in(subscriptions))))
        elif table.name == "membership_period":
            others.append(wanted.where(table.c.source.not_in(names)))
        elif table.name not in own:
            others.append(wanted)
    return set(db.session.scalars(sa.union(*others)))


def _forget(people: Iterable[int]) -> None:
    """Those of whom nothing is left at all."""
    wanted = set(people)
    left = [sa.select(column).where(column.in_(wanted)) for _table, column in _hanging()]
    known = set(db.session.scalars(sa.union(*left)))
    db.session.execute(
        sa.delete(Person)
        .where(Person.id.in_(wanted - known))
        .execution_options(synchronize_session=False)
    )
    for person in known & wanted:
        touch(person)


def _hanging() -> list[tuple[sa.Table, sa.Column[int]]]:
    """Every column there is that names a person, but those of what follows from facts."""
    return [
        (table, column)
        for table in Model.metadata.sorted_tables
        if table.name not in FOLLOWS
        for column in table.columns
        if any(key.column.table.name == "person" for key in column.foreign_keys)
    ]
