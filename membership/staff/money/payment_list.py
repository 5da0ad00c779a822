"""The ledger as a list that can be narrowed, and what the narrowed list comes to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from config import Mode
from membership.books.models import Donation, EntryKind, LedgerEntry, Subscription
from membership.books.payment_names import Named
from membership.extensions import db
from membership.money import Money
from membership.patrons.models import Person
from membership.staff.people import search

AT_ONCE = 1000
MOST_SUMMED = 10_000
UNASKED = tuple(kind for kind in EntryKind if kind is not EntryKind.fee)
"""What is listed unless kinds are asked for: fees would double the list."""


class Coming(StrEnum):
    """How money came through Stripe: by a subscription, by one that went on, or by itself."""

    recurring = "recurring"
    renewal = "renewal"
    once = "once"


CAME: dict[Coming, sa.ColumnElement[bool]] = {
    Coming.recurring: LedgerEntry.subscription_id.is_not(None),
    Coming.renewal: LedgerEntry.is_renewal.is_(True),
    Coming.once: sa.and_(
        LedgerEntry.subscription_id.is_(None), LedgerEntry.kind != EntryKind.offline
    ),
}


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed to. Moments are UTC, amounts minor units, whichever way they went."""

    kinds: Sequence[EntryKind] = UNASKED
    way: Coming | None = None
    since: datetime | None = None
    until: datetime | None = None
    currency: str | None = None
    least: int | None = None
    most: int | None = None
    who: str = ""
    person_id: int | None = None
    named: Named | None = None


@dataclass(frozen=True)
class Sum:
    """What some rows of one currency come to."""

    rows: int
    paid_in: Money
    paid_out: Money

    @property
    def left(self) -> Money:
        return self.paid_in + self.paid_out


def latest(mode: Mode, *, limit: int) -> Sequence[LedgerEntry]:
    return listed(mode, Wanted(), limit=limit)


def listed(mode: Mode, wanted: Wanted, *, limit: int, offset: int = 0) -> Sequence[LedgerEntry]:
    """The latest first, each with its person; one query."""
    return db.session.scalars(
        sa.select(LedgerEntry)
        .where(*_conditions(mode, wanted))
        .options(joinedload(LedgerEntry.person))
        .order_by(LedgerEntry.occurred_at.desc(), LedgerEntry.id.desc())
        .limit(limit)
        .offset(offset)
    ).all()


def sums(mode: Mode, wanted: Wanted) -> dict[str, Sum] | None:
    """What it comes to by currency; None of more rows than can be added up while somebody waits."""
    first = (
        sa.select(LedgerEntry.currency, LedgerEntry.amount)
        .where(*_conditions(mode, wanted))
        .limit(MOST_SUMMED + 1)
        .subquery()
    )
    rows = db.session.execute(
        sa.select(
            first.c.currency,
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(first.c.amount).filter(first.c.amount > 0), 0),
            sa.func.coalesce(sa.func.sum(first.c.amount).filter(first.c.amount < 0), 0),
        )
        .group_by(first.c.currency)
        .order_by(first.c.currency)
    ).all()
    if sum(count for _code, count, _in, _out in rows) > MOST_SUMMED:
        return None
    return {
        code: Sum(count, Money(int(paid_in), code), Money(int(paid_out), code))
        for code, count, paid_in, paid_out in rows
    }


def every(mode: Mode, wanted: Wanted) -> Iterator[Any]:
    """All of them as they are read, the latest first, as columns and not as objects.

    No more than AT_ONCE are in memory at a time: the database keeps the rest.
    """
    charge = sa.orm.aliased(LedgerEntry)
    yield from db.session.execute(
        sa.select(
            LedgerEntry.occurred_at,
            LedgerEntry.kind,
            Person.name,
            Person.email,
            LedgerEntry.amount,
            LedgerEntry.currency,
            LedgerEntry.stripe_source,
            charge.stripe_source.label("takes_from"),
            Subscription.stripe_id.label("subscription"),
            Donation.public_id.label("donation"),
            LedgerEntry.note,
        )
        .join(Person, Person.id == LedgerEntry.person_id)
        .outerjoin(charge, charge.id == LedgerEntry.parent_id)
        .outerjoin(Subscription, Subscription.id == LedgerEntry.subscription_id)
        .outerjoin(Donation, Donation.id == LedgerEntry.donation_id)
        .where(*_conditions(mode, wanted))
        .order_by(LedgerEntry.occurred_at.desc(), LedgerEntry.id.desc())
        .execution_options(yield_per=AT_ONCE)
    )


def _conditions(mode: Mode, wanted: Wanted) -> Iterator[sa.ColumnElement[bool]]:
    yield LedgerEntry.mode == mode
    yield LedgerEntry.kind.in_(wanted.kinds)
    if wanted.way is not None:
        yield CAME[wanted.way]
    if wanted.since is not None:
        yield LedgerEntry.occurred_at >= wanted.since
    if wanted.until is not None:
        yield LedgerEntry.occurred_at < wanted.until
    if wanted.currency is not None:
        yield LedgerEntry.currency == wanted.currency
    if wanted.least is not None or wanted.most is not None:
        yield _of_size(wanted.least, wanted.most)
    if wanted.person_id is not None:
        yield LedgerEntry.person_id == wanted.person_id
    if wanted.who:
        people, _order = search.found(sa.select(Person.id), wanted.who)
        yield LedgerEntry.person_id.in_(people)
    if wanted.named is not None:
        yield wanted.named.rows


def _of_size(least: int | None, most: int | None) -> sa.ColumnElement[bool]:
    """Between the two, in or out; written so that an index of amounts can be used."""
    least = least or 0
    if most is None:
        return sa.or_(LedgerEntry.amount >= least, LedgerEntry.amount <= -least)
    return sa.or_(
        LedgerEntry.amount.between(least, most), LedgerEntry.amount.between(-most, -least)
    )
