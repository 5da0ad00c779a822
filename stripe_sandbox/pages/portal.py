"""The customer portal: what a patron pays, another card, the end."""

from collections.abc import Mapping
from datetime import UTC, datetime

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from stripe_sandbox.books import Books, Row
from stripe_sandbox.engine import payments
from stripe_sandbox.engine.invoices import due
from stripe_sandbox.engine.subscriptions import set_end
from stripe_sandbox.events import change
from stripe_sandbox.money import cost, in_words
from stripe_sandbox.pages.checkout import every
from stripe_sandbox.pages.desk import sandbox
from stripe_sandbox.pages.forms import Typed, read_card

bp = Blueprint("portal", __name__)

VALID_SECONDS = 3600
LONGEST_COMMENT = 1000
NO_DETAILS = {"comment": None, "feedback": None}
# What Stripe's portal asks, and the `feedback` that each answer becomes.
REASONS = {
    "too_expensive": "It’s too expensive",
    "missing_features": "I need more features",
    "switched_service": "I found an alternative",
    "unused": "I no longer need it",
    "customer_service": "Customer service was less than expected",
    "too_complex": "Ease of use was less than expected",
    "low_quality": "Quality was less than expected",
    "other": "Other reason",
}
RUNNING = ("active", "past_due", "unpaid", "trialing")


@bp.get("/p/session/<secret>")
def show(secret: str) -> ResponseReturnValue:
    """What runs, with which card."""
    with sandbox().reading() as books:
        session = _session(books, secret)
        if _is_over(books, session):
            return render_template("portal_over.html", session=session), 410
        return _page(books, session, Typed())


@bp.post("/p/session/<secret>")
def act(secret: str) -> ResponseReturnValue:
    """End a subscription with its period, take that back, or pay by another card."""
    with sandbox().writing() as books:
        session = _session(books, secret)
        if _is_over(books, session):
            return render_template("portal_over.html", session=session), 410
        customer = books.get("customer", session["customer"])
        if "card" in request.form:
            typed = read_card(request.form, books.now(customer))
            if typed.errors or not _new_card(books, customer, typed):
                return _page(books, session, typed), 422
        for name, details in (("cancel", _reason(request.form)), ("keep", NO_DETAILS)):
            if name in request.form:
                _set_end(books, customer, request.form[name], details, wanted=name == "cancel")
    return redirect(f"/p/session/{secret}", 303)


def _session(books: Books, secret: str) -> Row:
    found = books.select(
        "billing_portal.session",
        "json_extract(facts, '$.url') LIKE ?",
        (f"%/p/session/{secret}",),
    )
    if not found or not secret.isalnum():
        abort(404)
    return found[0]


def _is_over(books: Books, session: Row) -> bool:
    return bool(books.sandbox_now >= session["created"] + VALID_SECONDS)


def _new_card(books: Books, customer: Row, typed: Typed) -> bool:
    """Make a card the one that pays for everything. False if it refuses to be kept."""
    now = books.now(customer)
    payer = {"email": customer.get("email"), "name": typed.name}
    method = payments.new_card(books, typed.card, expiry=typed.expiry, payer=payer, now=now)
    refusal = payments.plays(method).at_checkout
    if refusal:
        typed.refused(refusal)
        books.remove(method)
        return False
    payments.attach(books, method, customer)
    with change(books, customer, "customer.updated"):
        customer["default_payment_method"] = method["id"]
    for subscription in _subscriptions(books, customer):
        with change(books, subscription, "customer.subscription.updated"):
            subscription["default_payment_method"] = method["id"]
    return True


def _reason(form: Mapping[str, str]) -> Row:
    """Why somebody ends it, as far as the form says; an unknown reason is none."""
    feedback, comment = form.get("feedback"), form.get("comment", "").strip()
    return {
        "comment": comment[:LONGEST_COMMENT] or None,
        "feedback": feedback if feedback in REASONS else None,
    }


def _set_end(books: Books, customer: Row, id: str, details: Row, *, wanted: bool) -> None:
    for subscription in _subscriptions(books, customer):
        if subscription["id"] == id:
            with change(books, subscription, "customer.subscription.updated"):
                subscription["cancellation_details"] = {"reason": None, **details}
                set_end(books, subscription, books.now(customer), wanted=wanted)


def _subscriptions(books: Books, customer: Row) -> list[Row]:
    found = books.select("subscription", "customer = ?", (customer["id"],))
    return [subscription for subscription in found if subscription["status"] in RUNNING]


def _page(books: Books, session: Row, typed: Typed) -> str:
    customer = books.get("customer", session["customer"])
    return render_template(
        "portal.html",
        session=session,
        customer=customer,
        subscriptions=[_shown(books, one) for one in _subscriptions(books, customer)],
        invoices=[_invoice_shown(one) for one in _invoices(books, customer)],
        reasons=REASONS.items(),
        typed=typed,
    )


def _invoices(books: Books, customer: Row) -> list[Row]:
    newest = "ORDER BY created DESC, seq DESC LIMIT 12"
    return books.select("invoice", "customer = ?", (customer["id"],), newest)


def _shown(books: Books, subscription: Row) -> Row:
    prices = [books.get("price", item["price"]) for item in subscription["items"]]
    pairs = zip(prices, subscription["items"], strict=True)
    amount = sum(cost(price, item["quantity"]) for price, item in pairs)
    id = subscription.get("default_payment_method")
    method = books.find("payment_method", id) if id else None
    return {
        "id": subscription["id"],
        "name": books.get("product", prices[0]["product"])["name"],
        "amount": in_words(amount, subscription["currency"]),
        "every": every(prices[0]["recurring"]),
        "until": day(subscription.get("cancel_at") or subscription["current_period_end"]),
        "ends": bool(subscription.get("cancel_at")),
        "is_late": subscription["status"] in ("past_due", "unpaid"),
        "card": method and method_in_words(method),
    }


def method_in_words(method: Row) -> str:
    """`Visa ending in 4242`."""
    if "sepa_debit" in method:
        return f"SEPA Direct Debit from the account ending in {method['sepa_debit']['last4']}"
    return f"{method['card']['brand'].title()} ending in {method['card']['last4']}"


def _invoice_shown(invoice: Row) -> Row:
    return {
        "id": invoice["id"],
        "day": day(invoice["created"]),
        "amount": in_words(due(invoice), invoice["currency"]),
        "status": {"open": "not paid yet"}.get(invoice["status"], invoice["status"]),
    }


def day(at: int) -> str:
    """`5 March 2027`, in UTC."""
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment.day} {moment:%B %Y}"
