"""Payment intents, charges and balance transactions: read only, money moves elsewhere."""

from collections.abc import Callable

from stripe_sandbox import shapes
from stripe_sandbox.books import Books, Row
from stripe_sandbox.http.lists import CREATED, Filters, fact, list_params, page
from stripe_sandbox.http.params import Hash, currency, text
from stripe_sandbox.http.routes import Route


def retrieve(kind: str) -> Callable[..., Row]:
    """GET one object of that kind."""

    def answer(books: Books, params: Row, id: str) -> Row:
        return shapes.render(books, books.get(kind, id))

    return answer


def list_all(kind: str, url: str, **columns: str) -> Callable[..., Row]:
    """GET a page of that kind, filtered by parameters that equal SQL expressions."""

    def answer(books: Books, params: Row) -> Row:
        return page(books, kind, url, params, Filters().equal(params, **columns))

    return answer


ROUTES = (
    Route("GET", "/v1/payment_intents/<id>", retrieve("payment_intent"), Hash()),
    Route(
        "GET",
        "/v1/payment_intents",
        list_all("payment_intent", "/v1/payment_intents", customer="customer"),
        list_params(**CREATED, customer=text),
    ),
    Route("GET", "/v1/charges/<id>", retrieve("charge"), Hash()),
    Route(
        "GET",
        "/v1/charges",
        list_all("charge", "/v1/charges", customer="customer", payment_intent="parent"),
        list_params(**CREATED, customer=text, payment_intent=text),
    ),
    Route("GET", "/v1/balance_transactions/<id>", retrieve("balance_transaction"), Hash()),
    Route(
        "GET",
        "/v1/balance_transactions",
        list_all(
            "balance_transaction",
            "/v1/balance_transactions",
            currency=fact("currency"),
            payout=f"kind = 'balance_transaction' AND {fact('payout')}",
            source="parent",
            type=fact("type"),
        ),
        list_params(**CREATED, currency=currency, payout=text, source=text, type=text),
    ),
)
