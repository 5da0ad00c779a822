"""Membership periods: who may vote, from when to when (docs/architecture.md, "Membership")."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app

from config import Mode
from membership.clock import clock
from membership.extensions import db, insert_once
from membership.patrons.models import MembershipKind, MembershipPeriod, Person


def grace() -> timedelta:
    return timedelta(days=current_app.config["GRACE_DAYS"])


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
        MembershipPeriod.mode == Mode(current_app.config["MODE"]),
        MembershipPeriod.starts_at <= at,
        sa.or_(MembershipPeriod.ends_at.is_(None), MembershipPeriod.ends_at > at),
    )


def members(at: datetime | None = None) -> sa.Select[int]:
    """Selects the ids of all members at `at` (UTC, default now), each once."""
    return sa.select(MembershipPeriod.person_id).where(*current(at)).distinct()


def pay(person: Person, *, source: str, since: datetime, until: datetime) -> None:
    """Bring the patron's period from `source` up to what is paid.

    `since` is the start of what was paid for, `until` its end (UTC). The membership holds
    for the grace after `until`, in case the next renewal takes a while. Paying for the same
    again changes nothing, and a late word of an earlier payment takes nothing away.
    """
    insert_once(
        MembershipPeriod,
        ["source"],
        {
            "person_id": person.id,
            "kind": MembershipKind.patron,
            "source": source,
            "mode": Mode(current_app.config["MODE"]),
            "starts_at": since,
            "paid_until": until,
            "ends_at": until + grace(),
        },
    )
    period = _locked(source)
    assert period is not None and period.paid_until is not None
    period.starts_at = min(period.starts_at, since)
    if until > period.paid_until:
        period.paid_until, period.ends_at = until, until + grace()


def end(*, source: str, ended: datetime) -> None:
    """The subscription behind `source` ended at `ended` (UTC).

    What was paid for is kept to its end; of the grace, only the part that had passed.
    """
    period = _locked(source)
    if period is None or period.paid_until is None:
        return
    period.ends_at = max(period.paid_until, min(period.paid_until + grace(), ended))


def _locked(source: str) -> MembershipPeriod | None:
    return db.session.scalar(
        sa.select(MembershipPeriod).where(MembershipPeriod.source == source).with_for_update()
    )
