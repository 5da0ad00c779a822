"""Who gave more than a sum in some days and agreed to be named in public: nobody else is here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from config import Mode
from membership.books.models import EntryKind, LedgerEntry
from membership.listing import Listing
from membership.money import Money
from membership.patrons.naming_models import NamingConsent


@dataclass(frozen=True)
class Donor:
    """`name` is the one to be named by, `given` what they gave less what went back."""

    person_id: int
    name: str
    given: Money
    agreed_at: datetime
    text_version: str


def listing(
    mode: Mode, least: Money, since: datetime | None, until: datetime | None
) -> Listing[Donor]:
    """Those who gave `least` or more, the largest first."""
    given = sa.func.sum(LedgerEntry.amount)
    consent = (
        NamingConsent.person_id,
        NamingConsent.name,
        NamingConsent.given_at,
        NamingConsent.text_version,
    )
    wanted = (
        sa.select(*consent, given.label("given"))
        .join(LedgerEntry, LedgerEntry.person_id == NamingConsent.person_id)
        .where(
            NamingConsent.withdrawn_at.is_(None),
            LedgerEntry.mode == mode,
            LedgerEntry.currency == least.currency,
            LedgerEntry.kind != EntryKind.fee,
        )
        .group_by(*consent)
        .having(given >= max(least.amount, 1))
        .order_by(given.desc(), NamingConsent.person_id)
    )
    if since is not None:
        wanted = wanted.where(LedgerEntry.occurred_at >= since)
    if until is not None:
        wanted = wanted.where(LedgerEntry.occurred_at < until)
    return Listing(wanted, lambda row: _donor(row, least.currency))


def _donor(row: Any, currency: str) -> Donor:
    given = Money(int(row.given), currency)
    return Donor(row.person_id, row.name, given, row.given_at, row.text_version)
