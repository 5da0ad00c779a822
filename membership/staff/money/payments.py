"""Staff's acts on money: giving back, and entering what came outside Stripe."""

from datetime import datetime

import sqlalchemy as sa

from config import Mode
from membership.books import offline, refunds
from membership.books.models import LedgerEntry
from membership.extensions import db
from membership.money import Money
from membership.patrons import people
from membership.patrons.models import Person
from membership.staff import audit


def find(mode: Mode, entry_id: int) -> LedgerEntry | None:
    return db.session.scalar(
        sa.select(LedgerEntry).where(LedgerEntry.id == entry_id, LedgerEntry.mode == mode)
    )


def give_back(charge: LedgerEntry, money: Money, *, key: str, by: Person) -> None:
    """Refund and note who did it. Raises what `refunds.give_back` does. Commits."""
    refunds.give_back(charge, money, key=key)
    audit.note("refund", f"{money.major} {money.currency} of {charge.stripe_source}", by=by)
    db.session.commit()


def enter_offline(
    address: str,
    name: str | None,
    money: Money,
    *,
    received_at: datetime,
    months: int,
    note: str,
    key: str,
    by: Person,
) -> None:
    """Book an offline gift of whoever has this address, and note who did it. Commits."""
    giver = people.ensure(address, name=name)
    offline.enter(giver, money, received_at=received_at, months=months, note=note, key=key)
    audit.note("offline", f"{money.major} {money.currency} from {giver.email}", by=by)
    db.session.commit()


def take_back_offline(entry: LedgerEntry, *, by: Person) -> None:
    """Raises AlreadyTakenBack. Commits."""
    offline.take_back(entry)
    audit.note("take back", f"{entry.money.major} {entry.currency} of {entry.person.email}", by=by)
    db.session.commit()
