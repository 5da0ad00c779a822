"""Items of subscriptions and lines of invoices, asked for on their own."""

from stripe_sandbox.books import Books, Row
from stripe_sandbox.errors import missing
from stripe_sandbox.http.lists import list_params, part
from stripe_sandbox.http.params import Hash, text
from stripe_sandbox.http.routes import Route
from stripe_sandbox.shapes.billing import invoice_line, subscription_item

OF_ITEM = "EXISTS (SELECT 1 FROM json_each(facts, '$.items') WHERE json_extract(value, '$.id') = ?)"


def list_items(books: Books, params: Row) -> Row:
    """GET /v1/subscription_items, of one subscription."""
    row = books.get("subscription", params["subscription"], "subscription")
    shown = [subscription_item(books, row, item) for item in row["items"]]
    return part(shown, "/v1/subscription_items", params)


def retrieve_item(books: Books, params: Row, id: str) -> Row:
    """GET /v1/subscription_items/:id"""
    for row in books.select("subscription", OF_ITEM, (id,)):
        for item in row["items"]:
            if item["id"] == id:
                return subscription_item(books, row, item)
    raise missing("subscription_item", id)


def list_lines(books: Books, params: Row, id: str) -> Row:
    """GET /v1/invoices/:id/lines"""
    row = books.get("invoice", id)
    return part(
        [invoice_line(row, line) for line in row["lines"]], f"/v1/invoices/{id}/lines", params
    )


CURSORS = list_params()

ROUTES = (
    Route(
        "GET",
        "/v1/subscription_items",
        list_items,
        Hash({**CURSORS.fields, "subscription": text}, needs=("subscription",)),
    ),
    Route("GET", "/v1/subscription_items/<id>", retrieve_item, Hash()),
    Route("GET", "/v1/invoices/<id>/lines", list_lines, CURSORS),
)
