"""Checkout as a person sees it: a plain form, without JavaScript."""

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from stripe_sandbox import cards
from stripe_sandbox.books import Books, Row
from stripe_sandbox.engine import checkout
from stripe_sandbox.errors import ApiError
from stripe_sandbox.http.params import is_email
from stripe_sandbox.money import cost, in_words
from stripe_sandbox.pages.desk import sandbox
from stripe_sandbox.pages.forms import Typed, read_bank, read_card

bp = Blueprint("checkout", __name__)


@bp.get("/c/pay/<id>")
def show(id: str) -> ResponseReturnValue:
    """The form; or what became of the session."""
    with sandbox().reading() as books:
        session = _session(books, id)
        closed = _closed(books, session)
        if closed:
            return closed
        first = session["payment_method_types"][0]
        typed = Typed(email=fixed_email(books, session) or "", method=first)
        return _form(books, session, typed)


@bp.post("/c/pay/<id>")
def act(id: str) -> ResponseReturnValue:
    """Pay or go back. Two pays at once are one: the second finds the session complete."""
    with sandbox().writing() as books:
        session = _session(books, id)
        if "cancel" in request.form and session["cancel_url"]:
            return redirect(session["cancel_url"], 303)
        if session["status"] == "complete":
            return redirect(success_url(session), 303)
        closed = _closed(books, session)
        if closed:
            return closed
        return _pay(books, session, _read(books, session))


@bp.get("/c/pay/<id>/authenticate")
def ask(id: str) -> ResponseReturnValue:
    """The bank's page of 3-D Secure."""
    with sandbox().reading() as books:
        session = _session(books, id)
        if session["status"] == "complete":
            return redirect(success_url(session), 303)
        if "asking" not in session:
            return redirect(page_url(session), 303)
        return render_template("authenticate.html", session=session, **_sums(books, session))


@bp.post("/c/pay/<id>/authenticate")
def answer(id: str) -> ResponseReturnValue:
    """The payer agrees at the bank, or does not."""
    with sandbox().writing() as books:
        session = _session(books, id)
        if session["status"] == "complete":
            return redirect(success_url(session), 303)
        if "asking" not in session or _closed(books, session):
            return redirect(page_url(session), 303)
        payer = session["asking"]["payer"]
        outcome = checkout.authenticated(books, session, agreed="complete" in request.form)
        if outcome == "paid":
            return redirect(success_url(session), 303)
        typed = Typed(email=payer["email"], name=payer["name"])
        return _refused(books, session, typed, cards.UNAUTHENTICATED)


def _session(books: Books, id: str) -> Row:
    try:
        return books.get("checkout.session", id)
    except ApiError:
        abort(404)


def _closed(books: Books, session: Row) -> ResponseReturnValue | None:
    """A page that says the session is paid or over, if it is."""
    if session["status"] == "complete":
        return render_template("complete.html", session=session, url=success_url(session))
    over = session["status"] == "expired"
    if over or checkout.session_now(books, session) >= session["expires_at"]:
        return render_template("expired.html", session=session), 410
    return None


def fixed_email(books: Books, session: Row) -> str | None:
    """The address the payer cannot change, because the session came with it."""
    if session["customer"]:
        customer = books.get("customer", session["customer"])
        return customer.get("email")
    address: str | None = session["customer_email"]
    return address


def _read(books: Books, session: Row) -> Typed:
    methods = session["payment_method_types"]
    if request.form.get("method", methods[0]) == "sepa_debit" and "sepa_debit" in methods:
        typed = read_bank(request.form)
    else:
        typed = read_card(request.form, checkout.session_now(books, session))
    typed.email = fixed_email(books, session) or request.form.get("email", "").strip()
    if not is_email(typed.email):
        message = "Enter an email address, like name@example.org."
        typed.errors = {"email": message, **typed.errors}
    return typed


def _pay(books: Books, session: Row, typed: Typed) -> ResponseReturnValue:
    if typed.errors:
        return _form(books, session, typed), 422
    payer = {"email": typed.email, "name": typed.name}
    if typed.method == "sepa_debit":
        checkout.debit(books, session, typed.bank, payer)
        return redirect(success_url(session), 303)
    outcome = checkout.attempt(books, session, typed.card, payer, typed.expiry)
    if outcome == "paid":
        return redirect(success_url(session), 303)
    if outcome == "authenticate":
        return redirect(f"{page_url(session)}/authenticate", 303)
    return _refused(books, session, typed, outcome)


def _refused(
    books: Books, session: Row, typed: Typed, decline: cards.Decline
) -> ResponseReturnValue:
    typed.refused(decline)
    return _form(books, session, typed), 402


def _form(books: Books, session: Row, typed: Typed) -> str:
    return render_template(
        "pay.html",
        session=session,
        typed=typed,
        is_email_fixed=bool(fixed_email(books, session)),
        button=_button(session),
        methods=session["payment_method_types"],
        **_sums(books, session),
    )


def _button(session: Row) -> str:
    if session["mode"] == "subscription":
        return "Subscribe"
    return {"donate": "Donate", "book": "Book"}.get(session["submit_type"] or "", "Pay")


def _sums(books: Books, session: Row) -> Row:
    prices = [books.get("price", line["price"]) for line in session["line_items"]]
    lines = [
        (
            line["description"],
            line["quantity"],
            in_words(cost(price, line["quantity"]), session["currency"]),
        )
        for line, price in zip(session["line_items"], prices, strict=True)
    ]
    return {
        "lines": lines,
        "total": in_words(session["amount_total"], session["currency"]),
        "every": every(prices[0]["recurring"]),
    }


def every(recurring: Row | None) -> str:
    """`every month`, `every 3 months`, or nothing for a one-time payment."""
    if not recurring:
        return ""
    count, interval = recurring["interval_count"], recurring["interval"]
    return f"every {interval}" if count == 1 else f"every {count} {interval}s"


def page_url(session: Row) -> str:
    """This session's page, as an address on this server."""
    return f"/c/pay/{session['id']}"


def success_url(session: Row) -> str:
    """Where a payer goes who has paid."""
    url: str = session["success_url"]
    return url.replace("{CHECKOUT_SESSION_ID}", session["id"])
