"""Sums of the money that was booked and settled: rows that never change, each a part by itself."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from config import Mode
from membership import days
from membership.books.models import EntryKind, LedgerEntry, Settlement
from membership.extensions import Model
from membership.history.sums import Key, Part, Total
from membership.history.together import Select

Row = Mapping[str, Any]

BOOKED = {kind: f"booked_{kind.value}" for kind in EntryKind}
SETTLED, SETTLED_FEE = "settled", "settled_fee"
FIGURES_OF: dict[type[Model], tuple[str, ...]] = {
    LedgerEntry: tuple(BOOKED.values()),
    Settlement: (SETTLED, SETTLED_FEE),
}
RENEWAL = "renewal"


class Way(StrEnum):
    """How money comes: again and again, once, or outside Stripe."""

    recurring = "recurring"
    once = "once"
    offline = "offline"


def parts_of(rows: Iterable[tuple[type[Model], Row]]) -> Iterator[Part]:
    """What rows of the ledger and of what was settled add to the sums."""
    for table, row in rows:
        yield from PARTS[table](row)


def _of_entry(row: Row) -> Iterator[Part]:
    """In the currency paid in, by how it came; and which charges renew a subscription."""
    kind, day, total = row["kind"], days.of(row["occurred_at"]), _total(row, row["amount"])
    told = {"": "", "way": _way(row).value}
    if row.get("is_renewal"):
        told[RENEWAL] = RENEWAL
    for by, value in told.items():
        yield Part(Key(row["mode"], BOOKED[kind], row["currency"], by, day, value), total)


def _of_settlement(row: Row) -> Iterator[Part]:
    """Net and fee in the currency that Stripe settles in."""
    day = days.of(row["created_at"])
    for figure, amount in ((SETTLED, row["net"]), (SETTLED_FEE, -row["fee"])):
        key = Key(row["mode"], figure, row["currency"], "", day, "")
        yield Part(key, _total(row, amount))


PARTS: dict[type[Model], Callable[[Row], Iterator[Part]]] = {
    LedgerEntry: _of_entry,
    Settlement: _of_settlement,
}
WHEN = {LedgerEntry: LedgerEntry.occurred_at, Settlement: Settlement.created_at}
"""The moment by whose day each is counted."""


def _alike(when: Any, by: Sequence[Any], *summed: sa.ColumnElement[Any]) -> Select:
    """Of all modes: without its first column no index is of use."""
    return (
        sa.select(*by, *summed, sa.func.min(when).label(when.key), sa.func.count().label("times"))
        .where(by[0].in_(list(Mode)), when >= sa.bindparam("since"), when < sa.bindparam("until"))
        .group_by(*by)
    )


ALIKE: dict[type[Model], Select] = {
    LedgerEntry: _alike(
        LedgerEntry.occurred_at,
        (LedgerEntry.mode, LedgerEntry.kind, LedgerEntry.currency, LedgerEntry.is_renewal),
        sa.func.sum(LedgerEntry.amount).label("amount"),
        sa.func.max(LedgerEntry.subscription_id).label("subscription_id"),
    ).group_by(LedgerEntry.subscription_id.is_(None)),
    Settlement: _alike(
        Settlement.created_at,
        (Settlement.mode, Settlement.currency),
        sa.func.sum(Settlement.net).label("net"),
        sa.func.sum(Settlement.fee).label("fee"),
    ),
}
"""Rows as `parts_of` reads them, from `since` to before `until` (UTC), one day at the most: those
alike are one, and `times` says how many they are."""


def _total(row: Row, amount: int) -> Total:
    return Total(amount, 0, row.get("times", 1))


def _way(row: Row) -> Way:
    if row["kind"] is EntryKind.offline:
        return Way.offline
    return Way.recurring if row.get("subscription_id") else Way.once
