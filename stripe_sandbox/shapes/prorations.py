"""What waits for an invoice, and what moved a customer's balance."""

from decimal import Decimal

from stripe_sandbox.books import Books, Row
from stripe_sandbox.shapes.common import head, nulls, taken


def invoice_item(books: Books, row: Row) -> Row:
    """An InvoiceItem: a proration, before and after it came onto an invoice."""
    shape = {
        **head(row),
        **taken(row, "amount", "currency", "customer", "description", "invoice", "metadata"),
        **taken(row, "period", "quantity", "test_clock"),
        **nulls("customer_account", "frozen_fields"),
        "date": row["created"],
        "discountable": False,
        "discounts": [],
        "invoicing_rules": [],
        "net_amount": row["amount"],
        "parent": {
            "subscription_details": taken(row, "subscription", "subscription_item"),
            "type": "subscription_details",
        },
        "pricing": pricing(row),
        "proration": True,
        "proration_details": {"credited_items": _credited(row), "discount_amounts": []},
        "quantity_decimal": str(row["quantity"]),
        "tax_rates": [],
    }
    del shape["created"]
    return shape


def pricing(row: Row) -> Row:
    """What one unit of a proration comes to."""
    each = (Decimal(row["amount"]) / row["quantity"]).quantize(Decimal("1e-12"))
    return {
        "price_details": {"price": row["price"], "product": row["product"]},
        "type": "price_details",
        "unit_amount_decimal": f"{each.normalize():f}",
    }


def _credited(row: Row) -> Row | None:
    credited = row["credited"]
    if not credited:
        return None
    if not credited["line"]:
        return {
            "invoice_item": credited["invoice_item"],
            "invoice_line_item_details": None,
            "type": "invoice_item",
        }
    return {
        "invoice_item": None,
        "invoice_line_item_details": credited_lines(credited),
        "type": "invoice_line_items",
    }


def credited_lines(credited: Row | None) -> Row | None:
    """The line of an invoice that a proration gives a part of back."""
    if not credited or not credited["line"]:
        return None
    return {"invoice": credited["invoice"], "invoice_line_items": [credited["line"]]}


def customer_balance_transaction(books: Books, row: Row) -> Row:
    """A CustomerBalanceTransaction: less than zero is credit."""
    return {
        **head(row),
        **taken(row, "amount", "currency", "customer", "description", "ending_balance"),
        **taken(row, "invoice", "metadata", "type"),
        **nulls("checkout_session", "credit_note", "customer_account"),
    }
