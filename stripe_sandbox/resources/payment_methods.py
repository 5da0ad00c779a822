"""Payment methods: cards and accounts, from Stripe's test tokens or from Checkout."""

from stripe_sandbox import shapes
from stripe_sandbox.books import Books, Row
from stripe_sandbox.cards import TOKENS
from stripe_sandbox.engine.payments import attach as attach_to
from stripe_sandbox.engine.payments import new_card
from stripe_sandbox.errors import invalid
from stripe_sandbox.events import change, emit
from stripe_sandbox.http.lists import Filters, fact, list_params, page
from stripe_sandbox.http.params import Hash, one_of, text
from stripe_sandbox.http.routes import Route
from stripe_sandbox.shapes.common import listing

TOKEN_EXPIRY_YEARS = 5
SECONDS_A_YEAR = 31_556_952


def usable(books: Books, id: str, param: str) -> Row:
    """The PaymentMethod of that id, or a new one for a test token such as `pm_card_visa`."""
    if id not in TOKENS:
        return books.get("payment_method", id, param)
    now = books.now()
    year = 1970 + now // SECONDS_A_YEAR + TOKEN_EXPIRY_YEARS
    return new_card(books, TOKENS[id], expiry=(12, year), payer={}, now=now)


def retrieve(books: Books, params: Row, id: str) -> Row:
    """GET /v1/payment_methods/:id"""
    return shapes.render(books, books.get("payment_method", id))


def list_all(books: Books, params: Row) -> Row:
    """GET /v1/payment_methods, of one customer."""
    if "customer" not in params:
        raise invalid("Missing required param: customer.", "customer", "parameter_missing")
    filters = _of_type(params).equal(params, customer="customer")
    return page(books, "payment_method", "/v1/payment_methods", params, filters)


def list_of_customer(books: Books, params: Row, id: str) -> Row:
    """GET /v1/customers/:id/payment_methods"""
    books.get("customer", id)
    filters = _of_type(params).where("customer = ?", id)
    return page(books, "payment_method", f"/v1/customers/{id}/payment_methods", params, filters)


def _of_type(params: Row) -> Filters:
    filters = Filters()
    return filters.where(f"{fact(params['type'])} IS NOT NULL") if "type" in params else filters


def attach(books: Books, params: Row, id: str) -> Row:
    """POST /v1/payment_methods/:id/attach"""
    customer = books.get("customer", params["customer"], "customer")
    method = usable(books, id, "payment_method")
    if method.get("customer"):
        raise invalid(
            "The payment method you provided has already been attached to a customer.",
            code="payment_method_unexpected_state",
        )
    attach_to(books, method, customer)
    return shapes.render(books, method)


def detach(books: Books, params: Row, id: str) -> Row:
    """POST /v1/payment_methods/:id/detach; it can never be used again."""
    method = books.get("payment_method", id)
    if not method.get("customer"):
        raise invalid(
            "The payment method you provided is not attached to a customer so detachment is "
            "impossible.",
            code="payment_method_not_attached",
        )
    previous = {"customer": method["customer"]}
    customer = books.get("customer", method["customer"])
    method["customer"] = None
    books.save(method)
    _forget(books, customer, id)
    emit(books, "payment_method.detached", method, previous)
    return shapes.render(books, method)


def _forget(books: Books, customer: Row, id: str) -> None:
    if customer.get("default_payment_method") == id:
        customer["default_payment_method"] = None
        books.save(customer)
    for subscription in books.select("subscription", "customer = ?", (customer["id"],)):
        if subscription.get("default_payment_method") == id:
            subscription["default_payment_method"] = None
            books.save(subscription)


def update_by_network(books: Books, wish: Row) -> Row:
    """The banks tell a new date of a card, or of all cards of a customer: no route of Stripe's."""
    if ("payment_method" in wish) == ("customer" in wish):
        raise invalid("Send either `payment_method` or `customer`.", "payment_method")
    if not 1 <= wish.get("exp_month", 0) <= 12 or not 2000 <= wish.get("exp_year", 0) <= 2099:
        raise invalid("Send `exp_month` and `exp_year`, such as 12 and 2040.", "exp_month")
    if "customer" in wish:
        books.get("customer", wish["customer"], "customer")
        found = books.select("payment_method", "customer = ?", (wish["customer"],))
    else:
        found = [books.get("payment_method", wish["payment_method"], "payment_method")]
    cards = [method for method in found if "card" in method and method.get("customer")]
    if not cards:
        raise invalid("There is no card that a customer has saved.", "payment_method")
    date = {"exp_month": wish["exp_month"], "exp_year": wish["exp_year"]}
    for method in cards:
        with change(books, method, "payment_method.automatically_updated"):
            method["card"] = {**method["card"], **date}
    return listing([shapes.render(books, method) for method in cards], "/v1/payment_methods")


TYPE = one_of("card", "sepa_debit")

ROUTES = (
    Route("GET", "/v1/payment_methods/<id>", retrieve, Hash()),
    Route("GET", "/v1/payment_methods", list_all, list_params(customer=text, type=TYPE)),
    Route("GET", "/v1/customers/<id>/payment_methods", list_of_customer, list_params(type=TYPE)),
    Route(
        "POST",
        "/v1/payment_methods/<id>/attach",
        attach,
        Hash({"customer": text}, needs=("customer",)),
    ),
    Route("POST", "/v1/payment_methods/<id>/detach", detach, Hash()),
)
