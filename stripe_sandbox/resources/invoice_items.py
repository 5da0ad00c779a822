"""Invoice items: the prorations that wait for an invoice or stand on one. Read only."""

from stripe_sandbox import shapes
from stripe_sandbox.books import Books, Row
from stripe_sandbox.http.lists import CREATED, Filters, fact, list_params, page
from stripe_sandbox.http.params import Hash, flag, text
from stripe_sandbox.http.routes import Route


def retrieve(books: Books, params: Row, id: str) -> Row:
    """GET /v1/invoiceitems/:id"""
    return shapes.render(books, books.get("invoiceitem", id))


def list_all(books: Books, params: Row) -> Row:
    """GET /v1/invoiceitems"""
    filters = Filters().equal(params, customer="customer", invoice=fact("invoice"))
    if "pending" in params:
        filters.where(f"{fact('invoice')} IS {'' if params['pending'] else 'NOT '}NULL")
    return page(books, "invoiceitem", "/v1/invoiceitems", params, filters)


ROUTES = (
    Route("GET", "/v1/invoiceitems/<id>", retrieve, Hash()),
    Route(
        "GET",
        "/v1/invoiceitems",
        list_all,
        list_params(**CREATED, customer=text, invoice=text, pending=flag),
    ),
)
