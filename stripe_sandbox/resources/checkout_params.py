"""What the Checkout Session routes accept."""

from stripe_sandbox.http.lists import CREATED, list_params
from stripe_sandbox.http.params import (
    Hash,
    ListOf,
    currency,
    email,
    integer,
    metadata,
    one_of,
    positive,
    short,
    text,
    url,
)
from stripe_sandbox.resources.prices import PRICE_DATA

TAGS = (
    "auto bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hi-IN hr hu id it ja ko lt lv ms mt "
    "nb nl pl pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW"
)
LOCALES = tuple(TAGS.split())

CREATE = Hash(
    {
        "cancel_url": url,
        "client_reference_id": short(200),
        "currency": currency,
        "customer": text,
        "customer_creation": one_of("always", "if_required"),
        "customer_email": email,
        "expires_at": integer,
        "line_items": ListOf(Hash({"price": text, "price_data": PRICE_DATA, "quantity": positive})),
        "locale": one_of(*LOCALES),
        "metadata": metadata,
        "mode": one_of("payment", "subscription"),
        "origin_context": one_of("mobile_app", "web"),
        "payment_intent_data": Hash(
            {
                "description": short(1000),
                "metadata": metadata,
                "setup_future_usage": one_of("off_session", "on_session"),
            }
        ),
        "allowed_payment_method_types": ListOf(one_of("card", "sepa_debit")),
        "submit_type": one_of("auto", "book", "donate", "pay", "subscribe"),
        "subscription_data": Hash({"description": short(500), "metadata": metadata}),
        "success_url": url,
        "ui_mode": one_of("hosted_page"),
    },
    needs=("mode", "success_url", "line_items"),
)
LIST = list_params(
    **CREATED,
    customer=text,
    customer_details=Hash({"email": text}, needs=("email",)),
    payment_intent=text,
    status=one_of("complete", "expired", "open"),
    subscription=text,
)
