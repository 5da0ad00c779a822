"""An invoice as a person sees it, and a card to pay it with."""

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from stripe_sandbox.books import Books, Row
from stripe_sandbox.cards import NEEDS_3DS, UNAUTHENTICATED, Decline
from stripe_sandbox.engine import billing, payments
from stripe_sandbox.engine.invoices import (
    authentication_page,
    due,
    is_processing,
    payment_failed,
)
from stripe_sandbox.money import in_words
from stripe_sandbox.pages.desk import sandbox
from stripe_sandbox.pages.forms import Typed, read_card
from stripe_sandbox.pages.portal import day, method_in_words

bp = Blueprint("invoice", __name__)


@bp.get("/invoice/<id>")
def show(id: str) -> ResponseReturnValue:
    """What is asked for, and whether it is paid."""
    with sandbox().reading() as books:
        return _page(books, _invoice(books, id), Typed())


@bp.post("/invoice/<id>")
def pay(id: str) -> ResponseReturnValue:
    """Pay an open invoice with a card, once however often it is sent."""
    with sandbox().writing() as books:
        invoice = _invoice(books, id)
        if invoice["status"] != "open" or is_processing(books, invoice):
            return redirect(f"/invoice/{id}", 303)
        customer = books.get("customer", invoice["customer"])
        now = books.now(customer)
        if saved := "saved" in request.form and _saved(books, invoice):
            typed, method = Typed(), saved
            refusal = None if payments.is_delayed(saved) else payments.refusal(saved, now)
            asks = refusal == NEEDS_3DS
        else:
            typed = read_card(request.form, now)
            if typed.errors:
                return _page(books, invoice, typed), 422
            payer = {"email": customer.get("email"), "name": typed.name}
            method = payments.new_card(books, typed.card, expiry=typed.expiry, payer=payer, now=now)
            refusal, asks = payments.plays(method).at_checkout, payments.plays(method).asks_3ds
        if asks:
            intent = books.get("payment_intent", invoice["payment_intent"])
            page, back = authentication_page(books, invoice), invoice["hosted_invoice_url"]
            payments.ask_3ds(books, intent, method, page=page, back=back)
            return redirect(page, 303)
        if not _pay(books, invoice, method, refusal, now):
            if refusal and method is not saved:
                typed.refused(refusal)
            return _page(books, invoice, typed, refusal), 402
    return redirect(f"/invoice/{id}", 303)


@bp.get("/invoice/<id>/authenticate")
def ask(id: str) -> ResponseReturnValue:
    """The bank's page of 3-D Secure."""
    with sandbox().reading() as books:
        invoice = _invoice(books, id)
        if _asking(books, invoice) is None:
            return redirect(f"/invoice/{id}", 303)
        return render_template("authenticate.html", every="", **_sums(invoice))


@bp.post("/invoice/<id>/authenticate")
def answer(id: str) -> ResponseReturnValue:
    """The payer agrees at the bank, or does not."""
    with sandbox().writing() as books:
        invoice = _invoice(books, id)
        intent = _asking(books, invoice)
        if intent is None:
            return redirect(f"/invoice/{id}", 303)
        method = books.get("payment_method", intent["payment_method"])
        if "complete" not in request.form:
            payments.fail(books, intent, method, UNAUTHENTICATED)
            retry_at = invoice["next_payment_attempt"]
            payment_failed(books, invoice, retry_at=retry_at, counts=False)
            return _page(books, invoice, Typed(), UNAUTHENTICATED), 402
        _pay(books, invoice, method, None, books.now(books.get("customer", invoice["customer"])))
    return redirect(f"/invoice/{id}", 303)


def _pay(books: Books, invoice: Row, method: Row, refusal: Decline | None, now: int) -> bool:
    """Charge a card, which the customer keeps if it pays. False if it is refused."""
    if refusal is None and not method.get("customer"):
        payments.attach(books, method, books.get("customer", invoice["customer"]))
    return billing.pay_invoice(books, invoice, method, refusal, now)


def _asking(books: Books, invoice: Row) -> Row | None:
    """The PaymentIntent of an open invoice, if a bank wants to ask its payer."""
    if invoice["status"] != "open" or "payment_intent" not in invoice:
        return None
    intent = books.get("payment_intent", invoice["payment_intent"])
    return intent if intent["status"] == "requires_action" else None


def _saved(books: Books, invoice: Row) -> Row | None:
    """The card that the subscription is usually paid with."""
    return billing.paying_method(books, books.get("subscription", invoice["subscription"]))


def _invoice(books: Books, id: str) -> Row:
    invoice = books.find("invoice", id)
    if invoice is None or invoice["status"] == "draft":
        abort(404)
    return invoice


def _page(books: Books, invoice: Row, typed: Typed, refusal: Decline | None = None) -> str:
    saved = _saved(books, invoice)
    return render_template(
        "invoice.html",
        invoice=invoice,
        processing=is_processing(books, invoice),
        day=day(invoice["created"]),
        refusal=refusal,
        saved=saved and method_in_words(saved),
        typed=typed,
        **_sums(invoice),
    )


def _sums(invoice: Row) -> Row:
    lines = [
        (line["description"], 1, in_words(line["amount"], invoice["currency"]))
        for line in invoice["lines"]
    ]
    if due(invoice) != invoice["total"]:
        set_off = in_words(due(invoice) - invoice["total"], invoice["currency"])
        lines.append(("Set off against your balance", 1, set_off))
    return {"lines": lines, "total": in_words(due(invoice), invoice["currency"])}
