"""Payouts: what Stripe sends to the bank, and which movements of the balance each is made of.

A payout is written down as its events tell of it. What it is made of may be many thousand
movements, which Stripe lists a page at a time once it is done with it: they are read in bulk, some
minutes later, as settlements are.
"""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from membership.books.payout_models import Payout, PayoutEntry
from membership.clock import at, clock
from membership.extensions import db, insert_once
from membership.gateway import Json, gateway

OWN = "payout"
RETURNED = ("failed", "canceled")


def payout_changed(event: Json) -> None:
    write(event["data"]["object"], at(event["created"]))


def write(said: Json, as_of: datetime, latest: datetime | None = None) -> bool:
    """Write down a payout as Stripe `said` it at `as_of` (UTC); False if nothing was new.

    What was read may also be true of a later moment, up to `latest`.
    """
    new = insert_once(
        Payout,
        ["stripe_id"],
        {
            "stripe_id": said["id"],
            "mode": gateway().mode,
            "amount": said["amount"],
            "currency": said["currency"],
            "is_automatic": said["automatic"],
            "created_at": at(said["created"]),
            **_changing(said),
            "as_of": as_of,
        },
    )
    row = db.session.scalars(
        sa.select(Payout).where(Payout.stripe_id == said["id"]).with_for_update(key_share=True)
    ).one()
    if not new and as_of <= row.as_of <= (latest or as_of):
        read = gateway().payout(said["id"])
        said, as_of = read.said, max(row.as_of, read.as_of)
    before = _described(row)
    if as_of >= row.as_of:
        for name, value in _changing(said).items():
            setattr(row, name, value)
        row.as_of = as_of
    back = said["failure_balance_transaction"]
    if isinstance(back, dict):
        row.returned_at = at(back["created"])
    return new or before != _described(row)


def run() -> int:
    """Write down what new payouts are made of; how many movements. Commits. Raises StripeDown."""
    for stripe_id in _returned():
        write(*gateway().payout(stripe_id))
        db.session.commit()
    noted = 0
    for page in unread():
        noted += sum(map(note, page))
        db.session.commit()
    return noted


def unread() -> Iterator[list[Json]]:
    """The movements of each payout that Stripe can list and that was not listed yet, in pages.

    Each with the `payout` of ours that it is part of. A payout counts as listed once the page after
    its last is asked for. Commits then. Raises StripeDown, StripeRefused.
    """
    wanted = db.session.execute(
        sa.select(Payout.id, Payout.stripe_id).where(
            Payout.mode == gateway().mode,
            Payout.listed_at.is_(None),
            Payout.is_automatic,
            Payout.is_reconciled,
        )
    ).all()
    db.session.commit()
    for payout_id, stripe_id in wanted:
        for page in gateway().balance_transactions_of(stripe_id):
            yield [{**entry, "payout": payout_id} for entry in page]
        listed = sa.update(Payout).where(Payout.id == payout_id)
        db.session.execute(listed.values(listed_at=clock.now()))
        db.session.commit()


def note(entry: Json) -> bool:
    """Write down one movement; False if it was before, or is that of the payout itself."""
    if entry["type"] == OWN:
        return False
    return insert_once(
        PayoutEntry,
        ["stripe_id"],
        {
            "stripe_id": entry["id"],
            "payout_id": entry["payout"],
            "category": entry["reporting_category"],
            "gross": entry["amount"],
            "fee": entry["fee"],
            "net": entry["net"],
            "currency": entry["currency"],
            "created_at": at(entry["created"]),
        },
    )


def _returned() -> list[str]:
    """Those that failed and of which it is not known yet when their money was back."""
    wanted = sa.select(Payout.stripe_id).where(
        Payout.mode == gateway().mode,
        Payout.status.in_(RETURNED),
        Payout.returned_at.is_(None),
    )
    found = list(db.session.scalars(wanted))
    db.session.commit()
    return found


def _changing(said: Json) -> dict[str, object]:
    return {
        "status": said["status"],
        "is_reconciled": said["reconciliation_status"] == "completed",
        "arrives_on": at(said["arrival_date"]).date(),
    }


def _described(row: Payout) -> tuple[object, ...]:
    return row.status, row.is_reconciled, row.arrives_on, row.returned_at
