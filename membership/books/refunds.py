"""Money given back, whole or in part, here or in Stripe's dashboard."""

import sqlalchemy as sa

from membership.books import changes, ledger, payments, second, standing, sync
from membership.books.models import EntryKind, LedgerEntry, Subscription
from membership.clock import at
from membership.extensions import db
from membership.gateway import Json, gateway
from membership.money import Money

FAILED = ("failed", "canceled")


class NothingToRefund(ValueError):
    """This is no payment by card, or nothing of it is left, or less than was asked for."""


class NotSecond(ValueError):
    """This person has no other subscription beside it."""


def refund_changed(event: Json) -> None:
    book(event["data"]["object"])


def book(refund: Json) -> bool:
    """Book a refund; one that failed on its way is booked out and in again.

    False if it is not ours or was booked before.
    """
    charge = payments.charge_behind(refund["payment_intent"])
    if charge is None:
        return False
    subscription = sync.locked_behind(charge)
    money, made = Money(refund["amount"], refund["currency"]), at(refund["created"])
    out = Money(-money.amount, money.currency)
    booked = ledger.book_against(charge, EntryKind.refund, refund["id"], out, made)
    if refund["status"] in FAILED:
        booked |= ledger.book_against(charge, EntryKind.refund_reversal, refund["id"], money, made)
    if booked and subscription is not None:
        standing.refresh(subscription)
    return booked


def give_back(charge: LedgerEntry, money: Money, *, key: str) -> None:
    """Refund `money` of a charge at Stripe and book it; `key` names the form that asked.

    Raises NothingToRefund, StripeDown, StripeRefused. Commits.
    """
    intent = payments.intent_behind(charge)
    left = ledger.left_of(charge)
    if charge.kind is not EntryKind.charge or intent is None:
        raise NothingToRefund
    if money.currency != left.currency or not 0 < money.amount <= left.amount:
        raise NothingToRefund
    db.session.commit()
    made = gateway().create_refund(
        {
            "payment_intent": intent,
            "amount": money.amount,
            "reason": "requested_by_customer",
        },
        key=f"refund-{key}",
    )
    book(made)
    db.session.commit()


def undo_second(subscription: Subscription) -> None:
    """End one of two subscriptions now and give its last payment back. Commits.

    The money goes first: if what follows is interrupted, doing it again ends the rest.
    Raises NotSecond, StripeDown, StripeRefused.
    """
    paid = [
        other
        for other in second.of_person(subscription.person_id, subscription.mode)
        if other.paid_until is not None
    ]
    if len(paid) < 2 or subscription not in paid:
        raise NotSecond
    last = db.session.scalar(
        sa.select(LedgerEntry)
        .where(LedgerEntry.subscription_id == subscription.id, LedgerEntry.kind == EntryKind.charge)
        .order_by(LedgerEntry.occurred_at.desc(), LedgerEntry.id.desc())
        .limit(1)
    )
    stripe_id = subscription.stripe_id
    if last is not None and (left := ledger.left_of(last)).amount > 0:
        give_back(last, left, key=f"second-{last.id}")
    changes.end(stripe_id)
