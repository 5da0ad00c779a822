"""Refunds, whole and in part."""

from stripe_sandbox import shapes
from stripe_sandbox.books import Books, Row
from stripe_sandbox.engine import disputes, payments
from stripe_sandbox.errors import invalid
from stripe_sandbox.events import change
from stripe_sandbox.http.lists import CREATED, Filters, fact, list_params, page
from stripe_sandbox.http.params import Hash, merged, metadata, one_of, positive, text
from stripe_sandbox.http.routes import Route
from stripe_sandbox.money import in_words, step_error

REASONS = ("duplicate", "fraudulent", "requested_by_customer")


def create(books: Books, params: Row) -> Row:
    """POST /v1/refunds"""
    charge = _charge(books, params)
    if disputes.bars_refund(books, charge):
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise invalid(message, code="charge_disputed")
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise invalid(message, code="charge_already_refunded")
    amount = params.get("amount", left)
    if amount > left:
        raise invalid(
            f"Refund amount ({in_words(amount, charge['currency'])}) is greater than unrefunded "
            f"amount on charge ({in_words(left, charge['currency'])})",
            "amount",
        )
    if wrong := step_error(amount, charge["currency"]):
        raise invalid(wrong, "amount", "parameter_invalid_integer")
    customer = books.find("customer", charge["customer"]) if charge["customer"] else None
    refund = payments.refund(
        books,
        charge,
        amount,
        reason=params.get("reason"),
        metadata=merged({}, params.get("metadata")),
        now=books.now(customer),
    )
    return shapes.render(books, refund)


def _charge(books: Books, params: Row) -> Row:
    if "charge" in params:
        charge = books.get("charge", params["charge"], "charge")
    elif "payment_intent" in params:
        intent = books.get("payment_intent", params["payment_intent"], "payment_intent")
        if intent["status"] != "succeeded":
            raise invalid(
                f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
                "payment_intent",
            )
        charge = books.get("charge", intent["latest_charge"])
    else:
        message = "One of the following params should be provided for this request: "
        raise invalid(f"{message}payment_intent or charge.", code="parameter_missing")
    if charge["status"] != "succeeded":
        raise invalid(f"Charge {charge['id']} has not been paid.", "charge")
    return charge


def retrieve(books: Books, params: Row, id: str) -> Row:
    """GET /v1/refunds/:id"""
    return shapes.render(books, books.get("refund", id))


def update(books: Books, params: Row, id: str) -> Row:
    """POST /v1/refunds/:id: metadata alone."""
    refund = books.get("refund", id)
    with change(books, refund, "refund.updated"):
        refund["metadata"] = merged(refund["metadata"], params.get("metadata"))
    return shapes.render(books, refund)


def list_all(books: Books, params: Row) -> Row:
    """GET /v1/refunds"""
    filters = Filters().equal(params, charge="parent", payment_intent=fact("payment_intent"))
    return page(books, "refund", "/v1/refunds", params, filters)


ROUTES = (
    Route(
        "POST",
        "/v1/refunds",
        create,
        Hash(
            {
                "amount": positive,
                "charge": text,
                "metadata": metadata,
                "payment_intent": text,
                "reason": one_of(*REASONS),
            }
        ),
    ),
    Route("GET", "/v1/refunds/<id>", retrieve, Hash()),
    Route("POST", "/v1/refunds/<id>", update, Hash({"metadata": metadata})),
    Route("GET", "/v1/refunds", list_all, list_params(**CREATED, charge=text, payment_intent=text)),
)
