"""Whose a payment may be, by what a bank tells of it."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from membership.books.models import LedgerEntry
from membership.extensions import db
from membership.money import Money
from membership.patrons.models import Person
from membership.staff.import_models import Fate, Import, ImportKind, ImportRow

ADDRESS = re.compile(r"[^\s<>()\[\],;:\"']+@[^\s<>()\[\],;:\"']+\.[^\s<>()\[\],;:\"']+")
MOST_WORDS = 4


@dataclass(frozen=True)
class Payment:
    """A line of a statement; `at` (UTC) is the beginning of its day, `on` that day as written."""

    money: Money
    at: datetime
    on: str
    payer: str
    purpose: str


class Payers:
    """People that payments name: by an address, by who paid before, by a name that is theirs alone.

    Several of one name are told apart by who gave the same amount before.
    """

    def __init__(self, payments: Sequence[Payment]) -> None:
        """In a fixed number of queries."""
        self._by_address = _of_addresses({one for it in payments for one in _addresses(it)})
        self._by_payer = _of_payers({it.payer for it in payments if it.payer})
        self._by_name = _of_names({name for it in payments for name in _names(it.payer)})
        same = {person_id for its in self._by_name.values() for person_id in its}
        self._gave = _gave(same, payments)

    def whose(self, payment: Payment) -> int | None:
        """The number of the person; None where nobody can tell, or several could be."""
        for address in _addresses(payment):
            if address in self._by_address:
                return self._by_address[address]
        if payment.payer in self._by_payer:
            return self._by_payer[payment.payer]
        named = {one for name in _names(payment.payer) for one in self._by_name.get(name, ())}
        money = payment.money
        if len(named) > 1:
            named = {one for one in named if (one, money.amount, money.currency) in self._gave}
        return named.pop() if len(named) == 1 else None


def _addresses(payment: Payment) -> list[str]:
    found = ADDRESS.findall(f"{payment.purpose} {payment.payer}")
    return [address.strip(".").lower() for address in found]


def _names(payer: str) -> list[str]:
    """A name as banks write it, in any order and case, as people write it."""
    words = payer.replace(",", " ").split()
    if not 2 <= len(words) <= MOST_WORDS:
        return []
    turned = (words, words[::-1], [*words[1:], words[0]])
    spelt = (" ".join(one) for one in turned)
    return sorted({name for one in spelt for name in (one, one.title())})


def _of_addresses(addresses: set[str]) -> Mapping[str, int]:
    rows = db.session.execute(
        sa.select(Person.email, Person.id, Person.joined_into_id).where(Person.email.in_(addresses))
    )
    return {email: joined or person_id for email, person_id, joined in rows}


def _of_payers(payers: set[str]) -> Mapping[str, int]:
    """Whose it was said to be the last time that they paid."""
    rows = db.session.execute(
        sa.select(ImportRow.about, ImportRow.person_id)
        .join(Import, Import.id == ImportRow.import_id)
        .where(
            Import.kind == ImportKind.bank,
            ImportRow.fate == Fate.more,
            ImportRow.is_taken,
            ImportRow.about.in_(payers),
        )
        .order_by(ImportRow.import_id, ImportRow.position)
    )
    return {payer: person_id for payer, person_id in rows if payer and person_id}


def _of_names(names: set[str]) -> Mapping[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    rows = db.session.execute(
        sa.select(Person.name, Person.id).where(
            Person.name.in_(names), Person.joined_into_id.is_(None)
        )
    )
    for name, person_id in rows:
        if name:
            found[name].add(person_id)
    return found


def _gave(ids: set[int], payments: Sequence[Payment]) -> set[tuple[int, int, str]]:
    rows = db.session.execute(
        sa.select(LedgerEntry.person_id, LedgerEntry.amount, LedgerEntry.currency)
        .where(
            LedgerEntry.person_id.in_(ids),
            LedgerEntry.amount.in_({one.money.amount for one in payments}),
        )
        .distinct()
    )
    return {(person_id, amount, currency) for person_id, amount, currency in rows}
