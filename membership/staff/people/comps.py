"""Membership that the newsroom gives away for a time, such as to a source or a helper."""

import sqlalchemy as sa
from dateutil.relativedelta import relativedelta

from membership.books import turns
from membership.clock import clock
from membership.extensions import db, settings
from membership.patrons import memberships
from membership.patrons.memberships import Paid
from membership.patrons.models import MembershipKind, MembershipPeriod, Person
from membership.staff import audit

LONGEST_MONTHS = 36


class NotComped(LookupError):
    """There is no such membership of this person that holds now."""


def give(person: Person, *, months: int, why: str, key: str, by: Person) -> None:
    """Make somebody a member from now for so many `months`. Commits.

    `key` names the form, so that sending it twice gives it once.
    """
    source = f"comp:{key}"
    turns.take(source)
    known = sa.select(MembershipPeriod.id).where(MembershipPeriod.source == source)
    if db.session.scalar(known) is None:
        now = clock.now()
        until = now + relativedelta(months=months)
        _lay(person.id, source, Paid(now, until))
        audit.note("comp", f"{person.email}, {months} months: {why}"[:300], by=by)
    db.session.commit()


def take_back(person: Person, period_id: int, *, by: Person) -> None:
    """End now what was given away. Raises NotComped. Commits."""
    period = db.session.scalar(
        sa.select(MembershipPeriod)
        .where(
            MembershipPeriod.id == period_id,
            MembershipPeriod.person_id == person.id,
            MembershipPeriod.kind == MembershipKind.comped,
            MembershipPeriod.mode == settings.mode,
            MembershipPeriod.ends_at > clock.now(),
        )
        .with_for_update()
    )
    if period is None or period.ends_at is None:
        raise NotComped
    undone = Paid(period.starts_at, period.ends_at, undone_at=clock.now())
    _lay(person.id, period.source, undone)
    audit.note("take back comp", person.email, by=by)
    db.session.commit()


def _lay(person_id: int, source: str, paid: Paid) -> None:
    memberships.lay(
        person_id, source=source, paid=[paid], ended=paid.until, kind=MembershipKind.comped
    )
