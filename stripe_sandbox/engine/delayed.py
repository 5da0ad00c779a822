"""Direct debits: the bank says days later whether it pays. See docs/stripe-sandbox.md."""

from stripe_sandbox.books import Books, Row
from stripe_sandbox.engine import billing, endings, invoices, payments
from stripe_sandbox.events import emit


def arrive(books: Books, id: str, now: int) -> None:
    """The bank answers for a PaymentIntent that was processing."""
    intent = books.get("payment_intent", id)
    method = books.get("payment_method", intent["payment_method"])
    refusal = payments.bank_of(method).refuses
    links = books.select("invoice_payment", "json_extract(facts, '$.payment_intent') = ?", (id,))
    invoice = books.get("invoice", links[0]["invoice"]) if links else None
    if refusal is None:
        payments.settle(books, intent, now)
    else:
        payments.bounce(books, intent, method, refusal)
    if invoice and refusal is None:
        _paid(books, invoice, now)
    elif invoice:
        billing.bounced(books, invoice, now)
    if intent.get("checkout_session"):
        _tell_checkout(books, intent, succeeded=refusal is None)
    if invoice and refusal:
        endings.abandon(books, invoice["subscription"], now)


def _paid(books: Books, invoice: Row, now: int) -> None:
    invoices.mark_paid(books, invoice, now)
    subscription = books.get("subscription", invoice["subscription"])
    if subscription["status"] in billing.UNPAID:
        billing.activate(books, subscription)


def _tell_checkout(books: Books, intent: Row, *, succeeded: bool) -> None:
    session = books.get("checkout.session", intent.pop("checkout_session"))
    books.save(intent)
    session["payment_status"] = "paid" if succeeded else "unpaid"
    outcome = "succeeded" if succeeded else "failed"
    emit(books, f"checkout.session.async_payment_{outcome}", books.save(session))
