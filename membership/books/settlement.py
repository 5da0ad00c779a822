"""What each movement came to on the Stripe balance: gross, fee, net, in the currency settled in.

Read from Stripe's balance transactions in bulk, some minutes after the payments: a webhook
does not carry them, and asking for each while Stripe waits would make every event slower.
"""

from contextlib import suppress
from datetime import timedelta

import sqlalchemy as sa

from membership.books import cards, customers, disputes, ledger, odd, payments, refunds, turns
from membership.books.models import EntryKind, LedgerEntry, Settlement
from membership.clock import at
from membership.extensions import db, insert_once
from membership.gateway import Json, gateway
from membership.money import Money
from membership.patrons import touched

# Stripe lists by time of making; what is made while a page is read must not fall between two.
OVERLAP = timedelta(days=1)
SOURCES = ("charge", "refund", "dispute")


def run() -> int:
    """Book what has settled since the last time; how many. Commits. Raises StripeDown.

    One that cannot be booked is left to the comparison, which names and keeps it.
    """
    newest = db.session.scalar(
        sa.select(sa.func.max(Settlement.created_at)).where(Settlement.mode == gateway().mode)
    )
    db.session.commit()
    booked = 0
    for page in gateway().balance_transactions(since=newest - OVERLAP if newest else None):
        turns.take(turns.MANY)
        for transaction in page:
            with suppress(odd.Odd), odd.by_itself("balance transactions", transaction["id"]):
                booked += book(transaction)
        db.session.commit()
    return booked


def book(transaction: Json) -> bool:
    """Book one balance transaction, its source in full, and its fee.

    False if it is not ours or was booked before.
    """
    entry = _entry(transaction)
    if entry is None:
        return False
    made, fee = at(transaction["created"]), transaction["fee"]
    rate = transaction["exchange_rate"]
    row = {
        "stripe_id": transaction["id"],
        "mode": entry.mode,
        "entry_id": entry.id,
        "gross": transaction["amount"],
        "fee": fee,
        "net": transaction["net"],
        "currency": transaction["currency"],
        "exchange_rate": str(rate) if rate is not None else None,
        "created_at": made,
        "available_on": at(transaction["available_on"]),
    }
    if not insert_once(Settlement, ["stripe_id"], row):
        return False
    touched.booked(Settlement, row)
    if fee:
        money = Money(-fee, transaction["currency"])
        charge = entry.parent or entry
        ledger.book_against(charge, EntryKind.fee, transaction["id"], money, made)
    return True


def _entry(transaction: Json) -> LedgerEntry | None:
    """The row of the ledger that a balance transaction settles; booked now if it is not there."""
    source = transaction["source"]
    if not isinstance(source, dict) or source["object"] not in SOURCES:
        return None
    if source["object"] == "charge" and customers.known_person(source["customer"]) is None:
        return None
    if source["object"] == "charge":
        cards.charged(source)
    charge = payments.charge_behind(source.get("payment_intent"))
    if charge is None or source["object"] == "charge":
        return charge
    back = transaction["amount"] > 0
    if source["object"] == "refund":
        refunds.book(source)
        kind = EntryKind.refund_reversal if back else EntryKind.refund
    else:
        disputes.write(source, at(transaction["created"]))
        kind = EntryKind.dispute_reversal if back else EntryKind.dispute
    return ledger.find(kind, source["id"])
