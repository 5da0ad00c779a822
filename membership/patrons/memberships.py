"""Membership periods: who may vote, from when to when (docs/architecture.md, "Membership")."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from membership.clock import clock
from membership.extensions import db, settings
from membership.patrons.models import MembershipKind, MembershipPeriod, Person
from membership.patrons.touched import Told, touch

PERIODS = sa.select(MembershipPeriod).where(MembershipPeriod.source == sa.bindparam("source"))

Stretch = tuple[datetime, datetime | None, datetime]


@dataclass(frozen=True)
class Paid:
    """A payment's span (UTC), and when the money went back, if it did."""

    since: datetime
    until: datetime
    undone_at: datetime | None = None


def grace() -> timedelta:
    return timedelta(days=settings.grace_days)


def is_member(person: Person, *, at: datetime | None = None) -> bool:
    return current_period(person, at=at) is not None


def current_period(person: Person, *, at: datetime | None = None) -> MembershipPeriod | None:
    """The period that makes `person` a member at `at` (UTC, default now), the longest first."""
    return db.session.scalar(
        sa.select(MembershipPeriod)
        .where(MembershipPeriod.person_id == person.id, *current(at))
        .order_by(MembershipPeriod.ends_at.is_(None).desc(), MembershipPeriod.ends_at.desc())
        .limit(1)
    )


def current(at: datetime | None = None) -> tuple[sa.ColumnElement[bool], ...]:
    """Conditions for the periods that hold at `at` (UTC, default now) in this mode."""
    at = at or clock.now()
    return (
        MembershipPeriod.mode == settings.mode,
        MembershipPeriod.starts_at <= at,
        sa.or_(MembershipPeriod.ends_at.is_(None), MembershipPeriod.ends_at > at),
    )


def members(at: datetime | None = None) -> sa.Select[int]:
    """Selects the ids of all members at `at` (UTC, default now), each once."""
    return sa.select(MembershipPeriod.person_id).where(*current(at)).distinct()


def voters(at: datetime | None = None) -> sa.Select[int]:
    """Selects the ids of all who may vote at `at` (UTC, default now), each once.

    A membership that rests on a disputed payment is not settled. Which kinds beside patrons
    vote is a setting.
    """
    return (
        sa.select(MembershipPeriod.person_id)
        .where(
            *current(at),
            MembershipPeriod.contested.is_(False),
            MembershipPeriod.kind.in_([MembershipKind.patron, *settings.voting_kinds]),
        )
        .distinct()
    )


def may_vote(person: Person, *, at: datetime | None = None) -> bool:
    wanted = voters(at).where(MembershipPeriod.person_id == person.id)
    return db.session.scalar(wanted.limit(1)) is not None


def lay(
    person_id: int,
    *,
    source: str,
    paid: Iterable[Paid],
    ended: datetime | None = None,
    contested: bool = False,
    kind: MembershipKind = MembershipKind.patron,
) -> None:
    """Make the periods from `source` those that `paid` gives, whatever they were before.

    The caller holds a lock on the source. `ended` (UTC) is when the source gave up paying;
    `contested` says that one of its payments is disputed.
    """
    known = {period.number: period for period in db.session.scalars(PERIODS, {"source": source})}
    wanted = stretches(paid, ended)
    for number, (starts, paid_until, ends) in enumerate(wanted, 1):
        period = known.pop(number, None)
        if period is None:
            period = MembershipPeriod(
                person_id=person_id,
                kind=kind,
                source=source,
                number=number,
                mode=settings.mode,
            )
            db.session.add(period)
        period.starts_at, period.paid_until, period.ends_at = starts, paid_until, ends
        period.contested = contested
    for superfluous in known.values():
        db.session.delete(superfluous)
    db.session.flush()
    touch(person_id, Told.given)


def stretches(paid: Iterable[Paid], ended: datetime | None) -> list[Stretch]:
    """What `paid` gives, each stretch as its start, what it is paid until, and its end (UTC).

    Stretches without a gap between them become one. Where all that a payment paid for went back,
    nothing is paid.
    """
    joined: list[Stretch] = []
    for one in sorted(paid, key=lambda one: (one.since, one.until)):
        ends = _end(one, ended)
        until = None if one.undone_at else one.until
        if joined and one.since <= joined[-1][2]:
            starts, paid_until, so_far = joined[-1]
            ends, until = max(ends, so_far), max(filter(None, (until, paid_until)), default=None)
            joined[-1] = (starts, until, ends)
        else:
            joined.append((one.since, until, max(ends, one.since)))
    return joined


def _end(paid: Paid, ended: datetime | None) -> datetime:
    """What was paid for holds to its end; of the grace after it, the part until `ended`."""
    ends = paid.until + grace()
    if ended is not None:
        ends = max(paid.until, min(ends, ended))
    return min(ends, paid.undone_at) if paid.undone_at else ends
