"""Kinds of objects that nobody can make here: their lists are truly empty.

Libraries that copy a whole account ask for them. What is never empty at Stripe, such as its
countries, is not among them.
"""

from collections.abc import Callable

from stripe_sandbox.books import Books, Row
from stripe_sandbox.http.lists import CREATED, list_params
from stripe_sandbox.http.routes import Route
from stripe_sandbox.shapes.common import listing

KINDS = (
    "application_fees",
    "file_links",
    "files",
    "promotion_codes",
    "radar/early_fraud_warnings",
    "reviews",
    "setup_intents",
    "shipping_rates",
    "tax_rates",
    "transfers",
)


def list_none(url: str) -> Callable[..., Row]:
    """GET an empty list."""

    def answer(books: Books, params: Row) -> Row:
        return listing([], url)

    return answer


ROUTES = tuple(
    Route("GET", f"/v1/{kind}", list_none(f"/v1/{kind}"), list_params(**CREATED)) for kind in KINDS
)
