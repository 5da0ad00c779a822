"""Subscriptions: made through the API, changed, paused, ended."""

from stripe_sandbox import shapes
from stripe_sandbox.books import Books, Row
from stripe_sandbox.engine import billing, discounts, endings, invoices
from stripe_sandbox.engine.payments import refusal
from stripe_sandbox.engine.subscriptions import set_end
from stripe_sandbox.errors import ApiError, invalid, not_played
from stripe_sandbox.events import change
from stripe_sandbox.http.lists import Filters, fact, page
from stripe_sandbox.http.params import Hash, merged
from stripe_sandbox.http.routes import Route
from stripe_sandbox.resources.customers import existing
from stripe_sandbox.resources.subscription_items import change_items, new_item
from stripe_sandbox.resources.subscription_params import (
    CANCEL,
    CREATE,
    LIST,
    UPDATE,
    coupons_in,
)

ENDINGS = {"cancel_at", "cancel_at_period_end", "cancellation_details"}
NO_DETAILS = {"comment": None, "feedback": None, "reason": None}


def create(books: Books, params: Row) -> Row:
    """POST /v1/subscriptions"""
    customer = existing(books, params["customer"], "customer")
    now = books.now(customer)
    items = [
        new_item(books, item, f"items[{number}]") for number, item in enumerate(params["items"])
    ]
    currency = books.get("price", items[0]["price"])["currency"]
    behavior = params.get("payment_behavior", "allow_incomplete")
    subscription = billing.subscribe(
        books,
        customer,
        items,
        now=now,
        currency=currency,
        coupons=coupons_in(params) if "discounts" in params else None,
        trial_end=_trial_end(params, now),
        default_payment_method=_own_card(books, params, customer),
        description=params.get("description"),
        metadata=merged({}, params.get("metadata")),
    )
    method = billing.paying_method(books, subscription)
    if method is None and behavior != "default_incomplete" and not subscription["trial_end"]:
        raise invalid(
            "This customer has no attached payment source or default payment method. Please "
            "consider adding a default payment method.",
            code="resource_missing",
        )
    invoice = invoices.draft(books, subscription, "subscription_create", now)
    invoices.finalize(books, invoice, now)
    books.plan(
        subscription["id"], "abandon", now + billing.ABANDONED_AFTER, books.clock_of(customer)
    )
    if behavior != "default_incomplete":
        paid = billing.charge_or_retry(books, subscription, invoice, now)
        if not paid and behavior == "error_if_incomplete":
            raise _declined(method, now)
    if params.get("cancel_at_period_end"):
        set_end(books, subscription, now, wanted=True)
    return shapes.render(books, subscription)


def _trial_end(params: Row, now: int) -> int | None:
    if "trial_period_days" in params:
        return now + int(params["trial_period_days"]) * billing.DAY
    at: int | None = params.get("trial_end")
    if at is not None and at <= now:
        raise invalid("The trial_end must be in the future.", "trial_end")
    return at


def _own_card(books: Books, params: Row, customer: Row) -> str | None:
    if "default_payment_method" not in params:
        return None
    method = books.get("payment_method", params["default_payment_method"], "default_payment_method")
    if method.get("customer") != customer["id"]:
        raise invalid(
            f"The customer does not have a payment method with the ID {method['id']}. The payment "
            "method must be attached to the customer.",
            "default_payment_method",
            "resource_missing",
        )
    return str(method["id"])


def _declined(method: Row | None, now: int) -> ApiError:
    decline = method and refusal(method, now)
    if not decline:
        return invalid("The first payment could not be made.")
    return ApiError(
        402, "card_error", decline.message, code=decline.code, decline_code=decline.reason
    )


def retrieve(books: Books, params: Row, id: str) -> Row:
    """GET /v1/subscriptions/:id"""
    return shapes.render(books, books.get("subscription", id))


def update(books: Books, params: Row, id: str) -> Row:
    """POST /v1/subscriptions/:id"""
    subscription = books.get("subscription", id)
    customer = books.get("customer", subscription["customer"])
    now = books.now(customer)
    if subscription["status"] in ("canceled", "incomplete_expired") and set(params) - {
        "metadata",
        "cancellation_details",
    }:
        raise invalid(
            "A canceled subscription can only update its cancellation_details and metadata."
        )
    with change(books, subscription, "customer.subscription.updated"):
        subscription["metadata"] = merged(subscription["metadata"], params.get("metadata"))
        subscription |= {name: params[name] for name in ("description",) if name in params}
        if "default_payment_method" in params:
            subscription["default_payment_method"] = _own_card(books, params, customer)
        if "discounts" in params:
            discounts.redeem(books, subscription, coupons_in(params), now)
        _set_end(books, subscription, params, now)
        _set_pause(books, subscription, params)
        changes = params.keys() & {"items", "billing_cycle_anchor"}
        invoice = change_items(books, subscription, params, now) if changes else None
    if invoice:
        paid = billing.bill(books, subscription, invoice, now)
        if not paid and params.get("payment_behavior") == "error_if_incomplete":
            raise _declined(billing.paying_method(books, subscription), now)
    return shapes.render(books, subscription)


def _set_end(books: Books, subscription: Row, params: Row, now: int) -> None:
    if subscription.get("schedule") and params.keys() & ENDINGS:
        raise invalid(
            "The subscription is managed by the subscription schedule "
            f"`{subscription['schedule']}`, and updating any cancelation behavior directly is not "
            "allowed. Please update the schedule instead."
        )
    if "cancel_at_period_end" in params and "cancel_at" in params:
        raise invalid("You may only specify one of cancel_at and cancel_at_period_end.")
    if "cancellation_details" in params:
        old = subscription.get("cancellation_details") or NO_DETAILS
        subscription["cancellation_details"] = {**old, **params["cancellation_details"]}
    if "cancel_at_period_end" in params:
        set_end(books, subscription, now, wanted=params["cancel_at_period_end"])
    elif "cancel_at" in params:
        at = params["cancel_at"]
        set_end(books, subscription, now, wanted=at is not None, at=at)


def _set_pause(books: Books, subscription: Row, params: Row) -> None:
    if "pause_collection" not in params:
        return
    pause = params["pause_collection"]
    books.unplan(subscription["id"], "resume")
    subscription["pause_collection"] = pause and {"resumes_at": None, **pause}
    if pause and pause.get("resumes_at"):
        billing.plan(books, subscription, "resume", pause["resumes_at"])


def list_all(books: Books, params: Row) -> Row:
    """GET /v1/subscriptions; without a status, those that are not canceled."""
    filters = Filters().equal(
        params, customer="customer", test_clock=fact("test_clock"), price=fact("items[0].price")
    )
    filters.within(
        params,
        current_period_end=fact("current_period_end"),
        current_period_start=fact("current_period_start"),
    )
    status = params.get("status")
    if status is None:
        filters.where(f"{fact('status')} NOT IN ('canceled', 'incomplete_expired')")
    elif status == "ended":
        filters.where(f"{fact('status')} IN ('canceled', 'incomplete_expired')")
    elif status != "all":
        filters.where(f"{fact('status')} = ?", status)
    return page(books, "subscription", "/v1/subscriptions", params, filters)


def cancel(books: Books, params: Row, id: str) -> Row:
    """DELETE /v1/subscriptions/:id: at once, nothing is given back."""
    subscription = books.get("subscription", id)
    if subscription["status"] in ("canceled", "incomplete_expired"):
        raise invalid(f"No such subscription: '{id}'", "id", "resource_missing")
    if params.get("invoice_now") or params.get("prorate"):
        raise not_played("prorating a cancellation", "prorate")
    now = books.now(books.get("customer", subscription["customer"]))
    if "cancellation_details" in params:
        subscription["cancellation_details"] = {**NO_DETAILS, **params["cancellation_details"]}
    endings.end(books, subscription, now)
    return shapes.render(books, subscription)


ROUTES = (
    Route("POST", "/v1/subscriptions", create, CREATE),
    Route("GET", "/v1/subscriptions/<id>", retrieve, Hash()),
    Route("POST", "/v1/subscriptions/<id>", update, UPDATE),
    Route("GET", "/v1/subscriptions", list_all, LIST),
    Route("DELETE", "/v1/subscriptions/<id>", cancel, CANCEL),
)
