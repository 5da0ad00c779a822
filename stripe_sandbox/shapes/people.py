"""Customers and their cards."""

from stripe_sandbox.books import Books, Row
from stripe_sandbox.credit import balance_of
from stripe_sandbox.shapes.common import billing_details, checks, head, listing, nulls, taken


def customer(books: Books, row: Row) -> Row:
    """A Customer."""
    return {
        **head(row),
        **taken(row, "email", "name", "phone", "description", "address", "metadata"),
        **taken(row, "currency", "invoice_prefix", "next_invoice_sequence", "test_clock"),
        **nulls("business_name", "customer_account", "default_source", "discount"),
        **nulls("individual_name", "shipping"),
        "balance": balance_of(row, row.get("currency")),
        "delinquent": row.get("delinquent", False),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": row.get("default_payment_method"),
            "footer": None,
            "rendering_options": None,
        },
        "preferred_locales": row.get("preferred_locales", []),
        "tax_exempt": "none",
    }


def sources_of(books: Books, row: Row) -> Row:
    """The old kind of cards, of which a customer has none."""
    return listing([], f"/v1/customers/{row['id']}/sources")


def payment_method(books: Books, row: Row) -> Row:
    """A PaymentMethod: a card or a bank account."""
    if "sepa_debit" in row:
        details = {"sepa_debit": {**row["sepa_debit"], "generated_from": None}}
    else:
        details = {"card": _card(row["card"])}
    return {
        **head(row),
        **taken(row, "customer", "metadata"),
        **details,
        "allow_redisplay": "unspecified",
        "billing_details": billing_details(row["billing_details"]),
        "customer_account": None,
        "type": next(iter(details)),
    }


def _card(card: Row) -> Row:
    return {
        **taken(card, "brand", "country", "exp_month", "exp_year", "fingerprint", "funding"),
        **taken(card, "last4"),
        **nulls("generated_from", "regulated_status", "wallet"),
        "checks": checks(card),
        "display_brand": card["brand"],
        "networks": {"available": [card["brand"]], "preferred": None},
        "three_d_secure_usage": {"supported": True},
    }
