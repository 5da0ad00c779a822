"""Gifts in files: what each is known by wherever it comes again, and which stand in the books."""

import hashlib
from collections import Counter

import sqlalchemy as sa

from membership.books.models import EntryKind, LedgerEntry
from membership.extensions import db
from membership.staff.import_models import Fate, Import, ImportRow
from membership.staff.imports.said import Gift, Said

MOST_AGAIN = 5
"""How often a gift can be taken back by an undo and brought along once more."""


def known_by(brought: Import, gift: Gift, said: Said) -> str:
    """The same in whatever file it comes again: its number, and whose number that is.

    Without one, giver, amount and the day as it is written, which no other time zone changes.
    """
    what: tuple[object, ...] = (said.email, gift.money.amount, gift.money.currency, gift.on)
    if gift.reference:
        what = (_whose_numbers(brought), gift.reference)
    return hashlib.sha256("\n".join(map(str, what)).encode()).hexdigest()[:40]


def _whose_numbers(brought: Import) -> str:
    """The exporter; of any other file what its column of numbers is called, so that the numbers of
    two programs are told apart.
    """
    return brought.exporter or str(brought.heads[brought.matched["reference"]]).lower()


def key(brought: Import, base: str, nth: int) -> str:
    """Under what the `nth` gift that is known by `base` is booked. What was brought along to try it
    is in the way of nothing.
    """
    return f"import:{brought.mode.value}:{base}:{nth}"


def counted_before(brought: Import, first: int, bases: set[str]) -> Counter[str]:
    """How many rows before `first` have a gift that looks the same."""
    rows = db.session.execute(
        sa.select(ImportRow.gift, sa.func.count())
        .where(
            ImportRow.gift.in_(bases),
            ImportRow.import_id == brought.id,
            ImportRow.position < first,
            ImportRow.fate != Fate.aside,
        )
        .group_by(ImportRow.gift)
    )
    return Counter({base: count for base, count in rows if base})


def sources(brought: Import, keys: set[str]) -> dict[str, str | None]:
    """Under what each can be booked; None where it stands in the books and was not taken back.

    The mode is looked at here: SQLite would seek by it, and nearly all rows have the same.
    """
    tries = {key: [key, *(f"{key}:{again}" for again in range(2, MOST_AGAIN + 1))] for key in keys}
    back = sa.orm.aliased(LedgerEntry)
    rows = db.session.execute(
        sa.select(
            LedgerEntry.stripe_source,
            LedgerEntry.mode,
            sa.exists().where(back.parent_id == LedgerEntry.id).label("is_back"),
        ).where(
            LedgerEntry.kind == EntryKind.offline,
            LedgerEntry.stripe_source.in_(
                [f"offline:{one}" for its in tries.values() for one in its]
            ),
        )
    )
    stands: dict[str, bool] = {
        row.stripe_source: row.is_back for row in rows if row.mode == brought.mode
    }
    found: dict[str, str | None] = {}
    for key, its in tries.items():
        source = next((one for one in its if not stands.get(f"offline:{one}", False)), None)
        found[key] = source if source and f"offline:{source}" not in stands else None
    return found
