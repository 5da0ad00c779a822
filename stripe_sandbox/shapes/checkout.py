"""Checkout Sessions with their line items, and customer portal sessions."""

from stripe_sandbox.books import Books, Row
from stripe_sandbox.money import cost
from stripe_sandbox.shapes.catalogue import price
from stripe_sandbox.shapes.common import ADDRESS, head, listing, nulls, taken


def session(books: Books, row: Row) -> Row:
    """A Checkout Session on Stripe's hosted page."""
    payer = row.get("payer")
    return {
        **head(row),
        **taken(row, "cancel_url", "client_reference_id", "currency", "customer", "locale"),
        **taken(row, "customer_creation", "customer_email", "expires_at", "invoice", "metadata"),
        **taken(row, "allowed_payment_method_types", "mode", "payment_intent", "payment_status"),
        **taken(row, "status", "submit_type", "subscription", "success_url", "origin_context"),
        **taken(row, "allow_promotion_codes", "billing_address_collection", "customer_account"),
        **taken(row, "payment_method_collection", "payment_method_types", "url"),
        **nulls("after_expiration", "client_secret", "consent", "consent_collection"),
        **nulls("currency_conversion", "integration_identifier", "payment_link", "permissions"),
        **nulls("payment_method_configuration_details", "recovered_from", "setup_intent"),
        **nulls("shipping_address_collection", "shipping_cost"),
        "adaptive_pricing": {"enabled": False},
        "amount_subtotal": row["amount_total"],
        "amount_total": row["amount_total"],
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "collected_information": payer
        and nulls("business_name", "individual_name", "shipping_details"),
        "custom_fields": [],
        "custom_text": nulls(
            "after_submit", "shipping_address", "submit", "terms_of_service_acceptance"
        ),
        "customer_details": _customer_details(row, payer),
        "discounts": [],
        "invoice_creation": None
        if row["mode"] == "subscription"
        else {
            "enabled": False,
            "invoice_data": {
                **nulls("account_tax_ids", "custom_fields", "description", "footer", "issuer"),
                "metadata": {},
                "rendering_options": None,
            },
        },
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "phone_number_collection": {"enabled": False},
        "saved_payment_method_options": {
            "allow_redisplay_filters": ["always"],
            "payment_method_remove": "disabled",
            "payment_method_save": None,
        },
        "shipping_options": [],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "wallet_options": None,
    }


def _customer_details(row: Row, payer: Row | None) -> Row | None:
    email = (payer or {}).get("email") or row.get("customer_email")
    if not email:
        return None
    return {
        **nulls("business_name", "individual_name", "phone"),
        "address": nulls(*ADDRESS) if payer else None,
        "email": email,
        "name": (payer or {}).get("name"),
        "tax_exempt": "none",
        "tax_ids": [] if payer else None,
    }


def breakdown_of(books: Books, row: Row) -> Row:
    """The discounts and taxes of a session, of which there are none."""
    return {"discounts": [], "taxes": []}


def line_items_of(books: Books, row: Row) -> Row:
    """What is bought, as `expand[]=line_items` shows it."""
    url = f"/v1/checkout/sessions/{row['id']}/line_items"
    return listing([line_item(books, row, one) for one in row["line_items"]], url)


def line_item(books: Books, row: Row, line: Row) -> Row:
    """One line of a Checkout Session."""
    its_price = books.get("price", line["price"])
    amount = cost(its_price, line["quantity"])
    return {
        "id": line["id"],
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": row["currency"],
        "description": line["description"],
        "metadata": {},
        "price": price(books, its_price),
        "quantity": line["quantity"],
    }


def portal_session(books: Books, row: Row) -> Row:
    """A customer portal session."""
    return {
        **head(row),
        **taken(row, "customer", "locale", "return_url", "url"),
        **nulls("customer_account", "flow", "on_behalf_of"),
        "configuration": "bpc_sandbox",
    }
