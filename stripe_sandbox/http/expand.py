"""`expand[]`: an id becomes its object, a field that is left out is filled in."""

from collections.abc import Callable
from typing import Any

from stripe_sandbox import shapes
from stripe_sandbox.books import Books, Row
from stripe_sandbox.errors import invalid
from stripe_sandbox.http.params import ListOf, text
from stripe_sandbox.shapes.billing import payments_of
from stripe_sandbox.shapes.catalogue import currency_options_of
from stripe_sandbox.shapes.checkout import breakdown_of, line_items_of
from stripe_sandbox.shapes.payments import refunds_of
from stripe_sandbox.shapes.people import sources_of

MAX_DEPTH = 4
PARSER = ListOf(text)

Filler = Callable[[Books, Row], Any]


def none_of(books: Books, row: Row) -> None:
    """What no object here has, and Stripe shows as null when it is asked for."""


def empty_of(books: Books, row: Row) -> list[Row]:
    """What no object here has, and Stripe shows as an empty list when it is asked for."""
    return []


# For each kind of object: the field, by its path in the object, and what it becomes.
EXPANDABLE: dict[str, dict[str, str | tuple[str, ...] | Filler]] = {
    "balance_transaction": {"source": ("charge", "dispute", "payout", "refund")},
    "charge": {
        "balance_transaction": "balance_transaction",
        "customer": "customer",
        "payment_intent": "payment_intent",
        "refunds": refunds_of,
    },
    "checkout.session": {
        "customer": "customer",
        "invoice": "invoice",
        "line_items": line_items_of,
        "payment_intent": "payment_intent",
        "subscription": "subscription",
        "total_details.breakdown": breakdown_of,
    },
    "customer": {
        "default_source": "source",
        "invoice_settings.default_payment_method": "payment_method",
        "sources": sources_of,
        "test_clock": "test_helpers.test_clock",
    },
    "customer_balance_transaction": {"customer": "customer", "invoice": "invoice"},
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
    "invoice": {
        "customer": "customer",
        "default_payment_method": "payment_method",
        "default_source": "source",
        "parent.subscription_details.subscription": "subscription",
        "payments": payments_of,
        "test_clock": "test_helpers.test_clock",
    },
    "invoice_payment": {"invoice": "invoice", "payment.payment_intent": "payment_intent"},
    "invoiceitem": {
        "customer": "customer",
        "invoice": "invoice",
        "pricing.price_details.price": "price",
        "test_clock": "test_helpers.test_clock",
    },
    "item": {"discounts": empty_of, "price.product": "product", "taxes": empty_of},
    "line_item": {"pricing.price_details.price": "price", "subscription": "subscription"},
    "payment_intent": {
        "customer": "customer",
        "latest_charge": "charge",
        "payment_method": "payment_method",
    },
    "payment_method": {"customer": "customer"},
    "payout": {
        "balance_transaction": "balance_transaction",
        "failure_balance_transaction": "balance_transaction",
    },
    "plan": {"product": "product"},
    "price": {"currency_options": currency_options_of, "product": "product", "tiers": none_of},
    "product": {"default_price": "price"},
    "refund": {
        "balance_transaction": "balance_transaction",
        "charge": "charge",
        "customer": "customer",
        "payment_intent": "payment_intent",
        "payment_method": "payment_method",
    },
    "subscription": {
        "customer": "customer",
        "default_payment_method": "payment_method",
        "default_source": "source",
        "latest_invoice": "invoice",
        "test_clock": "test_helpers.test_clock",
    },
}


def expand(books: Books, answer: Row, wanted: list[str]) -> None:
    """Expand the paths wanted, in place."""
    for path in wanted:
        steps = path.split(".")
        if len([step for step in steps if step != "data"]) > MAX_DEPTH:
            message = f"You cannot expand more than {MAX_DEPTH} levels of a property."
            raise invalid(message, "expand", "property_expansion_max_depth")
        _walk(books, answer, answer, "", steps, path)


def _walk(  # noqa: PLR0917
    books: Books, owner: Row, here: Any, inside: str, steps: list[str], path: str
) -> None:
    """`owner` is the nearest object, `inside` the path from it to `here`."""
    if not steps:
        return
    if isinstance(here, list):
        for item in here:
            _walk(books, item, item, "", steps, path)
        return
    step, rest = steps[0], steps[1:]
    at = f"{inside}.{step}" if inside else step
    rule = EXPANDABLE.get(owner.get("object", ""), {}).get(at)
    if rule is not None:
        here[step] = _filled(books, owner, here.get(step), rule)
    elif not (step in here and (rest or isinstance(here[step], dict | list))):
        raise _not_expandable(path)
    value = here[step]
    if isinstance(value, dict):
        if value.get("object"):
            _walk(books, value, value, "", rest, path)
        else:
            _walk(books, owner, value, at, rest, path)
    elif isinstance(value, list):
        _walk(books, owner, value, at, rest, path)
    elif rest and value is not None:
        raise _not_expandable(path)


def _filled(books: Books, owner: Row, value: Any, rule: str | tuple[str, ...] | Filler) -> Any:
    if callable(rule):
        row = books.find(owner["object"], owner["id"]) or owner
        return value or rule(books, row)
    if not isinstance(value, str):
        return value
    kinds = (rule,) if isinstance(rule, str) else rule
    found = (books.find(kind, value) for kind in kinds)
    row_found = next((row for row in found if row), None)
    return shapes.render(books, row_found) if row_found else value


def _not_expandable(path: str) -> Exception:
    return invalid(f"This property cannot be expanded ({path}).", "expand")
