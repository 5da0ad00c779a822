"""The list of people: who is meant by it, what each gives and until when they are a member."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from config import Mode
from membership.books.models import Interval, Subscription
from membership.clock import clock
from membership.extensions import db
from membership.money import Money
from membership.patrons import consent
from membership.patrons.models import MembershipPeriod, Person
from membership.staff.people import filters, search
from membership.staff.people.filters import Wanted

AT_ONCE = 500
MOST_COUNTED = 5_000


@dataclass(frozen=True)
class Row:
    """`gives` is what the latest subscription is for, `until` when the membership ends, and since
    `agreed_at` they may be written to (UTC).
    """

    person_id: int
    name: str | None
    email: str
    language: str
    since: datetime
    gives: Money | None
    interval: Interval | None
    interval_count: int
    status: str | None
    is_member: bool
    until: datetime | None
    agreed_at: datetime | None


def listed(
    mode: Mode, wanted: Wanted, *, limit: int, offset: int = 0, are_many: bool = False
) -> list[Row]:
    """The latest first; a fixed number of queries. The same whether they `are_many` or not, but
    sooner where that is known.
    """
    chosen, number = _chosen(mode, wanted, sa.select(Person), are_many=are_many)
    found = chosen.order_by(number.desc()).limit(limit).offset(offset)
    return _rows(mode, db.session.scalars(found).all())


def every(mode: Mode, wanted: Wanted) -> Iterator[Row]:
    """All of them as they are read, so many in memory at a time; the latest first."""
    chosen, number = _chosen(mode, wanted, sa.select(Person))
    batch = chosen.order_by(number.desc()).limit(AT_ONCE)
    people = db.session.scalars(batch).all()
    while people:
        yield from _rows(mode, people)
        people = db.session.scalars(batch.where(number < people[-1].id)).all()


def counted(mode: Mode, wanted: Wanted) -> int:
    """How many, up to one more than MOST_COUNTED: to count on would take long and say little."""
    chosen, _number = _chosen(mode, wanted, sa.select(Person.id))
    some = chosen.limit(MOST_COUNTED + 1).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(some)) or 0


def _chosen(
    mode: Mode, wanted: Wanted, people: search.Chosen, *, are_many: bool = False
) -> tuple[search.Chosen, sa.ColumnElement[int]]:
    """Those who are meant, and by what number to sort them."""
    narrowed = people.where(*filters.conditions(mode, wanted))
    return search.found(narrowed, wanted.words, are_many=are_many)


def _rows(mode: Mode, people: Sequence[Person]) -> list[Row]:
    ids = [person.id for person in people]
    subscriptions = _latest_subscriptions(mode, ids)
    ends = _membership_ends(mode, ids)
    agreed = consent.standing(ids)
    return [
        _row(person, subscriptions.get(person.id), ends.get(person.id), agreed.get(person.id))
        for person in people
    ]


def _row(
    person: Person,
    given: Subscription | None,
    until: datetime | None,
    agreed_at: datetime | None,
) -> Row:
    return Row(
        person_id=person.id,
        name=person.name,
        email=person.email,
        language=person.language,
        since=person.created_at,
        gives=given.money if given else None,
        interval=given.interval if given else None,
        interval_count=given.interval_count if given else 1,
        status=given.status if given else None,
        is_member=until is not None and until > clock.now(),
        until=until,
        agreed_at=agreed_at,
    )


def _latest_subscriptions(mode: Mode, ids: Sequence[int]) -> dict[int, Subscription]:
    """The mode is looked at here: SQLite would seek by it, and nearly all rows have the same."""
    rows = db.session.scalars(
        sa.select(Subscription)
        .where(Subscription.person_id.in_(ids))
        .order_by(Subscription.started_at)
    )
    return {row.person_id: row for row in rows if row.mode == mode}


def _membership_ends(mode: Mode, ids: Sequence[int]) -> dict[int, datetime]:
    """The mode as above."""
    rows = db.session.execute(
        sa.select(
            MembershipPeriod.person_id,
            MembershipPeriod.mode,
            sa.func.max(MembershipPeriod.ends_at),
        )
        .where(MembershipPeriod.person_id.in_(ids))
        .group_by(MembershipPeriod.person_id, MembershipPeriod.mode)
    )
    return {person_id: ends for person_id, its, ends in rows if its == mode and ends is not None}
