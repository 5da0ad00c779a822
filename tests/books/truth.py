"""What Stripe knows, read through its API alone, and what our books say, in the same words."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from membership.books.models import (
    Dispute,
    EntryKind,
    LedgerEntry,
    Product,
    Settlement,
    Subscription,
)
from membership.books.payout_models import Payout, PayoutEntry
from membership.clock import at
from membership.extensions import db
from membership.patrons.models import MembershipPeriod
from tests.till import Till

GRACE = timedelta(days=14)
Span = tuple[datetime, datetime]


@dataclass
class Books:
    """Subscriptions, movements of money, and when each subscription made its giver a member.

    `paid_out` is what the movements in each payout come to, as far as Stripe can list them.
    """

    subscriptions: dict[str, tuple[object, ...]]
    movements: Counter[tuple[object, ...]]
    disputes: dict[str, str]
    settled: Counter[str]
    payouts: dict[str, tuple[object, ...]]
    paid_out: dict[str, int]
    spans: dict[str, list[Span]]

    def without_settlements(self) -> "Books":
        """What webhooks alone tell."""
        return replace(self, settled=Counter(), paid_out={})

    def member_at(self, subscription: str, moment: datetime) -> bool:
        return any(since <= moment < until for since, until in self.spans.get(subscription, []))


def ours() -> Books:
    """From the application's database."""
    subscriptions = {
        row.stripe_id: (
            row.status,
            row.amount,
            row.currency,
            row.interval.value,
            row.current_period_end,
            row.cancel_at,
            row.is_paused,
            row.ended_at,
        )
        for row in db.session.scalars(sa.select(Subscription))
    }
    movements = Counter(
        (row.kind.value, row.stripe_source, row.amount, row.currency)
        for row in db.session.scalars(
            sa.select(LedgerEntry).where(LedgerEntry.kind != EntryKind.fee)
        )
    )
    spans: dict[str, list[Span]] = {}
    for period in db.session.scalars(sa.select(MembershipPeriod)):
        assert period.ends_at is not None
        spans.setdefault(period.source, []).append((period.starts_at, period.ends_at))
    return Books(
        subscriptions,
        movements,
        {row.stripe_id: row.status for row in db.session.scalars(sa.select(Dispute))},
        Counter(
            {
                code: int(net)
                for code, net in db.session.execute(
                    sa.select(Settlement.currency, sa.func.sum(Settlement.net)).group_by(
                        Settlement.currency
                    )
                )
            }
        ),
        {
            row.stripe_id: (row.status, row.amount, row.currency, row.arrives_on)
            for row in db.session.scalars(sa.select(Payout))
        },
        {
            stripe_id: int(net)
            for stripe_id, net in db.session.execute(
                sa.select(Payout.stripe_id, sa.func.sum(PayoutEntry.net))
                .join(PayoutEntry, PayoutEntry.payout_id == Payout.id)
                .group_by(Payout.stripe_id)
            )
        },
        spans,
    )


def stripes(till: Till, *, matched: Iterable[str] = ()) -> Books:
    """From Stripe, by the rules of docs/money.md told a second time.

    `matched` are products and prices that are ours though they were not made here.
    """
    products = {*db.session.scalars(sa.select(Product.stripe_id)), *matched}
    said = [one for one in _all(till, "subscriptions", status="all") if products & _sold(one)]
    running = {one["id"]: one for one in said}
    charges, undone = _charges(till, running), _undone(till)
    movements: Counter[tuple[object, ...]] = Counter()
    settled: Counter[str] = Counter()
    for source, charge in charges.items():
        movements["charge", source, charge.amount, charge.currency] += 1
    intents = {charge.intent for charge in charges.values() if charge.intent}
    for refund in _all(till, "refunds"):
        if refund["payment_intent"] in intents:
            movements["refund", refund["id"], -refund["amount"], refund["currency"]] += 1
    disputes = {}
    for dispute in _all(till, "disputes"):
        if dispute["payment_intent"] in intents:
            disputes[dispute["id"]] = dispute["status"]
            for entry in dispute["balance_transactions"]:
                back = entry["amount"] > 0
                amount = dispute["amount"] if back else -dispute["amount"]
                kind = "dispute_reversal" if back else "dispute"
                movements[kind, dispute["id"], amount, dispute["currency"]] += 1
    for entry in _all(till, "balance_transactions", expand=["data.source"]):
        if (entry["source"] or {}).get("payment_intent") in intents:
            settled[entry["currency"]] += entry["net"]
    payouts = _all(till, "payouts")
    return Books(
        {stripe_id: _state(one) for stripe_id, one in running.items()},
        movements,
        disputes,
        settled,
        {
            one["id"]: (
                one["status"],
                one["amount"],
                one["currency"],
                at(one["arrival_date"]).date(),
            )
            for one in payouts
        },
        {
            one["id"]: one["amount"]
            for one in payouts
            if one["reconciliation_status"] == "completed"
        },
        _spans(running, charges, undone),
    )


def moments(*books: Books) -> Iterator[tuple[str, datetime]]:
    """The moments just before and at every edge of anybody's membership."""
    for one in books:
        for subscription, spans in one.spans.items():
            for span in spans:
                for edge in span:
                    yield subscription, edge
                    yield subscription, edge - timedelta(seconds=1)


def hold_together(ours: Books, stripes: Books) -> None:
    differing = {
        stripe_id: (ours.subscriptions.get(stripe_id), stripes.subscriptions.get(stripe_id))
        for stripe_id, _state in ours.subscriptions.items() ^ stripes.subscriptions.items()
    }
    assert differing == {}, differing
    assert ours.movements == stripes.movements, (
        ours.movements - stripes.movements,
        stripes.movements - ours.movements,
    )
    assert ours.disputes == stripes.disputes
    assert ours.settled == stripes.settled
    assert ours.payouts == stripes.payouts
    assert ours.paid_out == stripes.paid_out
    for subscription, moment in moments(ours, stripes):
        expected = stripes.member_at(subscription, moment)
        assert ours.member_at(subscription, moment) == expected, (subscription, moment)


@dataclass
class _Charge:
    amount: int
    currency: str
    intent: str | None
    subscription: str | None
    covers: Span | None


def _charges(till: Till, running: dict[str, Any]) -> dict[str, _Charge]:
    found = {}
    for invoice in _all(till, "invoices", status="paid", expand=["data.payments"]):
        subscription = invoice["parent"]["subscription_details"]["subscription"]
        if subscription in running and invoice["total"] > 0:
            periods = [line["period"] for line in invoice["lines"]["data"] if line["amount"] > 0]
            intents = [
                one["payment"]["payment_intent"]
                for one in invoice["payments"]["data"]
                if one["status"] == "paid"
            ]
            found[invoice["id"]] = _Charge(
                invoice["amount_paid"],
                invoice["currency"],
                intents[0] if intents else None,
                subscription,
                (
                    at(min(period["start"] for period in periods)),
                    at(max(period["end"] for period in periods)),
                ),
            )
    for intent in _all(till, "payment_intents"):
        if "hromada_donation" in intent["metadata"] and intent["status"] == "succeeded":
            found[intent["id"]] = _Charge(
                intent["amount_received"], intent["currency"], intent["id"], None, None
            )
    return found


def _undone(till: Till) -> dict[str, datetime]:
    """Payment intents that were given back whole or lost to the bank, and when."""
    undone: dict[str, datetime] = {}
    for charge in _all(till, "charges"):
        if charge["refunded"]:
            refunds = _all(till, "refunds", charge=charge["id"])
            undone[charge["payment_intent"]] = at(max(one["created"] for one in refunds))
    for dispute in _all(till, "disputes"):
        if dispute["status"] == "lost":
            intent, opened = dispute["payment_intent"], at(dispute["created"])
            undone[intent] = min(undone.get(intent, opened), opened)
    return undone


def _spans(
    running: dict[str, Any], charges: dict[str, _Charge], undone: dict[str, datetime]
) -> dict[str, list[Span]]:
    """A payment makes a member for what it covers and the grace after; less once it is undone."""
    spans: dict[str, list[Span]] = {}
    for charge in charges.values():
        if charge.subscription is None or charge.covers is None:
            continue
        since, until = charge.covers
        ended = running[charge.subscription]["ended_at"]
        end = until + GRACE
        if ended:
            end = max(until, min(end, at(ended)))
        if charge.intent in undone:
            end = min(end, undone[charge.intent])
        if end > since:
            spans.setdefault(charge.subscription, []).append((since, end))
    return spans


def _state(said: Any) -> tuple[object, ...]:
    item = said["items"]["data"][0]
    return (
        said["status"],
        item["price"]["unit_amount"],
        item["price"]["currency"],
        item["price"]["recurring"]["interval"],
        at(item["current_period_end"]),
        at(said["cancel_at"]) if said["cancel_at"] else None,
        said["pause_collection"] is not None,
        at(said["ended_at"]) if said["ended_at"] else None,
    )


def _sold(said: Any) -> set[str]:
    price = said["items"]["data"][0]["price"]
    return {price["id"], price["product"]}


def _all(till: Till, kind: str, **filters: Any) -> list[Any]:
    """Every object of a kind, in pages."""
    found: list[Any] = []
    params = {
        "limit": 100,
        **{f"{name}[]" if name == "expand" else name: value for name, value in filters.items()},
    }
    while True:
        page = till.get(f"/v1/{kind}", **params)
        found += page["data"]
        if not page["has_more"]:
            return found
        params["starting_after"] = found[-1]["id"]
