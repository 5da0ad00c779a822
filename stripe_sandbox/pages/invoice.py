"""An invoice as a person sees it, and a card to pay it with."""

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from stripe_sandbox.books import Books, Row
from stripe_sandbox.engine import billing, payments
from stripe_sandbox.engine.invoices import due, is_processing
from stripe_sandbox.money import in_words
from stripe_sandbox.pages.desk import sandbox
from stripe_sandbox.pages.forms import Typed, read_card
from stripe_sandbox.pages.portal import day

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
        typed = read_card(request.form, now)
        if typed.errors:
            return _page(books, invoice, typed), 422
        payer = {"email": customer.get("email"), "name": typed.name}
        method = payments.new_card(books, typed.card, expiry=typed.expiry, payer=payer, now=now)
        refusal = payments.plays(method).at_checkout
        if refusal is None:
            payments.attach(books, method, customer)
        billing.pay_invoice(books, invoice, method, refusal, now)
        if refusal:
            typed.refused(refusal)
            return _page(books, invoice, typed), 402
    return redirect(f"/invoice/{id}", 303)


def _invoice(books: Books, id: str) -> Row:
    invoice = books.find("invoice", id)
    if invoice is None or invoice["status"] == "draft":
        abort(404)
    return invoice


def _page(books: Books, invoice: Row, typed: Typed) -> str:
    lines = [
        (line["description"], 1, in_words(line["amount"], invoice["currency"]))
        for line in invoice["lines"]
    ]
    if due(invoice) != invoice["total"]:
        set_off = in_words(due(invoice) - invoice["total"], invoice["currency"])
        lines.append(("Set off against your balance", 1, set_off))
    return render_template(
        "invoice.html",
        invoice=invoice,
        processing=is_processing(books, invoice),
        lines=lines,
        total=in_words(due(invoice), invoice["currency"]),
        day=day(invoice["created"]),
        typed=typed,
    )
