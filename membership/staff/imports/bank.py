"""A bank's statement: whose each payment in may be, and booking it once somebody has said so."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from membership.books import offline
from membership.books.models import EntryKind, LedgerEntry
from membership.clock import clock
from membership.extensions import db
from membership.money import Money
from membership.patrons import people
from membership.patrons.models import Person
from membership.staff import audit
from membership.staff.import_models import LAST, Fate, Import, ImportKind, ImportRow
from membership.staff.imports.fields import Reader
from membership.staff.imports.payers import Payers, Payment
from membership.staff.imports.said import BROKEN, Fault

LONGEST = 500


class NotWaiting(ValueError):
    """Somebody has said already whose this payment is, or that it is no gift; or what was read of
    it is forgotten.
    """


class InTheBooks(ValueError):
    """Another statement has brought this payment into the books meanwhile."""


class StatementReader(Reader):
    def payment(self, cells: Sequence[str]) -> Payment:
        """Raises Fault; `outgoing` for what is no payment in."""
        text = self._cell(cells, "amount")
        if not text:
            raise Fault("outgoing")
        money = self._money(text, cells)
        if money.amount <= 0:
            raise Fault("outgoing")
        on = self._date(cells, "given_on")
        if on is None:
            raise Fault("no_day")
        if on.begins > clock.now():
            raise Fault("ahead", self._cell(cells, "given_on"))
        payer, purpose = (
            " ".join(self._cell(cells, one).split())[:LONGEST] for one in ("payer", "purpose")
        )
        return Payment(money, on.begins, on.written, payer, purpose)


def look_at(brought: Import, rows: Sequence[ImportRow]) -> None:
    """Say of each payment in whose it may be, and which stand in the books already."""
    reader, told = StatementReader(brought), list[tuple[ImportRow, Payment]]()
    for row in rows:
        if row.reason in BROKEN:
            continue
        row.reason = row.about = row.person_id = row.gift = None
        try:
            told.append((row, reader.payment(row.cells)))
        except Fault as fault:
            row.fate, row.reason, row.about = Fate.aside, fault.reason, fault.about or None
    known = Payers([payment for _row, payment in told])
    nth = _counted(brought, rows, told)
    for row, payment in told:
        base = _known_by(payment)
        nth[base] += 1
        row.gift, row.about = base, payment.payer[:200] or None
        row.fate, row.does = Fate.asked, _told(payment, _key(brought, base, nth[base]))
        row.person_id = known.whose(payment)
    _leave_out_booked(brought, told)


def payment_of(row: ImportRow) -> Payment:
    """What a row that was looked at tells."""
    amount, currency, at, on, payer, purpose, _key = row.does["payment"]
    return Payment(Money(amount, currency), datetime.fromisoformat(at), on, payer, purpose)


def confirm(row: ImportRow, address: str, *, months: int, by: Person) -> None:
    """Book it as a gift of who has this address, with so many months of membership. Commits.

    Raises NotWaiting, NotAnAddress; InTheBooks, and then nothing is made and the row says so.
    """
    row = _waiting(row)
    if "payment" not in row.does:
        db.session.rollback()
        raise NotWaiting
    payment, key = payment_of(row), row.does["payment"][-1]
    giver = people.ensure(address, name=None)
    is_booked = offline.enter(
        giver,
        payment.money,
        received_at=payment.at,
        months=months,
        # A note of the books can never be changed, so nothing of a person may stand in it.
        note=f"{db.session.get_one(Import, row.import_id).file_name}:{row.line}",
        key=key,
    )
    if not is_booked:
        db.session.rollback()
        _find_booked(row)
        raise InTheBooks
    row.person_id, row.is_taken, row.fate = giver.id, True, Fate.more
    about = f"{payment.money.major} {payment.money.currency}: {giver.email}"
    audit.note("offline", about[:300], by=by)
    db.session.commit()


def dismiss(row: ImportRow) -> None:
    """It is no gift. Commits. Raises NotWaiting."""
    row = _waiting(row)
    row.fate, row.reason, row.person_id = Fate.aside, "no_gift", None
    db.session.commit()


def _find_booked(row: ImportRow) -> None:
    row = _waiting(row)
    row.fate = Fate.nothing
    row.person_id = db.session.scalar(
        sa.select(LedgerEntry.person_id).where(
            LedgerEntry.kind == EntryKind.offline,
            LedgerEntry.stripe_source == f"offline:{row.does['payment'][-1]}",
        )
    )
    db.session.commit()


def find(import_id: int, position: int) -> ImportRow | None:
    """A line of a statement of this mode."""
    if max(import_id, position) > LAST:
        return None
    return db.session.scalar(
        sa.select(ImportRow)
        .join(Import, Import.id == ImportRow.import_id)
        .where(
            Import.id == import_id,
            Import.kind == ImportKind.bank,
            ImportRow.position == position,
        )
    )


def _waiting(row: ImportRow) -> ImportRow:
    """Locked, so that of two who say it at once the second is told."""
    locked = db.session.scalars(
        sa.select(ImportRow)
        .where(ImportRow.import_id == row.import_id, ImportRow.position == row.position)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()
    if locked.fate is not Fate.asked:
        db.session.rollback()
        raise NotWaiting
    return locked


def _known_by(payment: Payment) -> str:
    """The same in whatever statement it comes again."""
    money = payment.money
    what = (payment.on, money.amount, money.currency, payment.payer, payment.purpose)
    return hashlib.sha256("\n".join(map(str, what)).encode()).hexdigest()[:40]


def _key(brought: Import, base: str, nth: int) -> str:
    """What was booked to try it is in the way of nothing."""
    return f"bank:{brought.mode.value}:{base}:{nth}"


def _told(payment: Payment, key: str) -> dict[str, object]:
    money = payment.money
    when = (payment.at.isoformat(), payment.on)
    what = (payment.payer, payment.purpose)
    return {"payment": [money.amount, money.currency, *when, *what, key]}


def _counted(
    brought: Import, rows: Sequence[ImportRow], told: Sequence[tuple[ImportRow, Payment]]
) -> Counter[str]:
    """How many lines before these look the same."""
    found = db.session.execute(
        sa.select(ImportRow.gift, sa.func.count())
        .where(
            ImportRow.gift.in_({_known_by(payment) for _row, payment in told}),
            ImportRow.import_id == brought.id,
            ImportRow.position < rows[0].position,
        )
        .group_by(ImportRow.gift)
    )
    return Counter({base: count for base, count in found if base})


def _leave_out_booked(brought: Import, told: Sequence[tuple[ImportRow, Payment]]) -> None:
    """What an earlier statement brought into the books is nothing new.

    The mode is looked at here: SQLite would seek by it, and nearly all rows have the same.
    """
    keys = {f"offline:{row.does['payment'][-1]}": row for row, _payment in told}
    booked = db.session.execute(
        sa.select(LedgerEntry.stripe_source, LedgerEntry.person_id, LedgerEntry.mode).where(
            LedgerEntry.kind == EntryKind.offline, LedgerEntry.stripe_source.in_(keys)
        )
    )
    for source, person_id, mode in booked:
        if mode == brought.mode:
            keys[source].fate, keys[source].person_id = Fate.nothing, person_id
