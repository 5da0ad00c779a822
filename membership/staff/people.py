"""The list of people: what each gives and until when they are a member."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from config import Mode
from membership.books.models import Interval, Subscription
from membership.clock import clock
from membership.extensions import db
from membership.money import Money
from membership.patrons.models import MembershipPeriod, Person


@dataclass(frozen=True)
class Row:
    """`gives` is what the latest subscription is for, `until` when the membership ends (UTC)."""

    person_id: int
    name: str | None
    email: str
    since: datetime
    gives: Money | None
    interval: Interval | None
    interval_count: int
    status: str | None
    is_member: bool
    until: datetime | None


def listed(mode: Mode, wanted: str, *, limit: int, offset: int) -> list[Row]:
    """People whose name or address contains `wanted`, the latest first; three queries."""
    found = sa.select(Person).order_by(Person.created_at.desc(), Person.id.desc())
    if wanted:
        found = found.where(
            sa.or_(
                Person.email.icontains(wanted, autoescape=True),
                Person.name.icontains(wanted, autoescape=True),
            )
        )
    people = db.session.scalars(found.limit(limit).offset(offset)).all()
    ids = [person.id for person in people]
    subscriptions = _latest_subscriptions(mode, ids)
    ends = _membership_ends(mode, ids)
    return [_row(person, subscriptions.get(person.id), ends.get(person.id)) for person in people]


def _row(person: Person, given: Subscription | None, until: datetime | None) -> Row:
    return Row(
        person_id=person.id,
        name=person.name,
        email=person.email,
        since=person.created_at,
        gives=given.money if given else None,
        interval=given.interval if given else None,
        interval_count=given.interval_count if given else 1,
        status=given.status if given else None,
        is_member=until is not None and until > clock.now(),
        until=until,
    )


def _latest_subscriptions(mode: Mode, ids: Sequence[int]) -> dict[int, Subscription]:
    rows = db.session.scalars(
        sa.select(Subscription)
        .where(Subscription.person_id.in_(ids), Subscription.mode == mode)
        .order_by(Subscription.started_at)
    )
    return {row.person_id: row for row in rows}


def _membership_ends(mode: Mode, ids: Sequence[int]) -> dict[int, datetime]:
    rows = db.session.execute(
        sa.select(MembershipPeriod.person_id, sa.func.max(MembershipPeriod.ends_at))
        .where(MembershipPeriod.person_id.in_(ids), MembershipPeriod.mode == mode)
        .group_by(MembershipPeriod.person_id)
    )
    return {person_id: ends for person_id, ends in rows if ends is not None}
