"""What the desk's page of a person says before their story: what they give, what it came to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from config import Mode
from membership import days
from membership.books.models import EntryKind, LedgerEntry, Subscription
from membership.clock import clock
from membership.extensions import db
from membership.money import Money
from membership.patrons import addresses, consent, memberships, sign_in
from membership.patrons.consent_models import LetterConsent
from membership.patrons.models import (
    AddressChange,
    MembershipKind,
    MembershipPeriod,
    Person,
)
from membership.staff import audit
from membership.staff.models import Joining, PersonNote
from membership.staff.people import joining

SHOWN = 20


@dataclass(frozen=True)
class Sums:
    """What somebody gave in one currency, refunds and what a bank took back off; fees aside."""

    all: Money
    this_year: Money


@dataclass(frozen=True)
class Known:
    """`since` (UTC) is the first money or membership. `comps` are given by staff and hold now.

    `change` is another address that waits to be confirmed, `joinings` are who is one with them.
    """

    person: Person
    since: datetime | None
    subscriptions: Sequence[Subscription]
    period: MembershipPeriod | None
    comps: Sequence[MembershipPeriod]
    sums: Sequence[Sums]
    change: AddressChange | None
    joinings: Sequence[Joining]
    consent: LetterConsent | None


def find(person_id: int) -> Person | None:
    return db.session.get(Person, person_id)


def known(mode: Mode, person: Person) -> Known:
    """In a fixed number of queries."""
    return Known(
        person,
        _since(mode, person),
        _subscriptions(mode, person),
        memberships.current_period(person),
        _comps(person),
        _sums(mode, person),
        addresses.waiting(person),
        joining.standing(person),
        consent.of(person),
    )


def note(person: Person, text: str, *, by: Person) -> None:
    """Write something down about somebody. Commits."""
    db.session.add(PersonNote(person_id=person.id, at=clock.now(), by_id=by.id, text=text))
    audit.note("note", person.email, by=by)
    db.session.commit()


def send_link(person: Person, *, by: Person) -> None:
    """Write a sign-in link to somebody's own address. Commits."""
    sign_in.send_link(person.email)
    audit.note("send link", person.email, by=by)
    db.session.commit()


def rename(person: Person, name: str | None, *, by: Person) -> None:
    """Commits."""
    audit.note("name", f"{person.email}: {person.name or '-'} → {name or '-'}"[:300], by=by)
    person.name = name
    db.session.commit()


def ask_for_address(person: Person, address: str, *, by: Person) -> None:
    """Write to the old and the new address. Raises NotAnAddress, AddressTaken. Commits."""
    addresses.ask(person, address)
    audit.note("address", f"{person.email} → {address}"[:300], by=by)
    db.session.commit()


def _since(mode: Mode, person: Person) -> datetime | None:
    """By the ledger or by a membership, whichever is older."""
    paid = sa.select(sa.func.min(LedgerEntry.occurred_at).label("at")).where(
        LedgerEntry.person_id == person.id, LedgerEntry.mode == mode
    )
    member = sa.select(sa.func.min(MembershipPeriod.starts_at).label("at")).where(
        MembershipPeriod.person_id == person.id, MembershipPeriod.mode == mode
    )
    both = sa.union_all(paid, member).subquery()
    first: datetime | None = db.session.scalar(sa.select(sa.func.min(both.c.at)))
    return first


def _subscriptions(mode: Mode, person: Person) -> Sequence[Subscription]:
    """Those that run first, then the latest."""
    return db.session.scalars(
        sa.select(Subscription)
        .where(Subscription.person_id == person.id, Subscription.mode == mode)
        .options(joinedload(Subscription.tier))
        .order_by(Subscription.ended_at.is_not(None), Subscription.started_at.desc())
        .limit(SHOWN)
    ).all()


def _comps(person: Person) -> Sequence[MembershipPeriod]:
    return db.session.scalars(
        sa.select(MembershipPeriod)
        .where(
            MembershipPeriod.person_id == person.id,
            MembershipPeriod.kind == MembershipKind.comped,
            *memberships.current(),
        )
        .order_by(MembershipPeriod.id)
        .limit(SHOWN)
    ).all()


def _sums(mode: Mode, person: Person) -> Sequence[Sums]:
    """The year is that of the newsroom's time zone."""
    begins = days.begin(days.today().replace(month=1, day=1))
    amount = LedgerEntry.amount
    rows = db.session.execute(
        sa.select(
            LedgerEntry.currency,
            sa.func.sum(amount),
            sa.func.sum(sa.case((LedgerEntry.occurred_at >= begins, amount), else_=0)),
        )
        .where(
            LedgerEntry.person_id == person.id,
            LedgerEntry.mode == mode,
            LedgerEntry.kind != EntryKind.fee,
        )
        .group_by(LedgerEntry.currency)
        .order_by(LedgerEntry.currency)
    )
    return [
        Sums(Money(int(whole), currency), Money(int(year_so_far), currency))
        for currency, whole, year_so_far in rows
    ]
