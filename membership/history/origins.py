"""Where supporters came from: what led to somebody's first gift, and what it came to in a year."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from dateutil.relativedelta import relativedelta

from config import Mode
from membership import days
from membership.books.models import EntryKind, LedgerEntry
from membership.extensions import db
from membership.history.derived import Derived
from membership.history.facts import Facts
from membership.history.models import Origin
from membership.history.sums import Key, Part, Total

CAME = "came"
UNKNOWN = ""
A_YEAR = relativedelta(years=1)
GIVEN = (EntryKind.charge, EntryKind.offline)
BY = ("source", "referrer", "campaign")


class Values(NamedTuple):
    """A row of `Origin` without its number."""

    mode: Mode
    person_id: int
    currency: str
    at: datetime
    day: date
    amount: int
    stays: bool
    source: str | None
    referrer: str | None
    campaign: str | None


BEGINNINGS = (
    sa.select(
        LedgerEntry.person_id,
        LedgerEntry.currency,
        sa.func.min(LedgerEntry.occurred_at).label("at"),
    )
    .where(
        LedgerEntry.mode == sa.bindparam("mode"),
        LedgerEntry.person_id.in_(sa.bindparam("people", expanding=True)),
        LedgerEntry.kind.in_(GIVEN),
        LedgerEntry.amount > 0,
    )
    .group_by(LedgerEntry.person_id, LedgerEntry.currency)
)


def found(facts: Facts) -> Iterator[Values]:
    """When and through what each of these people first gave in each currency."""
    begun = facts.read(BEGINNINGS)
    amounts = _first_year(facts.mode, begun)
    stays = {
        (person, currency)
        for person, moves in facts.moves.items()
        for currency in {move.currency for move in moves}
        if sum(move.people for move in moves if move.currency == currency) > 0
    }
    for row in begun:
        came = facts.origins.get(row.person_id)
        yield Values(
            mode=facts.mode,
            person_id=row.person_id,
            currency=row.currency,
            at=row.at,
            day=days.of(row.at),
            amount=amounts[row.person_id, row.currency],
            stays=(row.person_id, row.currency) in stays,
            source=came.source if came else None,
            referrer=came.referrer if came else None,
            campaign=came.campaign if came else None,
        )


def _first_year(mode: Mode, begun: Sequence[Any]) -> dict[tuple[int, str], int]:
    """What was given and kept in each one's first year, in minor units."""
    if not begun:
        return {}
    year = sa.values(
        sa.column("person_id", sa.Integer),
        sa.column("currency", sa.String),
        sa.column("until", LedgerEntry.occurred_at.type),
        name="years",
    ).data([(row.person_id, row.currency, _in_a_year(row.at)) for row in begun])
    years = year.cte("year")
    rows = db.session.execute(
        sa.select(LedgerEntry.person_id, LedgerEntry.currency, sa.func.sum(LedgerEntry.amount))
        .join(
            years,
            sa.and_(
                LedgerEntry.person_id == years.c.person_id,
                LedgerEntry.currency == years.c.currency,
                LedgerEntry.occurred_at < years.c.until,
            ),
        )
        .where(LedgerEntry.mode == mode, LedgerEntry.kind != EntryKind.fee)
        .group_by(LedgerEntry.person_id, LedgerEntry.currency)
    )
    return {(person, currency): int(amount) for person, currency, amount in rows}


def _in_a_year(moment: datetime) -> datetime:
    return moment.astimezone(UTC) + A_YEAR


def parts(row: Values) -> Iterator[Part]:
    """On the day somebody came: what they gave in a year, one who came, and whether they stay."""
    total = Total(row.amount, 1, int(row.stays))
    for by in BY:
        value = getattr(row, by) or UNKNOWN
        yield Part(Key(row.mode, CAME, row.currency, by, row.day, value), total)


ORIGINS = Derived(Origin, Values, found, parts, (CAME,))
