"""Comparing our books with Stripe's and mending ours: also how an existing account is imported.

Pages through Stripe, a hundred objects in memory at a time and one transaction each, so it
can be stopped anywhere and run again. Each difference is named by its kind as it is found. An
object that cannot be taken is one too: it is named, kept for staff to see, and the next is taken.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from flask import current_app

from membership.books import (
    disputes,
    failures,
    ledger,
    odd,
    payments,
    payouts,
    refunds,
    settlement,
    sync,
    terms,
    turns,
)
from membership.books.models import EntryKind, InvoicePayment, LedgerEntry, Settlement, Subscription
from membership.books.payout_models import Payout
from membership.books.term_models import Settled, Term
from membership.clock import clock
from membership.extensions import db
from membership.gateway import (
    PAGE,
    Gateway,
    Json,
    NotThere,
    Read,
    StripeDown,
    StripeRefused,
    gateway,
)
from membership.inbox import untaken
from membership.inbox.models import ReconcileRun
from membership.settings import current

log = structlog.get_logger()

Found = Callable[[str, str], None]
Progress = Callable[[str, int], None]
Fresh = Callable[[list[Any]], list[Any]]
Compare = Callable[[Any], tuple[str, str] | None]

# Stripe keeps events for 30 days; what is older than this was compared on an earlier night.
NIGHTLY_REACH = timedelta(days=40)


def nightly() -> None:
    """Compare the last weeks; a Stripe out of reach is written down on the run.

    Everything, where payments were booked before their terms were kept.
    """
    _run_quietly(clock.now() - NIGHTLY_REACH if _knows_terms() else None)


def whole() -> None:
    """Compare everything there is, as `nightly` does."""
    _run_quietly(None)


def run(
    *,
    since: datetime | None = None,
    is_dry: bool = False,
    found: Found = lambda kind, what: None,
    progress: Progress = lambda what, read: None,
) -> Counter[str]:
    """Bring our books up to Stripe's and commit; how many differences of each kind there were.

    `since` (UTC) leaves older payments alone. `is_dry` mends nothing. `found` hears of each
    difference at once, `progress` after each page how many of what were read. Raises
    StripeDown and StripeRefused; what was mended until then stays.
    """
    comparison = _Comparison(is_dry=is_dry, found=found, progress=progress)
    try:
        _compare(comparison, gateway(), since)
    except (StripeDown, StripeRefused) as error:
        db.session.rollback()
        comparison.write(error=str(error))
        raise
    comparison.write(finished_at=clock.now())
    return comparison.differences


def _run_quietly(since: datetime | None) -> None:
    try:
        run(since=since)
    except (StripeDown, StripeRefused) as error:
        log.warning("comparison stopped", error=str(error))


def _knows_terms() -> bool:
    any_of = (
        sa.select(LedgerEntry.id).where(LedgerEntry.subscription_id.is_not(None)),
        sa.select(Term.id),
    )
    booked, known = (db.session.scalar(rows.limit(1)) for rows in any_of)
    return booked is None or known is not None


def last(mode: str) -> ReconcileRun | None:
    """The latest comparison that was to mend what it found."""
    return db.session.scalar(
        sa.select(ReconcileRun)
        .where(ReconcileRun.mode == mode, ReconcileRun.is_dry.is_(False))
        .order_by(ReconcileRun.id.desc())
        .limit(1)
    )


class _Comparison:
    """One run: its row, its tallies, and the page in hand."""

    def __init__(self, *, is_dry: bool, found: Found, progress: Progress) -> None:
        self.is_dry, self.found, self.progress = is_dry, found, progress
        self.read: Counter[str] = Counter()
        self.differences: Counter[str] = Counter()
        row = ReconcileRun(
            mode=gateway().mode, is_dry=is_dry, started_at=clock.now(), read={}, differences={}
        )
        db.session.add(row)
        db.session.commit()
        self.id = row.id

    def pages(self, what: str, pages: Iterable[list[Any]], fresh: Fresh, compare: Compare) -> None:
        """Hold each page's objects against our books, a transaction a page."""
        for page in pages:
            turns.take(turns.MANY)
            # It runs for long, and what was sold before may be ours no more.
            current.of(current_app).look()
            refused = {}
            for thing in fresh(page):
                try:
                    with odd.by_itself(what, _id(thing)):
                        difference = compare(thing)
                except odd.Odd as reason:
                    refused[_id(thing)] = str(reason)
                    difference = untaken.KIND, f"{_id(thing)}: {reason}"
                if difference is not None:
                    self.differences[difference[0]] += 1
                    self.found(*difference)
            self.read[what] += len(page)
            if self.is_dry:
                db.session.rollback()
            else:
                untaken.keep(what, {_id(thing) for thing in page}, refused)
            self.write()
            self.progress(what, self.read[what])

    def write(self, **values: object) -> None:
        db.session.execute(
            sa.update(ReconcileRun)
            .where(ReconcileRun.id == self.id)
            .values(read=dict(self.read), differences=dict(self.differences), **values)
        )
        db.session.commit()


def _compare(comparison: _Comparison, door: Gateway, since: datetime | None) -> None:
    started = clock.now()
    for what, pages, fresh, compare in (
        ("subscriptions", door.subscriptions(), list, _subscription),
        ("invoices", door.paid_invoices(since=since), _new_invoices, _paid_invoice),
        ("unpaid invoices", door.open_invoices(), list, _open_invoice),
        ("waived invoices", door.waived_invoices(since=since), _new_waived, _waived_invoice),
        ("payment intents", door.payment_intents(since=since), _new_intents, _intent),
        ("refunds", door.refunds(since=since), _new_refunds, _refund),
        ("disputes", door.disputes(since=since), list, _dispute),
        (
            "balance transactions",
            door.balance_transactions(since=since),
            _new_transactions,
            _transaction,
        ),
        ("payouts", door.payouts(since=since), list, _payout),
    ):
        comparison.pages(what, pages, fresh, compare)
    if not comparison.is_dry:
        comparison.pages("movements of payouts", payouts.unread(), list, _movement_of_payout)
        comparison.pages("not listed", _not_listed(started), list, _lost_sight_of)


def _subscription(read: Read) -> tuple[str, str] | None:
    stripe_id = read.said["id"]
    before = _described(stripe_id)
    if not sync.subscription(*read):
        return None
    if before is None:
        return "subscription missing", stripe_id
    return ("subscription differs", stripe_id) if before != _described(stripe_id) else None


def _described(stripe_id: str) -> tuple[object, ...] | None:
    db.session.flush()
    row = db.session.execute(
        sa.select(
            Subscription.status,
            Subscription.amount,
            Subscription.interval,
            Subscription.interval_count,
            Subscription.tier_id,
            Subscription.current_period_end,
            Subscription.cancel_at,
            Subscription.is_paused,
            Subscription.ended_at,
        ).where(Subscription.stripe_id == stripe_id)
    ).one_or_none()
    return tuple(row) if row else None


def _new_invoices(page: list[Json]) -> list[Json]:
    """Those that are not booked whole, or whose payment is not known."""
    known = _known(page, LedgerEntry.stripe_source, LedgerEntry.kind == EntryKind.charge)
    known &= _known(page, Term.stripe_invoice, Term.settled == Settled.paid)
    linked = _known(page, InvoicePayment.stripe_invoice)
    return [
        invoice
        for invoice in page
        if invoice["id"] not in known or (invoice["id"] not in linked and invoice["amount_paid"])
    ]


def _paid_invoice(invoice: Json) -> tuple[str, str] | None:
    missing = payments.book_invoice(invoice)
    if missing or ledger.find(EntryKind.charge, invoice["id"]):
        for payment in invoice["payments"]["data"]:
            if payment["status"] == "paid":
                payments.link_payment(payment)
    return ("payment missing", invoice["id"]) if missing else None


def _open_invoice(invoice: Json) -> tuple[str, str] | None:
    """A renewal that Stripe is still trying to collect."""
    if not failures.is_news(invoice):
        return None
    noted = failures.note(invoice)
    return ("failed payment missing", invoice["id"]) if noted else None


def _new_waived(page: list[Json]) -> list[Json]:
    known = _known(page, Term.stripe_invoice, Term.settled != Settled.paid)
    return [invoice for invoice in page if invoice["id"] not in known]


def _waived_invoice(invoice: Json) -> tuple[str, str] | None:
    return ("waived invoice missing", invoice["id"]) if terms.waived(invoice) else None


def _new_intents(page: list[Json]) -> list[Json]:
    known = _known(page, LedgerEntry.stripe_source, LedgerEntry.kind == EntryKind.charge)
    return [intent for intent in page if intent["metadata"] and intent["id"] not in known]


def _intent(intent: Json) -> tuple[str, str] | None:
    return ("gift missing", intent["id"]) if payments.book_intent(intent) else None


def _new_refunds(page: list[Json]) -> list[Json]:
    """Those that are not booked; a failed one also has a row for its return."""
    known = _known(page, LedgerEntry.stripe_source, LedgerEntry.kind == EntryKind.refund)
    return [one for one in page if one["id"] not in known or one["status"] in refunds.FAILED]


def _refund(refund: Json) -> tuple[str, str] | None:
    return ("refund missing", refund["id"]) if refunds.book(refund) else None


def _dispute(read: Read) -> tuple[str, str] | None:
    written = disputes.write(*read)
    return ("dispute differs", read.said["id"]) if written else None


def _new_transactions(page: list[Json]) -> list[Json]:
    known = _known(page, Settlement.stripe_id)
    return [transaction for transaction in page if transaction["id"] not in known]


def _transaction(transaction: Json) -> tuple[str, str] | None:
    return ("settlement missing", transaction["id"]) if settlement.book(transaction) else None


def _payout(read: Read) -> tuple[str, str] | None:
    known = db.session.scalar(sa.select(Payout.id).where(Payout.stripe_id == read.said["id"]))
    if not payouts.write(*read):
        return None
    return ("payout differs" if known else "payout missing"), read.said["id"]


def _movement_of_payout(entry: Json) -> None:
    payouts.note(entry)


def _id(thing: Json | Read | str) -> str:
    if isinstance(thing, str):
        return thing
    return str((thing.said if isinstance(thing, Read) else thing)["id"])


def _known(page: list[Json], column: Any, *conditions: sa.ColumnElement[bool]) -> set[str]:
    """Which of a page's ids our books have in `column`."""
    ids = [thing["id"] for thing in page]
    return set(db.session.scalars(sa.select(column).where(column.in_(ids), *conditions)))


def _not_listed(started: datetime) -> Iterable[list[str]]:
    """Subscriptions that run in our books and that Stripe's list did not name."""
    after = 0
    while True:
        rows = db.session.execute(
            sa.select(Subscription.id, Subscription.stripe_id)
            .where(
                Subscription.mode == gateway().mode,
                Subscription.ended_at.is_(None),
                Subscription.as_of < started - timedelta(hours=1),
                Subscription.id > after,
            )
            .order_by(Subscription.id)
            .limit(PAGE)
        ).all()
        if not rows:
            return
        after = rows[-1].id
        yield [row.stripe_id for row in rows]


def _lost_sight_of(stripe_id: str) -> tuple[str, str] | None:
    try:
        read = gateway().subscription(stripe_id)
    except NotThere:
        return "unknown to Stripe", stripe_id
    return _subscription(read)
