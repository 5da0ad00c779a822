"""Prices, made on their own or inline where something is sold."""

from decimal import Decimal

from stripe_sandbox import shapes
from stripe_sandbox.books import Books, Row
from stripe_sandbox.errors import invalid
from stripe_sandbox.events import change, emit
from stripe_sandbox.http.lists import CREATED, Filters, fact, list_params, page
from stripe_sandbox.http.params import (
    Clearable,
    Hash,
    ListOf,
    Parser,
    currency,
    decimal,
    flag,
    merged,
    metadata,
    natural,
    one_of,
    positive,
    short,
    text,
    url,
)
from stripe_sandbox.http.routes import Route
from stripe_sandbox.money import MAXIMUM, step_error
from stripe_sandbox.periods import UNITS
from stripe_sandbox.resources.products import new_product

RECURRING = Hash({"interval": one_of(*UNITS), "interval_count": positive}, needs=("interval",))
PRODUCT_DATA: dict[str, Parser] = {"metadata": metadata, "name": text, "unit_label": short(12)}
PRICE_PRODUCT_DATA = Hash({**PRODUCT_DATA, "statement_descriptor": short(22)}, needs=("name",))
SOLD_PRODUCT_DATA = Hash(
    {**PRODUCT_DATA, "description": text, "images": ListOf(url)}, needs=("name",)
)
INLINE: dict[str, Parser] = {
    "currency": currency,
    "product": text,
    "recurring": RECURRING,
    "unit_amount": natural,
    "unit_amount_decimal": decimal,
}
FIELDS: dict[str, Parser] = {
    "active": flag,
    "lookup_key": Clearable(short(200)),
    "metadata": metadata,
    "nickname": Clearable(text),
}
# Where Checkout sells: the product may be made on the spot.
PRICE_DATA = Hash({**INLINE, "product_data": SOLD_PRODUCT_DATA}, needs=("currency",))
# Where a subscription is made or changed: the product must exist.
SUBSCRIPTION_PRICE_DATA = Hash(INLINE, needs=("currency", "product", "recurring"))


def create(books: Books, params: Row) -> Row:
    """POST /v1/prices"""
    return shapes.render(books, new_price(books, params))


def new_price(books: Books, params: Row, *, inline: str = "") -> Row:
    """A price. `inline` is the parameter it stood in: such a price is not active."""
    where = f"{inline}[product]" if inline else "product"
    if ("product" in params) == ("product_data" in params):
        message = "You must specify either `product` or `product_data`."
        raise invalid(message, where, "parameter_missing")
    amount = f"{inline}[unit_amount]" if inline else "unit_amount"
    unit, exact = _per_unit(params, amount)
    if exact > MAXIMUM:
        raise invalid("Invalid integer: the amount is too large.", amount, "amount_too_large")
    if unit is not None and (wrong := step_error(unit, params["currency"])):
        raise invalid(wrong, amount, "parameter_invalid_integer")
    product = _product(books, params, where)
    recurring = params.get("recurring")
    price = books.add(
        "price",
        created=books.now(),
        active=params.get("active", not inline),
        currency=params["currency"],
        lookup_key=params.get("lookup_key"),
        metadata=merged({}, params.get("metadata")),
        nickname=params.get("nickname"),
        product=product["id"],
        recurring=recurring and {"interval_count": 1, **recurring},
        unit_amount=unit,
        unit_amount_decimal=f"{exact.normalize():f}",
    )
    emit(books, "price.created", price)
    return price


def _per_unit(params: Row, where: str) -> tuple[int | None, Decimal]:
    """The price of one in minor units, None where it has decimals; and exactly."""
    if "unit_amount" in params and "unit_amount_decimal" in params:
        raise invalid("You may only specify one of these: unit_amount, unit_amount_decimal.", where)
    if "unit_amount" in params:
        return params["unit_amount"], Decimal(params["unit_amount"])
    if "unit_amount_decimal" not in params:
        raise invalid(f"Missing required param: {where}.", where, "parameter_missing")
    exact: Decimal = params["unit_amount_decimal"]
    return (int(exact) if exact == int(exact) else None), exact


def _product(books: Books, params: Row, where: str) -> Row:
    if "product_data" in params:
        return new_product(books, params["product_data"])
    product = books.get("product", params["product"], where)
    if not product["active"]:
        raise invalid(
            f"The product {product['id']} is not active, so no new prices can be made for it.",
            where,
            "product_inactive",
        )
    return product


def retrieve(books: Books, params: Row, id: str) -> Row:
    """GET /v1/prices/:id"""
    return shapes.render(books, books.get("price", id))


def update(books: Books, params: Row, id: str) -> Row:
    """POST /v1/prices/:id"""
    price = books.get("price", id)
    with change(books, price, "price.updated"):
        price |= {**params, "metadata": merged(price["metadata"], params.get("metadata"))}
    return shapes.render(books, price)


def list_all(books: Books, params: Row) -> Row:
    """GET /v1/prices"""
    filters = Filters().equal(
        params, active=fact("active"), currency=fact("currency"), product="parent"
    )
    if "lookup_keys" in params:
        marks = ",".join("?" * len(params["lookup_keys"]))
        filters.where(f"{fact('lookup_key')} IN ({marks})", *params["lookup_keys"])
    if "type" in params:
        filters.where(f"({fact('recurring')} IS NOT NULL) = ?", params["type"] == "recurring")
    return page(books, "price", "/v1/prices", params, filters)


ROUTES = (
    Route(
        "POST",
        "/v1/prices",
        create,
        Hash(
            {**FIELDS, **INLINE, "product_data": PRICE_PRODUCT_DATA},
            needs=("currency",),
        ),
    ),
    Route("GET", "/v1/prices/<id>", retrieve, Hash()),
    Route("POST", "/v1/prices/<id>", update, Hash(FIELDS)),
    Route(
        "GET",
        "/v1/prices",
        list_all,
        list_params(
            **CREATED,
            active=flag,
            currency=currency,
            lookup_keys=ListOf(text),
            product=text,
            type=one_of("one_time", "recurring"),
        ),
    ),
)
