"""The rows of our books that the life of an invented patron would have come to."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from config import Mode
from membership.books.models import EntryKind, Interval
from membership.books.term_models import Settled
from membership.patrons import memberships
from membership.patrons.memberships import Paid
from membership.patrons.models import MembershipKind
from membership.seed.lives import Life

PAID_OUT_AFTER = timedelta(days=2)

Row = dict[str, Any]


class Whose(NamedTuple):
    """Whose rows they are: the numbers of what is in our books so far."""

    mode: Mode
    person: int = 0
    donation: int = 0
    subscription: int | None = None


def person(life: Life) -> Row:
    return life.person._asdict() | {"created_at": life.joined}


def customer(life: Life, whose: Whose) -> Row:
    return {"person_id": whose.person, "mode": whose.mode, "stripe_id": _id("cus", life)}


def card(life: Life, whose: Whose) -> Row:
    brand, expires_on = life.card
    return {
        "stripe_customer": _id("cus", life),
        "mode": whose.mode,
        "person_id": whose.person,
        "stripe_id": _id("pm", life),
        "brand": brand,
        "last4": f"{life.number % 10000:04}",
        "expires_on": expires_on,
        "as_of": life.joined,
    }


def donation(life: Life, whose: Whose) -> Row:
    gift = life.payments[0].gift
    return {
        "public_id": _id("d", life),
        "attempt": _id("attempt", life),
        "mode": whose.mode,
        "email": life.person.email,
        "person_id": whose.person,
        "language": life.person.language,
        "interval": gift.interval,
        "amount": gift.amount,
        "currency": gift.currency,
        "tier_id": gift.tier_id,
        **life.origin._asdict(),
        "stripe_customer": _id("cus", life),
        "stripe_session": _id("cs", life),
        "created_at": life.joined,
        "paid_at": life.joined,
    }


def subscription(life: Life, whose: Whose) -> Row:
    gift, last = life.gift, life.payments[-1]
    return {
        "stripe_id": _id("sub", life),
        "mode": whose.mode,
        "person_id": whose.person,
        "donation_id": whose.donation,
        "tier_id": gift.tier_id,
        "stripe_customer": _id("cus", life),
        "status": life.status,
        "amount": gift.amount,
        "currency": gift.currency,
        "interval": gift.interval,
        "started_at": life.joined,
        "current_period_end": last.until,
        "cancel_at_period_end": life.ends_at is not None and life.ended_at is None,
        "cancel_at": life.ends_at,
        "cancel_feedback": life.feedback,
        "end_reason": life.reason,
        "ended_at": life.ended_at,
        "paid_until": max((paid.until for paid in _paid(life) if not paid.undone_at), default=None),
        "as_of": life.ended_at or last.since,
    }


def terms(life: Life, whose: Whose) -> Iterable[Row]:
    for number, payment in enumerate(life.payments):
        if payment.paid_at is not None:
            yield {
                "mode": whose.mode,
                "person_id": whose.person,
                "subscription_id": whose.subscription,
                "stripe_invoice": _invoice(life, number),
                "stripe_item": _id("si", life),
                "settled": Settled.paid,
                "settled_at": payment.paid_at,
                "amount": payment.gift.amount,
                "interval": payment.gift.interval,
                "interval_count": 1,
                "tier_id": payment.gift.tier_id,
                "starts_at": payment.since,
                "ends_at": payment.until,
            }


def periods(life: Life, whose: Whose) -> Iterable[Row]:
    stretches = memberships.stretches(_paid(life), life.ended_at)
    for number, (starts, paid_until, ends) in enumerate(stretches, 1):
        yield {
            "person_id": whose.person,
            "kind": MembershipKind.patron,
            "source": _id("sub", life),
            "number": number,
            "mode": whose.mode,
            "starts_at": starts,
            "paid_until": paid_until,
            "ends_at": ends,
        }


def failures(life: Life, whose: Whose) -> Iterable[Row]:
    for number, payment in enumerate(life.payments):
        if payment.refused_at is not None:
            yield {
                "stripe_invoice": _invoice(life, number),
                "stripe_customer": _id("cus", life),
                "mode": whose.mode,
                "person_id": whose.person,
                "subscription_id": whose.subscription,
                "amount": payment.gift.amount,
                "currency": payment.gift.currency,
                "attempts": 1,
                "reason": payment.reason,
                "refusal": payment.reason,
                "failed_at": payment.refused_at,
                "recovered_at": payment.paid_at,
            }


def charges(life: Life, whose: Whose) -> Iterable[Row]:
    is_once = life.gift.interval is Interval.once
    for number, payment in enumerate(life.payments):
        if payment.paid_at is not None:
            yield {
                "kind": EntryKind.charge,
                "stripe_source": _id("pi", life) if is_once else _invoice(life, number),
                "mode": whose.mode,
                "person_id": whose.person,
                "parent_id": None,
                "subscription_id": whose.subscription,
                "donation_id": None if number else whose.donation,
                "amount": payment.gift.amount,
                "currency": payment.gift.currency,
                "covers_from": None if is_once else payment.since,
                "covers_until": payment.until,
                "is_renewal": number > 0,
                "occurred_at": payment.paid_at,
            }


def refund(life: Life, charge_id: int, first: Row) -> Row:
    """Of the `first` charge, whose number is `charge_id`."""
    assert life.refund is not None
    given_back = {
        "kind": EntryKind.refund,
        "stripe_source": _id("re", life),
        "amount": -life.refund.amount,
        "occurred_at": life.refund.at,
    }
    return _against(charge_id, first) | given_back


def _paid(life: Life) -> list[Paid]:
    """What the books show as paid for; what a whole refund paid for ends with it."""
    whole = life.refund is not None and life.refund.amount == life.payments[0].gift.amount
    undone = life.refund.at if life.refund and whole else None
    return [
        Paid(payment.since, payment.until, None if number else undone)
        for number, payment in enumerate(life.payments)
        if payment.paid_at is not None and payment.until is not None
    ]


def settlement(entry_id: int, entry: Row) -> Row:
    """In the currency paid in; of what is paid Stripe keeps 1.5 % and 25, as of a European card."""
    amount: int = entry["amount"]
    made: datetime = entry["occurred_at"]
    kept = (amount * 15 + 500) // 1000 + 25 if amount > 0 else 0
    return {
        "stripe_id": f"txn_{entry['stripe_source']}",
        "mode": entry["mode"],
        "entry_id": entry_id,
        "gross": amount,
        "fee": kept,
        "net": amount - kept,
        "currency": entry["currency"],
        "created_at": made,
        "available_on": made + PAID_OUT_AFTER,
    }


def fee(charge_id: int, charge: Row, settled: Row) -> Row:
    taken = {
        "kind": EntryKind.fee,
        "stripe_source": settled["stripe_id"],
        "amount": -settled["fee"],
    }
    return _against(charge_id, charge) | taken


def _against(charge_id: int, charge: Row) -> Row:
    """As `ledger.book_against` hangs a row on its charge."""
    apart = {"covers_from": None, "covers_until": None, "is_renewal": False}
    return charge | apart | {"parent_id": charge_id}


def _id(kind: str, life: Life) -> str:
    """Rising with the number of the life, so that an index only grows at its end."""
    return f"{kind}_crowd{life.number:08}"


def _invoice(life: Life, number: int) -> str:
    return f"{_id('in', life)}_{number:04}"
