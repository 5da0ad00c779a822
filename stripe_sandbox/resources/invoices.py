"""Invoices and invoice payments."""

from stripe_sandbox import shapes
from stripe_sandbox.books import Books, Row
from stripe_sandbox.engine import billing, invoices
from stripe_sandbox.engine.payments import is_delayed, refusal
from stripe_sandbox.errors import ApiError, invalid
from stripe_sandbox.http.lists import CREATED, Filters, fact, list_params, page
from stripe_sandbox.http.params import Hash, flag, one_of, text
from stripe_sandbox.http.routes import Route


def retrieve(books: Books, params: Row, id: str) -> Row:
    """GET /v1/invoices/:id"""
    return shapes.render(books, books.get("invoice", id))


def list_all(books: Books, params: Row) -> Row:
    """GET /v1/invoices"""
    filters = Filters().equal(
        params, customer="customer", status=fact("status"), subscription="parent"
    )
    return page(books, "invoice", "/v1/invoices", params, filters)


def pay(books: Books, params: Row, id: str) -> Row:
    """POST /v1/invoices/:id/pay, with the usual card or another."""
    invoice = books.get("invoice", id)
    subscription = books.get("subscription", invoice["subscription"])
    now = books.now(books.get("customer", invoice["customer"]))
    if invoice["status"] == "paid":
        raise invalid("Invoice is already paid", code="invoice_already_paid")
    if invoice["status"] not in ("open", "uncollectible", "draft"):
        raise invalid(f"This invoice is {invoice['status']} and can not be paid.")
    if invoice["status"] == "draft":
        invoices.finalize(books, invoice, now)
    if not invoices.due(invoice):
        invoices.pay_with_nothing(books, invoice, now)
        return shapes.render(books, invoice)
    if invoices.is_processing(books, invoice):
        raise invalid("The payment of this invoice is already processing.")
    if params.get("paid_out_of_band"):
        invoices.pay_elsewhere(books, invoice, now)
        billing.paid(books, subscription, invoice)
        return shapes.render(books, invoice)
    method = _card(books, params, subscription)
    decline = None if is_delayed(method) else refusal(method, now)
    if not billing.pay_invoice(books, invoice, method, decline, now) and decline:
        raise _refused(books, invoice, decline.reason)
    return shapes.render(books, invoice)


def _card(books: Books, params: Row, subscription: Row) -> Row:
    if "payment_method" in params:
        return books.get("payment_method", params["payment_method"], "payment_method")
    method = billing.paying_method(books, subscription)
    if method is None:
        raise invalid("The customer has no default payment method.", code="resource_missing")
    return method


def _refused(books: Books, invoice: Row, reason: str | None) -> ApiError:
    intent = books.get("payment_intent", invoice["payment_intent"])
    failure = intent["failure"]
    shape = shapes.render(books, intent)
    if intent["status"] == "requires_action":
        return ApiError(
            402,
            "card_error",
            "This payment requires additional user action before it can be completed "
            "successfully. Payment can be completed using the PaymentIntent associated with the "
            "invoice.",
            code="invoice_payment_intent_requires_action",
            keeps=True,
            payment_intent=shape,
        )
    more = {"decline_code": reason} if reason else {}
    return ApiError(
        402,
        "card_error",
        failure["message"],
        code=failure["code"],
        keeps=True,
        charge=failure["charge"],
        payment_intent=shape,
        payment_method=shape["last_payment_error"]["payment_method"],
        **more,
    )


def retrieve_payment(books: Books, params: Row, id: str) -> Row:
    """GET /v1/invoice_payments/:id"""
    return shapes.render(books, books.get("invoice_payment", id))


def list_payments(books: Books, params: Row) -> Row:
    """GET /v1/invoice_payments, by invoice or by payment intent."""
    filters = Filters().equal(params, invoice="parent", status=fact("status"))
    intent = params.get("payment", {}).get("payment_intent")
    if intent:
        filters.where(f"{fact('payment_intent')} = ?", intent)
    return page(books, "invoice_payment", "/v1/invoice_payments", params, filters)


PAY = Hash({"paid_out_of_band": flag, "payment_method": text})

ROUTES = (
    Route("GET", "/v1/invoices/<id>", retrieve, Hash()),
    Route(
        "GET",
        "/v1/invoices",
        list_all,
        list_params(
            **CREATED,
            customer=text,
            status=one_of("draft", "open", "paid", "uncollectible", "void"),
            subscription=text,
        ),
    ),
    Route("POST", "/v1/invoices/<id>/pay", pay, PAY),
    Route("GET", "/v1/invoice_payments/<id>", retrieve_payment, Hash()),
    Route(
        "GET",
        "/v1/invoice_payments",
        list_payments,
        list_params(
            **CREATED,
            invoice=text,
            payment=Hash(
                {"payment_intent": text, "type": one_of("payment_intent")}, needs=("type",)
            ),
            status=one_of("canceled", "open", "paid"),
        ),
    ),
)
