"""Customers."""

from stripe_sandbox import shapes
from stripe_sandbox.books import SANDBOX_CLOCK, Books, Row
from stripe_sandbox.engine import endings
from stripe_sandbox.engine.checkout import new_customer
from stripe_sandbox.engine.payments import attach
from stripe_sandbox.errors import invalid
from stripe_sandbox.events import change, emit
from stripe_sandbox.http.lists import CREATED, Filters, fact, list_params, page
from stripe_sandbox.http.params import (
    Clearable,
    Hash,
    ListOf,
    Parser,
    email,
    merged,
    metadata,
    short,
    text,
)
from stripe_sandbox.http.routes import Route
from stripe_sandbox.resources.payment_methods import usable
from stripe_sandbox.shapes.common import ADDRESS
from stripe_sandbox.shapes.people import sources_of

INVOICE_SETTINGS = Hash({"default_payment_method": Clearable(text)})
FIELDS: dict[str, Parser] = {
    "address": Clearable(Hash({name: Clearable(text) for name in ADDRESS})),
    "description": Clearable(text),
    "email": Clearable(email),
    "invoice_settings": INVOICE_SETTINGS,
    "metadata": metadata,
    "name": Clearable(short(256)),
    "phone": Clearable(short(20)),
    "preferred_locales": ListOf(text),
}
CREATE = Hash({**FIELDS, "payment_method": text, "test_clock": text})


def create(books: Books, params: Row) -> Row:
    """POST /v1/customers"""
    clock = params.get("test_clock")
    if clock == SANDBOX_CLOCK:
        message = "Customers live on the sandbox's own clock unless a test clock is named."
        raise invalid(message, "test_clock")
    if clock:
        books.get("test_helpers.test_clock", clock, "test_clock")
    customer = new_customer(
        books,
        books.now({"test_clock": clock}),
        **_facts(books, params, None),
        test_clock=clock,
        metadata=merged({}, params.get("metadata")),
    )
    if "payment_method" in params:
        attach(books, usable(books, params["payment_method"], "payment_method"), customer)
    return shapes.render(books, customer)


def _facts(books: Books, params: Row, customer: Row | None) -> Row:
    """Parameters as facts: the default card lies inside `invoice_settings` at Stripe."""
    facts = {
        name: value
        for name, value in params.items()
        if name not in ("invoice_settings", "metadata", "payment_method", "test_clock")
    }
    if facts.get("address"):
        facts["address"] = {**dict.fromkeys(ADDRESS), **facts["address"]}
    settings = params.get("invoice_settings", {})
    if "default_payment_method" in settings:
        chosen = settings["default_payment_method"]
        where = "invoice_settings[default_payment_method]"
        if chosen:
            method = books.get("payment_method", chosen, where)
            if customer and method.get("customer") != customer["id"]:
                raise invalid(
                    "The customer does not have a payment method with the ID "
                    f"{chosen}. The payment method must be attached to the customer.",
                    where,
                    "resource_missing",
                )
        facts["default_payment_method"] = chosen
    return facts


def retrieve(books: Books, params: Row, id: str) -> Row:
    """GET /v1/customers/:id; a deleted customer says so."""
    return shapes.render(books, books.get("customer", id))


def update(books: Books, params: Row, id: str) -> Row:
    """POST /v1/customers/:id"""
    customer = existing(books, id)
    with change(books, customer, "customer.updated"):
        customer |= _facts(books, params, customer)
        customer["metadata"] = merged(customer["metadata"], params.get("metadata"))
    return shapes.render(books, customer)


def existing(books: Books, id: str, param: str | None = None) -> Row:
    """A customer that is not deleted."""
    customer = books.get("customer", id, param)
    if customer.get("deleted"):
        raise invalid(f"No such customer: '{id}'", param or "id", "resource_missing")
    return customer


def list_all(books: Books, params: Row) -> Row:
    """GET /v1/customers"""
    filters = Filters().equal(params, email=fact("email"), test_clock=fact("test_clock"))
    if "test_clock" not in params:
        filters.where(f"{fact('test_clock')} IS NULL")
    filters.where(f"{fact('deleted')} IS NULL")
    return page(books, "customer", "/v1/customers", params, filters)


def delete(books: Books, params: Row, id: str) -> Row:
    """DELETE /v1/customers/:id; subscriptions end at once."""
    customer = existing(books, id)
    remove(books, customer)
    return shapes.render(books, customer)


def remove(books: Books, customer: Row) -> None:
    """Delete a customer: end what runs, keep what was paid."""
    for subscription in books.select("subscription", "customer = ?", (customer["id"],)):
        if subscription["status"] not in ("canceled", "incomplete_expired"):
            endings.end(books, subscription, books.now(customer))
    emit(books, "customer.deleted", customer)
    customer["deleted"] = True
    books.save(customer)


def sources(books: Books, params: Row, id: str) -> Row:
    """GET /v1/customers/:id/sources"""
    return sources_of(books, books.get("customer", id))


ROUTES = (
    Route("POST", "/v1/customers", create, CREATE),
    Route("GET", "/v1/customers/<id>", retrieve, Hash()),
    Route("POST", "/v1/customers/<id>", update, Hash(FIELDS)),
    Route("GET", "/v1/customers", list_all, list_params(**CREATED, email=text, test_clock=text)),
    Route("DELETE", "/v1/customers/<id>", delete, Hash()),
    Route("GET", "/v1/customers/<id>/sources", sources, list_params(object=text)),
)
