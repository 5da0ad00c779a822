"""Movements and sums made anew from the facts, and what comes about by mere waiting."""

from collections.abc import Callable, Sequence
from datetime import date
from itertools import chain

import sqlalchemy as sa
from dateutil.relativedelta import relativedelta

from membership.books.models import Subscription
from membership.books.term_models import Term
from membership.clock import clock
from membership.extensions import db
from membership.gateway import gateway
from membership.history import sums, upkeep
from membership.history.models import DailySum, Movement, MovementKind, SumChange
from membership.history.movements import LONGEST_WAIT
from membership.patrons.models import Person

Progress = Callable[[str, int], None]

AT_ONCE = 500


def give_up() -> int:
    """Bring up those whose wait is over: Stripe says nothing of it. How many; commits."""
    overdue = sa.select(Subscription.person_id).where(
        Subscription.mode == gateway().mode,
        Subscription.ended_at.is_(None),
        Subscription.paid_until < clock.now() - LONGEST_WAIT,
    )
    return _bring_up_all(overdue)


def rebuild(progress: Progress = lambda what, done: None) -> None:
    """Make all movements anew from the facts, and all sums from the movements; commits.

    A batch of people, and a month of sums, at a time: the site runs meanwhile, and it can be
    stopped anywhere and run again.
    """
    everybody = sa.select(Term.person_id).where(Term.mode == gateway().mode)
    _bring_up_all(everybody, lambda done: progress("people", done))
    for number, month in enumerate(_months(), 1):
        _recount(month)
        db.session.commit()
        progress("months", number)


def _bring_up_all(
    people: sa.Select[int], progress: Callable[[int], None] = lambda done: None
) -> int:
    done = after = 0
    wanted = sa.select(Person.id).where(Person.id.in_(people)).order_by(Person.id).limit(AT_ONCE)
    while batch := db.session.scalars(wanted.where(Person.id > after)).all():
        upkeep.bring_up(batch)
        db.session.commit()
        done, after = done + len(batch), batch[-1]
        progress(done)
    return done


def _months() -> Sequence[date]:
    """The first days of the months in which anything moved, or is said to have."""
    days = sa.union(*(sa.select(table.day) for table in (Movement, SumChange, DailySum))).subquery()
    return sorted({day.replace(day=1) for day in db.session.scalars(sa.select(days.c.day))})


def _recount(month: date) -> None:
    """Nobody adds a movement meanwhile; on SQLite nobody can."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(sa.text("lock table movement in share mode"))
    until = month + relativedelta(months=1)
    its = sa.select(*sa.inspect(Movement).columns).where(
        Movement.day >= month, Movement.day < until
    )
    rows = db.session.execute(its.execution_options(yield_per=AT_ONCE))
    parts_of_all = chain.from_iterable(upkeep.parts(upkeep.values(row)) for row in rows)
    sums.replace([kind.value for kind in MovementKind], month, until, parts_of_all)
