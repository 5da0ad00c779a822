"""Payouts: listed, and made or failed by the sandbox's own controls."""

from stripe_sandbox import shapes
from stripe_sandbox.books import Books, Row
from stripe_sandbox.engine import payouts
from stripe_sandbox.errors import invalid
from stripe_sandbox.http.lists import CREATED, Filters, fact, list_params, page
from stripe_sandbox.http.params import Hash, moment, one_of
from stripe_sandbox.http.routes import Route

STATUSES = ("canceled", "failed", "in_transit", "paid", "pending")


def make(books: Books) -> Row:
    """POST /_sandbox/pay_out: what is available now, without waiting for midnight."""
    made = payouts.pay_out(books, books.sandbox_now)
    return {"payouts": [shapes.render(books, payout) for payout in made]}


def fail(books: Books, wish: Row) -> Row:
    """POST /_sandbox/fail_payout: the bank sends it back."""
    payout = books.get("payout", wish["payout"], "payout")
    if payout["status"] == "failed":
        raise invalid("This payout has failed already.", "payout")
    payouts.fail(books, payout, books.sandbox_now)
    return shapes.render(books, payout)


def retrieve(books: Books, params: Row, id: str) -> Row:
    """GET /v1/payouts/:id"""
    return shapes.render(books, books.get("payout", id))


def list_all(books: Books, params: Row) -> Row:
    """GET /v1/payouts"""
    filters = Filters().equal(params, status=fact("status"))
    filters.within(params, arrival_date=fact("arrival_date"))
    return page(books, "payout", "/v1/payouts", params, filters)


ROUTES = (
    Route("GET", "/v1/payouts/<id>", retrieve, Hash()),
    Route(
        "GET",
        "/v1/payouts",
        list_all,
        list_params(**CREATED, arrival_date=moment, status=one_of(*STATUSES)),
    ),
)
