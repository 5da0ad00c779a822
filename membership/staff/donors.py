"""Who gave more than a sum in some days and agreed to be named in public: nobody else is here."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from config import Mode
from membership.books.models import EntryKind, LedgerEntry
from membership.extensions import db
from membership.money import Money
from membership.patrons.naming_models import NamingConsent

AT_ONCE = 1000


@dataclass(frozen=True)
class Donor:
    """`name` is the one to be named by, `given` what they gave less what went back."""

    person_id: int
    name: str
    given: Money
    agreed_at: datetime
    text_version: str


def listed(
    mode: Mode,
    least: Money,
    since: datetime | None,
    until: datetime | None,
    *,
    limit: int,
    offset: int = 0,
) -> list[Donor]:
    """Those who gave `least` or more, the largest first; one query."""
    wanted = _wanted(mode, least, since, until).limit(limit).offset(offset)
    return [_donor(row, least.currency) for row in db.session.execute(wanted)]


def every(
    mode: Mode, least: Money, since: datetime | None, until: datetime | None
) -> Iterator[Donor]:
    """All of them as they are read, so many in memory at a time."""
    wanted = _wanted(mode, least, since, until).execution_options(yield_per=AT_ONCE)
    for row in db.session.execute(wanted):
        yield _donor(row, least.currency)


def _wanted(
    mode: Mode, least: Money, since: datetime | None, until: datetime | None
) -> sa.Select[*tuple[Any, ...]]:
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
    return wanted


def _donor(row: Any, currency: str) -> Donor:
    given = Money(int(row.given), currency)
    return Donor(row.person_id, row.name, given, row.given_at, row.text_version)
