"""Comparing our books with Stripe's and mending ours: also how an existing account is imported.

Pages through Stripe, a hundred objects in memory at a time and one transaction each, so it
can be stopped anywhere and run again. Each difference that it mends is counted by kind.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice

import sqlalchemy as sa

from membership.clock import at, clock
from membership.donations import ledger, sync
from membership.donations.gateway import PAGE, Json, gateway
from membership.donations.models import Subscription
from membership.extensions import db
from membership.money import Money

Found = Callable[[str, str], None]


def run(*, since: datetime | None = None, found: Found = lambda kind, what: None) -> Counter[str]:
    """Bring our books up to Stripe's and commit; how many differences of each kind there were.

    `since` (UTC) leaves older payments alone. `found` hears of each difference at once.
    Raises StripeDown and StripeRefused; what was mended until then stays.
    """
    tally: Counter[str] = Counter()

    def note(kind: str, what: str) -> None:
        tally[kind] += 1
        found(kind, what)

    door = gateway()
    as_of = clock.now()
    for page in _pages(door.subscriptions()):
        _subscriptions(page, as_of, note)
    for page in _pages(door.paid_invoices(since=since)):
        for invoice in page:
            if ledger.book_invoice(invoice):
                note("payment missing", invoice["id"])
        db.session.commit()
    for page in _pages(door.open_invoices()):
        _failures(page)
    for page in _pages(door.payment_intents(since=since)):
        _gifts(page, note)
    for page in _pages(door.refunds(since=since)):
        for refund in page:
            if refund["charge"] and ledger.book_refund(refund, refund["charge"]):
                note("refund missing", refund["id"])
        db.session.commit()
    return tally


def _subscriptions(page: list[Json], as_of: datetime, note: Found) -> None:
    ids = [said["id"] for said in page]
    before = {
        row.stripe_id: (row.status, row.amount, row.current_period_end)
        for row in db.session.scalars(
            sa.select(Subscription).where(Subscription.stripe_id.in_(ids))
        )
    }
    for said in page:
        row = sync.subscription(said, as_of=as_of)
        if row is None:
            continue
        if said["id"] not in before:
            note("subscription missing", said["id"])
        elif before[said["id"]] != (row.status, row.amount, row.current_period_end):
            note("subscription differs", said["id"])
    db.session.commit()


def _failures(page: list[Json]) -> None:
    """Renewals that Stripe is still trying to collect."""
    for invoice in page:
        if invoice["attempt_count"]:
            ledger.note_failure(invoice, failed_at=at(invoice["created"]))
    db.session.commit()


def _gifts(page: list[Json], note: Found) -> None:
    """One-time donations: payment intents that carry our mark."""
    for intent in page:
        donation = sync.donation_of(intent)
        marked = (intent["metadata"] or {}).get("hromada") == "gift"
        if intent["status"] != "succeeded" or (donation is None and not marked):
            continue
        if ledger.book_gift(
            intent["id"],
            customer=intent["customer"],
            donation=donation,
            money=Money(intent["amount_received"], intent["currency"]),
            paid_at=at(intent["created"]),
        ):
            note("payment missing", intent["id"])
    db.session.commit()


def _pages(things: Iterable[Json]) -> Iterator[list[Json]]:
    each = iter(things)
    while page := list(islice(each, PAGE)):
        yield page
