"""Gifts that came outside Stripe, by bank transfer or in cash, as staff enter them."""

import secrets
from datetime import datetime

from dateutil.relativedelta import relativedelta

from membership.books import ledger
from membership.books.models import EntryKind, LedgerEntry
from membership.clock import clock
from membership.money import Money
from membership.patrons import memberships
from membership.patrons.memberships import Paid
from membership.patrons.models import MembershipKind, Person


class AlreadyTakenBack(ValueError):
    """This entry was corrected before, or is no offline gift."""


def enter(
    giver: Person, money: Money, *, received_at: datetime, months: int, note: str, key: str
) -> bool:
    """Book a gift and, for `months` above zero, a membership from `received_at` (UTC) on.

    `key` names the form, so that sending it twice enters it once; False if it was entered before,
    perhaps as somebody else's.
    """
    source = f"offline:{key}"
    until = received_at + relativedelta(months=months)
    covers = {"covers_from": received_at, "covers_until": until} if months else {}
    if not ledger.book(
        EntryKind.offline, source, giver.id, money, received_at, note=note or None, **covers
    ):
        return False
    if months:
        memberships.lay(
            giver.id,
            source=source,
            paid=[Paid(received_at, until)],
            ended=until,
            kind=MembershipKind.offline,
        )
    return True


def take_back(entry: LedgerEntry) -> None:
    """Correct a wrong entry: a row against it, and its membership ends now.

    Raises AlreadyTakenBack.
    """
    now = clock.now()
    if entry.kind is not EntryKind.offline or entry.parent_id is not None:
        raise AlreadyTakenBack
    back = Money(-entry.amount, entry.currency)
    source = f"{entry.stripe_source}:back"
    if not ledger.book_against(entry, EntryKind.offline, source, back, now):
        raise AlreadyTakenBack
    if entry.covers_from is not None and entry.covers_until is not None:
        memberships.lay(
            entry.person_id,
            source=entry.stripe_source,
            paid=[Paid(entry.covers_from, entry.covers_until, undone_at=now)],
            ended=entry.covers_until,
            kind=MembershipKind.offline,
        )


def new_key() -> str:
    return secrets.token_hex(16)
