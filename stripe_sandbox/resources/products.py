"""Products."""

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
    flag,
    merged,
    metadata,
    short,
    text,
    url,
)
from stripe_sandbox.http.routes import Route
from stripe_sandbox.shapes.common import listing

FIELDS: dict[str, Parser] = {
    "active": flag,
    "description": Clearable(text),
    "images": ListOf(url),
    "metadata": metadata,
    "name": text,
    "statement_descriptor": short(22),
    "unit_label": Clearable(short(12)),
    "url": Clearable(url),
}


def create(books: Books, params: Row) -> Row:
    """POST /v1/products"""
    if "id" in params and books.find("product", params["id"]):
        raise invalid("Product already exists.", "id", "resource_already_exists")
    return shapes.render(books, new_product(books, params))


def new_product(books: Books, params: Row) -> Row:
    """A product with Stripe's defaults."""
    now = books.now()
    facts = {"active": True, "images": [], **params, "metadata": merged({}, params.get("metadata"))}
    product = books.add("product", created=now, updated=now, **facts)
    emit(books, "product.created", product)
    return product


def retrieve(books: Books, params: Row, id: str) -> Row:
    """GET /v1/products/:id"""
    return shapes.render(books, books.get("product", id))


def update(books: Books, params: Row, id: str) -> Row:
    """POST /v1/products/:id"""
    product = books.get("product", id)
    if "default_price" in params:
        books.get("price", params["default_price"], "default_price")
    with change(books, product, "product.updated"):
        new_metadata = merged(product["metadata"], params.get("metadata"))
        product |= {**params, "metadata": new_metadata}
        product["updated"] = books.now()
    return shapes.render(books, product)


def list_all(books: Books, params: Row) -> Row:
    """GET /v1/products"""
    filters = Filters().equal(params, active=fact("active"), url=fact("url"))
    if "ids" in params:
        marks = ",".join("?" * len(params["ids"]))
        filters.where(f"id IN ({marks})", *params["ids"])
    return page(books, "product", "/v1/products", params, filters)


def delete(books: Books, params: Row, id: str) -> Row:
    """DELETE /v1/products/:id, as long as it has no price."""
    product = books.get("product", id)
    if books.select("price", "parent = ?", (id,)):
        raise invalid(
            "This product cannot be deleted because it has one or more user-created prices.", "id"
        )
    emit(books, "product.deleted", product)
    books.remove(product)
    return {"id": id, "object": "product", "deleted": True}


def features(books: Books, params: Row, id: str) -> Row:
    """GET /v1/products/:id/features: entitlements, which nothing here has."""
    product = books.get("product", id)
    return listing([], f"/v1/products/{product['id']}/features")


ROUTES = (
    Route("POST", "/v1/products", create, Hash({**FIELDS, "id": short(255)}, needs=("name",))),
    Route("GET", "/v1/products/<id>", retrieve, Hash()),
    Route("POST", "/v1/products/<id>", update, Hash({**FIELDS, "default_price": text})),
    Route(
        "GET",
        "/v1/products",
        list_all,
        list_params(**CREATED, active=flag, ids=ListOf(text), url=text),
    ),
    Route("DELETE", "/v1/products/<id>", delete, Hash()),
    Route("GET", "/v1/products/<id>/features", features, list_params()),
)
