"""A customer's balance: what moved it, and a credit or debit given by hand."""

from stripe_sandbox import shapes
from stripe_sandbox.books import Books, Row
from stripe_sandbox.engine import balance
from stripe_sandbox.errors import missing
from stripe_sandbox.http.lists import CREATED, Filters, fact, list_params, page
from stripe_sandbox.http.params import Hash, currency, integer, merged, metadata, short, text
from stripe_sandbox.http.routes import Route
from stripe_sandbox.resources.customers import existing

URL = "/v1/customers/<id>/balance_transactions"


def create(books: Books, params: Row, id: str) -> Row:
    """POST /v1/customers/:id/balance_transactions; less than zero is credit."""
    customer = existing(books, id)
    made = balance.move(
        books,
        customer,
        params["amount"],
        params["currency"],
        "adjustment",
        now=books.now(customer),
        description=params.get("description"),
        metadata=merged({}, params.get("metadata")),
    )
    return shapes.render(books, made)


def list_all(books: Books, params: Row, id: str) -> Row:
    """GET /v1/customers/:id/balance_transactions"""
    books.get("customer", id)
    filters = Filters().where("customer = ?", id).equal(params, invoice=fact("invoice"))
    url = URL.replace("<id>", id)
    return page(books, "customer_balance_transaction", url, params, filters)


def retrieve(books: Books, params: Row, id: str, entry: str) -> Row:
    """GET /v1/customers/:id/balance_transactions/:entry"""
    found = books.get("customer_balance_transaction", entry)
    if found["customer"] != id:
        raise missing("customer_balance_transaction", entry)
    return shapes.render(books, found)


ROUTES = (
    Route(
        "POST",
        URL,
        create,
        Hash(
            {
                "amount": integer,
                "currency": currency,
                "description": short(350),
                "metadata": metadata,
            },
            needs=("amount", "currency"),
        ),
    ),
    Route("GET", URL, list_all, list_params(**CREATED, invoice=text)),
    Route("GET", f"{URL}/<entry>", retrieve, Hash()),
)
