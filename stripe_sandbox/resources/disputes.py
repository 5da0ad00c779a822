"""Disputes: listed, answered with evidence, given up."""

from stripe_sandbox import shapes
from stripe_sandbox.books import Books, Row
from stripe_sandbox.engine import disputes
from stripe_sandbox.errors import invalid, not_played
from stripe_sandbox.events import change
from stripe_sandbox.http.lists import CREATED, Filters, fact, list_params, page
from stripe_sandbox.http.params import Clearable, Hash, flag, merged, metadata, text
from stripe_sandbox.http.routes import Route
from stripe_sandbox.shapes.disputes import TEXTS

REASONS = (
    "bank_cannot_process",
    "credit_not_processed",
    "customer_initiated",
    "debit_not_authorized",
    "duplicate",
    "fraudulent",
    "general",
    "incorrect_account_details",
    "insufficient_funds",
    "product_not_received",
    "product_unacceptable",
    "subscription_canceled",
    "unrecognized",
)


def make(books: Books, wish: Row) -> Row:
    """POST /_sandbox/dispute: somebody disputes a paid charge."""
    charge = books.get("charge", wish["charge"], "charge")
    left = charge["amount"] - charge["amount_refunded"]
    amount = wish.get("amount", left)
    if charge["status"] != "succeeded" or charge.get("dispute"):
        raise invalid("Only a paid charge can be disputed, and only once.", "charge")
    if not 0 < amount <= left:
        raise invalid(f"The amount must be between 1 and {left}.", "amount")
    customer = books.find("customer", charge["customer"]) if charge["customer"] else None
    inquiry = wish.get("inquiry", False)
    made = disputes.dispute(
        books, charge, wish["reason"], amount, books.now(customer), is_inquiry=inquiry
    )
    return shapes.render(books, made)


def retrieve(books: Books, params: Row, id: str) -> Row:
    """GET /v1/disputes/:id"""
    return shapes.render(books, books.get("dispute", id))


def update(books: Books, params: Row, id: str) -> Row:
    """POST /v1/disputes/:id: evidence is submitted at once unless `submit` is false."""
    dispute = books.get("dispute", id)
    answers = "evidence" in params or "submit" in params
    if answers and dispute["status"] not in disputes.NEEDS_RESPONSE:
        raise invalid("This dispute is already closed or its evidence has been submitted.")
    with change(books, dispute, "charge.dispute.updated"):
        dispute["metadata"] = merged(dispute["metadata"], params.get("metadata"))
        dispute["evidence"] = {**dispute["evidence"], **params.get("evidence", {})}
    if answers and params.get("submit", True):
        disputes.submit(books, dispute, _now(books, dispute))
    return shapes.render(books, dispute)


def close(books: Books, params: Row, id: str) -> Row:
    """POST /v1/disputes/:id/close: there is no evidence, it is lost."""
    dispute = books.get("dispute", id)
    if dispute["is_inquiry"]:
        raise not_played("closing an inquiry; refund its charge, or wait")
    if dispute["status"] != "needs_response":
        raise invalid("This dispute is already closed or its evidence has been submitted.")
    disputes.decide(books, dispute, _now(books, dispute), won=False)
    return shapes.render(books, dispute)


def _now(books: Books, dispute: Row) -> int:
    return books.now(books.find("customer", dispute["customer"]) if dispute["customer"] else None)


def list_all(books: Books, params: Row) -> Row:
    """GET /v1/disputes"""
    filters = Filters().equal(params, charge="parent", payment_intent=fact("payment_intent"))
    return page(books, "dispute", "/v1/disputes", params, filters)


EVIDENCE = Hash(dict.fromkeys(TEXTS, Clearable(text)))

ROUTES = (
    Route("GET", "/v1/disputes/<id>", retrieve, Hash()),
    Route(
        "POST",
        "/v1/disputes/<id>",
        update,
        Hash({"evidence": EVIDENCE, "metadata": metadata, "submit": flag}),
    ),
    Route("POST", "/v1/disputes/<id>/close", close, Hash()),
    Route(
        "GET", "/v1/disputes", list_all, list_params(**CREATED, charge=text, payment_intent=text)
    ),
)
