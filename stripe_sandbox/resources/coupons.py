"""Coupons: so much or such a part off, once, for some months or for good."""

from stripe_sandbox import shapes
from stripe_sandbox.books import Books, Row
from stripe_sandbox.errors import invalid
from stripe_sandbox.events import emit
from stripe_sandbox.http.lists import CREATED, Filters, list_params, page
from stripe_sandbox.http.params import (
    Hash,
    currency,
    merged,
    metadata,
    one_of,
    percentage,
    positive,
    short,
    text,
)
from stripe_sandbox.http.routes import Route

CREATE = Hash(
    {
        "amount_off": positive,
        "currency": currency,
        "duration": one_of("forever", "once", "repeating"),
        "duration_in_months": positive,
        "id": text,
        "metadata": metadata,
        "name": short(40),
        "percent_off": percentage,
    }
)


def create(books: Books, params: Row) -> Row:
    """POST /v1/coupons"""
    duration = params.get("duration", "once")
    if ("percent_off" in params) == ("amount_off" in params):
        raise invalid("You must specify either `percent_off` or `amount_off`.", "percent_off")
    if "amount_off" in params and duration == "forever":
        raise invalid("A coupon with `amount_off` cannot last forever.", "duration")
    if "amount_off" in params and "currency" not in params:
        raise invalid("Missing required param: currency.", "currency", "parameter_missing")
    if ("duration_in_months" in params) != (duration == "repeating"):
        raise invalid("`duration_in_months` goes with `duration=repeating`.", "duration_in_months")
    coupon = books.add(
        "coupon",
        id=params.get("id") or books.ids.new("coupon"),
        created=books.now(),
        amount_off=params.get("amount_off"),
        currency=params.get("currency"),
        duration=duration,
        duration_in_months=params.get("duration_in_months"),
        metadata=merged({}, params.get("metadata")),
        name=params.get("name"),
        percent_off=str(params["percent_off"]) if "percent_off" in params else None,
        times_redeemed=0,
    )
    emit(books, "coupon.created", coupon)
    return shapes.render(books, coupon)


def retrieve(books: Books, params: Row, id: str) -> Row:
    """GET /v1/coupons/:id"""
    return shapes.render(books, books.get("coupon", id))


def list_all(books: Books, params: Row) -> Row:
    """GET /v1/coupons"""
    return page(books, "coupon", "/v1/coupons", params, Filters())


ROUTES = (
    Route("POST", "/v1/coupons", create, CREATE),
    Route("GET", "/v1/coupons/<id>", retrieve, Hash()),
    Route("GET", "/v1/coupons", list_all, list_params(**CREATED)),
)
