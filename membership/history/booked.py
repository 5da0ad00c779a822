"""Sums of the money that was booked and settled: rows that never change, each a part by itself."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from membership import days
from membership.books.models import EntryKind, LedgerEntry, Settlement
from membership.extensions import Model
from membership.history.sums import Key, Part, Total

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
    kind, day, total = row["kind"], days.of(row["occurred_at"]), Total(row["amount"], 0, 1)
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
        yield Part(key, Total(amount, 0, 1))


PARTS: dict[type[Model], Callable[[Row], Iterator[Part]]] = {
    LedgerEntry: _of_entry,
    Settlement: _of_settlement,
}
WHEN = {LedgerEntry: LedgerEntry.occurred_at, Settlement: Settlement.created_at}
"""The moment by whose day each is counted."""


def _way(row: Row) -> Way:
    if row["kind"] is EntryKind.offline:
        return Way.offline
    return Way.recurring if row.get("subscription_id") else Way.once
