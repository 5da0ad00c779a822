"""How a subscription ends: on its day, for want of payment, because somebody says so."""

from stripe_sandbox.books import Books, Row
from stripe_sandbox.engine.invoices import void
from stripe_sandbox.events import change, emit


def abandon(books: Books, id: str, now: int) -> None:
    """A first payment never came: the subscription expires."""
    subscription = books.get("subscription", id)
    if subscription["status"] != "incomplete":
        return
    books.unplan(id)
    with change(books, subscription, "customer.subscription.updated"):
        subscription |= {"status": "incomplete_expired", "ended_at": now}
    for invoice in books.select("invoice", "parent = ?", (id,)):
        if invoice["status"] == "open":
            void(books, invoice, now)


def cancel_at(books: Books, id: str, now: int) -> None:
    """The day set for the end has come."""
    end(books, books.get("subscription", id), now)


def end(books: Books, subscription: Row, now: int, *, reason: str | None = None) -> None:
    """End a subscription now. `reason` is Stripe's, if the payer did not ask for it."""
    books.unplan(subscription["id"])
    details = subscription.get("cancellation_details") or {"comment": None, "feedback": None}
    wanted = reason or "cancellation_requested"
    subscription |= {
        "canceled_at": subscription.get("canceled_at") or now,
        "cancellation_details": {**details, "reason": wanted},
        "ended_at": now,
        "pause_collection": None,
        "status": "canceled",
    }
    books.save(subscription)
    _stop_collecting(books, subscription)
    emit(books, "customer.subscription.deleted", subscription)


def _stop_collecting(books: Books, subscription: Row) -> None:
    latest = subscription.get("latest_invoice")
    invoice = books.find("invoice", latest) if latest else None
    if invoice and invoice["status"] in ("open", "draft"):
        books.unplan(invoice["id"])
        invoice |= {"auto_advance": False, "next_payment_attempt": None}
        books.save(invoice)
