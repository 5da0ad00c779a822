"""What follows from the facts, and all sums, made anew; and what comes about by mere waiting."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from itertools import chain
from typing import Any

import sqlalchemy as sa
from dateutil.relativedelta import relativedelta

from membership import days
from membership.books.models import FailedPayment, LedgerEntry, Settlement, Subscription
from membership.books.term_models import Term
from membership.clock import clock
from membership.extensions import Model, db
from membership.gateway import gateway
from membership.history import booked, sums, upkeep
from membership.history.derived import Derived
from membership.history.models import DailySum, Outcome, Recovery, SumChange
from membership.history.movements import LONGEST_WAIT
from membership.patrons.models import Person

Progress = Callable[[str, int], None]

AT_ONCE = 500
A_MONTH = relativedelta(months=1)
MONEY: tuple[type[Model], ...] = (LedgerEntry, Settlement)


def give_up() -> int:
    """Bring up those whose wait is over: Stripe says nothing of it. How many; commits."""
    mode, waited = gateway().mode, clock.now() - LONGEST_WAIT
    # Of one whose payments all went back nothing is paid for, and yet something was given.
    overdue = sa.select(Subscription.person_id).where(
        Subscription.mode == mode,
        Subscription.ended_at.is_(None),
        sa.or_(
            Subscription.paid_until < waited,
            sa.and_(
                Subscription.paid_until.is_(None),
                sa.exists().where(Term.subscription_id == Subscription.id),
            ),
        ),
    )
    given_up = sa.select(Recovery.stripe_invoice).where(Recovery.outcome == Outcome.lost)
    unpaid = sa.select(FailedPayment.person_id).where(
        FailedPayment.mode == mode,
        FailedPayment.recovered_at.is_(None),
        FailedPayment.failed_at < waited,
        FailedPayment.stripe_invoice.not_in(given_up),
    )
    return _bring_up_all(sa.union(overdue, unpaid))


def is_due() -> bool:
    """Whether the ledger has rows and no sum is kept of any: so it is after an upgrade from a
    program that kept none.
    """
    is_booked, is_summed, is_to_be_summed = (
        db.session.scalar(sa.select(sa.exists().where(column.is_not(None))))
        for column in (LedgerEntry.id, DailySum.day, SumChange.id)
    )
    return bool(is_booked) and not is_summed and not is_to_be_summed


def rebuild(progress: Progress = lambda what, done: None) -> None:
    """Make all that follows from the facts anew, and all sums; commits.

    A batch of people, and a month of sums, at a time: the site runs meanwhile, and it can be
    stopped anywhere and run again.
    """
    _bring_up_all(sa.select(Person.id), lambda done: progress("people", done))
    recount(progress)


def recount(progress: Progress = lambda what, done: None) -> None:
    """Make all sums anew from the rows that they are over; commits. A month at a time."""
    sums.fold()
    for done, month in enumerate(_months(), 1):
        for derived in upkeep.DERIVED:
            _recount(derived, month)
        for table in MONEY:
            _recount_money(table, month)
        progress("months", done)


def _bring_up_all(
    people: sa.Select[int] | sa.CompoundSelect[int],
    progress: Callable[[int], None] = lambda done: None,
) -> int:
    done = after = 0
    wanted = sa.select(Person.id).where(Person.id.in_(people)).order_by(Person.id).limit(AT_ONCE)
    while batch := db.session.scalars(wanted.where(Person.id > after)).all():
        upkeep.bring_up(batch)
        db.session.commit()
        done, after = done + len(batch), batch[-1]
        progress(done)
    return done


def _months() -> Iterator[date]:
    """The first days of all months from the first to the last in which anything is counted."""
    tables = [derived.table for derived in upkeep.DERIVED]
    columns = [sa.inspect(table).columns["day"] for table in (*tables, DailySum, SumChange)]
    edges = [
        day
        for column in columns
        for day in db.session.execute(sa.select(sa.func.min(column), sa.func.max(column))).one()
    ]
    for table in MONEY:
        when = booked.WHEN[table]
        moments = db.session.execute(sa.select(sa.func.min(when), sa.func.max(when))).one()
        edges += [days.of(moment) for moment in moments if moment]
    edges = [day for day in edges if day]
    month = min(edges).replace(day=1) if edges else date.max
    while edges and month <= max(edges):
        yield month
        month += A_MONTH


def _recount(derived: Derived[Any], month: date) -> None:
    _let_nobody_add(derived.table)
    until = month + A_MONTH
    rows = db.session.execute(derived.between(month, until).execution_options(yield_per=AT_ONCE))
    parts = chain.from_iterable(derived.parts(derived.of_row(row)) for row in rows)
    sums.replace(derived.figures, month, until, parts)
    db.session.commit()


def _recount_money(table: type[Model], month: date) -> None:
    _let_nobody_add(table)
    until = month + A_MONTH
    rows = (
        (table, dict(row._mapping))
        for number in range((until - month).days)
        for row in _booked_alike(table, month + timedelta(days=number))
    )
    sums.replace(booked.FIGURES_OF[table], month, until, booked.parts_of(rows))
    db.session.commit()


def _booked_alike(table: type[Model], day: date) -> Iterable[sa.Row[Any]]:
    bounds = {"since": days.begin(day), "until": days.end(day)}
    return db.session.connection().execute(booked.ALIKE[table], bounds)


def _let_nobody_add(table: type[Model]) -> None:
    """Nor another of us. One table in a transaction: a deadlock needs two. On SQLite nobody can."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(sa.text(f"lock table {table.__tablename__} in share row exclusive mode"))
