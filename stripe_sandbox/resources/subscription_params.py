"""What the subscription routes accept."""

from typing import Any

from stripe_sandbox.http.lists import CREATED, list_params
from stripe_sandbox.http.params import (
    RANGE,
    Clearable,
    Hash,
    ListOf,
    Parser,
    flag,
    integer,
    metadata,
    natural,
    one_of,
    positive,
    short,
    text,
)
from stripe_sandbox.resources.prices import SUBSCRIPTION_PRICE_DATA

STATUSES = (
    "active",
    "canceled",
    "incomplete",
    "incomplete_expired",
    "past_due",
    "paused",
    "trialing",
    "unpaid",
)
FEEDBACK = (
    "customer_service",
    "low_quality",
    "missing_features",
    "other",
    "switched_service",
    "too_complex",
    "too_expensive",
    "unused",
)
DISCOUNTS = ListOf(Hash({"coupon": text}, needs=("coupon",)))
ITEM: dict[str, Parser] = {
    "metadata": metadata,
    "price": text,
    "price_data": SUBSCRIPTION_PRICE_DATA,
    "quantity": positive,
}
CHANGED_ITEM = Hash({**ITEM, "deleted": flag, "discounts": Clearable(ListOf(Hash({}))), "id": text})
PRORATION = one_of("none", "create_prorations", "always_invoice")
ANCHOR = Hash({"type": one_of("now", "unchanged")}, needs=("type",))
FIELDS: dict[str, Parser] = {
    "cancel_at_period_end": flag,
    "default_payment_method": text,
    "description": Clearable(short(500)),
    "discounts": Clearable(DISCOUNTS),
    "metadata": metadata,
    "off_session": flag,
    "payment_behavior": one_of("allow_incomplete", "default_incomplete", "error_if_incomplete"),
    "proration_behavior": PRORATION,
}
CANCELLATION_DETAILS = Hash({"comment": Clearable(text), "feedback": Clearable(one_of(*FEEDBACK))})
PAUSE = Hash(
    {"behavior": one_of("keep_as_draft", "mark_uncollectible", "void"), "resumes_at": integer},
    needs=("behavior",),
)

CREATE = Hash(
    {
        **FIELDS,
        "customer": text,
        "items": ListOf(Hash(ITEM)),
        "trial_end": integer,
        "trial_period_days": positive,
    },
    needs=("customer", "items"),
)
UPDATE = Hash(
    {
        **FIELDS,
        "billing_cycle_anchor": ANCHOR,
        "cancel_at": Clearable(integer),
        "cancellation_details": CANCELLATION_DETAILS,
        "items": ListOf(CHANGED_ITEM),
        "pause_collection": Clearable(PAUSE),
        "proration_date": natural,
    }
)
LIST = list_params(
    **CREATED,
    current_period_end=RANGE,
    current_period_start=RANGE,
    customer=text,
    price=text,
    status=one_of(*STATUSES, "all", "ended"),
    test_clock=text,
)
CANCEL = Hash({"cancellation_details": CANCELLATION_DETAILS, "invoice_now": flag, "prorate": flag})


def coupons_in(params: dict[str, Any]) -> list[str]:
    """The coupons that `discounts` names; none where it is emptied."""
    return [one["coupon"] for one in params["discounts"] or []]
