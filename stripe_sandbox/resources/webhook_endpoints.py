"""Where events are sent."""

from typing import Any

from stripe_sandbox import shapes
from stripe_sandbox.books import Books, Row
from stripe_sandbox.errors import invalid
from stripe_sandbox.events import API_VERSION
from stripe_sandbox.http.keys import is_taken
from stripe_sandbox.http.lists import list_params, page
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


def _pinned(raw: Any, path: str) -> str:
    if not is_taken(str(raw)):
        raise invalid(f"Invalid API version: {raw}. The sandbox speaks {API_VERSION}.", path)
    return API_VERSION


FIELDS: dict[str, Parser] = {
    "description": Clearable(short(5000)),
    "enabled_events": ListOf(text),
    "metadata": metadata,
    "url": url,
}


def create(books: Books, params: Row) -> Row:
    """POST /v1/webhook_endpoints: the only answer that shows the secret."""
    secret = f"whsec_{books.ids.secret(32)}"
    endpoint = books.add(
        "webhook_endpoint",
        created=books.now(),
        api_version=params.get("api_version"),
        description=params.get("description"),
        enabled_events=params["enabled_events"],
        metadata=merged({}, params.get("metadata")),
        secret=secret,
        status="enabled",
        url=params["url"],
    )
    return {**shapes.render(books, endpoint), "secret": secret}


def retrieve(books: Books, params: Row, id: str) -> Row:
    """GET /v1/webhook_endpoints/:id"""
    return shapes.render(books, books.get("webhook_endpoint", id))


def update(books: Books, params: Row, id: str) -> Row:
    """POST /v1/webhook_endpoints/:id"""
    endpoint = books.get("webhook_endpoint", id)
    disabled = params.pop("disabled", None)
    new_metadata = merged(endpoint["metadata"], params.get("metadata"))
    endpoint |= {**params, "metadata": new_metadata}
    if disabled is not None:
        endpoint |= {"status": "disabled" if disabled else "enabled", "failing_since": None}
    return shapes.render(books, books.save(endpoint))


def list_all(books: Books, params: Row) -> Row:
    """GET /v1/webhook_endpoints"""
    return page(books, "webhook_endpoint", "/v1/webhook_endpoints", params)


def delete(books: Books, params: Row, id: str) -> Row:
    """DELETE /v1/webhook_endpoints/:id; what was not delivered never will be."""
    books.remove(books.get("webhook_endpoint", id))
    books.db.execute("DELETE FROM deliveries WHERE endpoint = ?", (id,))
    return {"id": id, "object": "webhook_endpoint", "deleted": True}


ROUTES = (
    Route(
        "POST",
        "/v1/webhook_endpoints",
        create,
        Hash({**FIELDS, "api_version": _pinned}, needs=("enabled_events", "url")),
    ),
    Route("GET", "/v1/webhook_endpoints/<id>", retrieve, Hash()),
    Route("POST", "/v1/webhook_endpoints/<id>", update, Hash({**FIELDS, "disabled": flag})),
    Route("GET", "/v1/webhook_endpoints", list_all, list_params()),
    Route("DELETE", "/v1/webhook_endpoints/<id>", delete, Hash()),
)
