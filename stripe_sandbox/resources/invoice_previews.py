"""What the next invoice would be, perhaps after a change: tried out and not kept."""

from stripe_sandbox import shapes
from stripe_sandbox.books import Books, Row
from stripe_sandbox.engine import billing, discounts, invoices
from stripe_sandbox.errors import ApiError, invalid, not_played
from stripe_sandbox.http.params import Clearable, Hash, ListOf, natural, one_of, text
from stripe_sandbox.http.routes import Route
from stripe_sandbox.resources.subscription_items import change_items
from stripe_sandbox.resources.subscription_params import (
    ANCHOR,
    CHANGED_ITEM,
    DISCOUNTS,
    PRORATION,
    coupons_in,
)

PREVIEW = Hash(
    {
        "customer": text,
        "discounts": Clearable(DISCOUNTS),
        "preview_mode": one_of("next"),
        "subscription": text,
        "subscription_details": Hash(
            {
                "billing_cycle_anchor": ANCHOR,
                "items": ListOf(CHANGED_ITEM),
                "proration_behavior": PRORATION,
                "proration_date": natural,
            }
        ),
    }
)


def create(books: Books, params: Row) -> Row:
    """POST /v1/invoices/create_preview"""
    if "subscription" not in params:
        raise not_played("previewing an invoice without a subscription", "subscription")
    with books.rehearsal() as trial:
        subscription = trial.get("subscription", params["subscription"], "subscription")
        if params.get("customer", subscription["customer"]) != subscription["customer"]:
            raise invalid("The subscription belongs to another customer.", "customer")
        if "discounts" in params:
            discounts.redeem(trial, subscription, coupons_in(params), books.now())
        invoice = _next(trial, subscription, params.get("subscription_details", {}))
        invoice |= {
            "id": trial.ids.new("upcoming"),
            "billing_reason": "upcoming",
            "next_payment_attempt": invoice["created"],
        }
        return shapes.render(trial, invoice)


def _next(books: Books, subscription: Row, details: Row) -> Row:
    """The bill that a change makes due at once, else that of the next renewal."""
    customer = books.get("customer", subscription["customer"])
    if subscription["status"] in ("canceled", "incomplete_expired"):
        raise _none(customer)
    if details:
        invoice = change_items(books, subscription, details, books.now(customer))
        if invoice:
            return invoice
    end = subscription["current_period_end"]
    reason = "subscription_cycle"
    if subscription.get("cancel_at"):
        if not subscription.get("pending_items"):
            raise _none(customer)
        return invoices.draft(books, subscription, reason, end, only_prorations=True)
    if subscription["status"] == "trialing":
        subscription["status"] = "active"
    billing.next_period(books, subscription)
    return invoices.draft(books, subscription, reason, end)


def _none(customer: Row) -> ApiError:
    return ApiError(
        404,
        "invalid_request_error",
        f"No upcoming invoices for customer: {customer['id']}",
        code="invoice_upcoming_none",
    )


ROUTES = (Route("POST", "/v1/invoices/create_preview", create, PREVIEW),)
