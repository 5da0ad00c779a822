"""Where supporters came from: what led to somebody's first gift, and what it came to in a year."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from dateutil.relativedelta import relativedelta

from config import Mode
from membership import days
from membership.books.models import EntryKind, LedgerEntry
from membership.history.derived import Derived
from membership.history.facts import LED_HERE, TERMS, UNDONE, Facts
from membership.history.models import Origin
from membership.history.sums import Key, Part, Total
from membership.history.together import of_people
from membership.patrons.touched import Told

CAME = "came"
UNKNOWN = ""
A_YEAR = relativedelta(years=1)
GIVEN = (EntryKind.charge, EntryKind.offline)
BY = ("source", "first_source", "referrer", "campaign")


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
    first_source: str | None
    referrer: str | None
    campaign: str | None


GIFTS = sa.select(
    LedgerEntry.person_id,
    LedgerEntry.currency,
    LedgerEntry.kind,
    LedgerEntry.amount,
    LedgerEntry.occurred_at,
).where(
    *of_people(LedgerEntry),
    LedgerEntry.kind != EntryKind.fee,
)


def found(facts: Facts) -> Iterator[Values]:
    """When and through what each of these people first gave in each currency."""
    stays = {
        (person, currency)
        for person, moves in facts.moves.items()
        for currency in {move.currency for move in moves}
        if sum(move.people for move in moves if move.currency == currency) > 0
    }
    booked: dict[tuple[int, str], list[Any]] = defaultdict(list)
    for row in facts.read(GIFTS):
        booked[row.person_id, row.currency].append(row)
    for (person, currency), rows in booked.items():
        begun = [row.occurred_at for row in rows if row.kind in GIVEN and row.amount > 0]
        if not begun:
            continue
        came, first = facts.origins.get(person), min(begun)
        yield Values(
            mode=facts.mode,
            person_id=person,
            currency=currency,
            at=first,
            day=days.of(first),
            amount=_first_year(rows, first),
            stays=(person, currency) in stays,
            source=came.source if came else None,
            first_source=came.first_source if came else None,
            referrer=came.referrer if came else None,
            campaign=came.campaign if came else None,
        )


def _first_year(rows: Iterable[Any], begun: datetime) -> int:
    """What was given and kept in the year after `begun`, in minor units."""
    over = begun.astimezone(UTC) + A_YEAR
    return sum(row.amount for row in rows if row.occurred_at < over)


def parts(row: Values) -> Iterator[Part]:
    """On the day somebody came: what they gave in a year, one who came, and whether they stay."""
    total = Total(row.amount, 1, int(row.stays))
    for by in BY:
        value = getattr(row, by) or UNKNOWN
        yield Part(Key(row.mode, CAME, row.currency, by, row.day, value), total)


ORIGINS = Derived(
    table=Origin,
    values=Values,
    found=found,
    parts=parts,
    figures=(CAME,),
    follows_from=Told.given,
    reads=(TERMS, UNDONE, LED_HERE, GIFTS),
)
