"""Taking out again what was taken in of an account, as long as nothing else has touched it."""

import time
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from membership.books import turns
from membership.books.models import Subscription
from membership.books.sync import sold_in
from membership.clock import clock
from membership.extensions import db, settings
from membership.gateway import gateway
from membership.history import letting_go
from membership.patrons.models import Person
from membership.settings import current
from membership.staff import audit
from membership.staff.account import matching
from membership.staff.people.hanging import hanging

AT_ONCE = 100


def undo() -> int:
    """Let go of each subscription that came by what was ever matched, unless its giver has anything
    else here by now; how many. Whoever came by it and is left with nothing is forgotten.

    Commits for some givers at a time; can be stopped anywhere and run again. Raises StripeDown,
    StripeRefused.
    """
    time.sleep(current.EVERYBODY_KNOWS)
    matched = matching.ever_on()
    came = {
        read.said["id"]
        for page in gateway().subscriptions()
        for read in page
        if any(one.price in matched or one.product in matched for one in sold_in(read.said))
    }
    since, gone, after = min(matched.values(), default=clock.now()), 0, 0
    while people := db.session.scalars(_givers(after)).all():
        gone += _undo(people, came, since)
        after = people[-1]
    audit.note("took the account out", f"{gone} × {settings.mode.value}", by=None)
    db.session.commit()
    return gone


def _givers(after: int) -> sa.Select[int]:
    """Who has a subscription that was not made here."""
    return (
        sa.select(Subscription.person_id)
        .where(
            Subscription.mode == settings.mode,
            Subscription.donation_id.is_(None),
            Subscription.person_id > after,
        )
        .distinct()
        .order_by(Subscription.person_id)
        .limit(AT_ONCE)
    )


def _undo(people: Sequence[int], came: set[str], since: datetime) -> int:
    turns.take(turns.MANY)
    found = db.session.scalars(
        sa.select(Subscription)
        .where(
            Subscription.person_id.in_(people),
            Subscription.mode == settings.mode,
            Subscription.donation_id.is_(None),
        )
        .order_by(Subscription.id)
        .with_for_update()
    )
    its = [one for one in found if one.stripe_id in came]
    touched = _touched({one.person_id for one in its}, {one.id for one in its})
    going = [one for one in its if one.person_id not in touched]
    letting_go.let_go(going)
    _forget({one.person_id for one in going}, since)
    db.session.commit()
    return len(going)


def _touched(people: set[int], subscriptions: set[int]) -> set[int]:
    """Those of whom there is anything that these subscriptions did not bring."""
    own = [table.__tablename__ for table in letting_go.OF_A_SUBSCRIPTION]
    own += [table.__tablename__ for table in letting_go.BESIDE_IT]
    names = sa.select(Subscription.stripe_id).where(Subscription.id.in_(subscriptions))
    others: list[sa.Select[int]] = []
    for table, column in hanging():
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


def _forget(people: set[int], since: datetime) -> None:
    """Those whom it brought, who changed nothing of themselves, and of whom nothing is left."""
    left = [sa.select(column).where(column.in_(people)) for _table, column in hanging()]
    known = set(db.session.scalars(sa.union(*left)))
    db.session.execute(
        sa.delete(Person)
        .where(
            Person.id.in_(people - known),
            Person.created_at >= since,
            Person.active,
            Person.wants_vote_mail,
            Person.joined_into_id.is_(None),
        )
        .execution_options(synchronize_session=False)
    )
