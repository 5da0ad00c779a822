"""Subscriptions, their invoices, and the link from an invoice to its payment."""

from stripe_sandbox.books import Books, Row
from stripe_sandbox.credit import asked_for, balance_of
from stripe_sandbox.shapes.catalogue import plan, price
from stripe_sandbox.shapes.common import head, listing, nulls, taken
from stripe_sandbox.shapes.prorations import credited_lines, pricing

COUNTRY = "EE"
NAME = "Hromada sandbox"
NO_TAX = {"disabled_reason": None, "enabled": False, "liability": None}
SELF = {"type": "self"}
# So many lines come with an invoice; the others are asked for.
SHOWN = 10


def subscription(books: Books, row: Row) -> Row:
    """A Subscription. The billing period stands on its items."""
    return {
        **head(row),
        **taken(row, "billing_cycle_anchor", "cancel_at", "cancel_at_period_end", "canceled_at"),
        **taken(row, "currency", "customer", "default_payment_method", "description", "ended_at"),
        **taken(row, "latest_invoice", "metadata", "pause_collection", "start_date", "status"),
        **taken(row, "test_clock"),
        **nulls("application", "application_fee_percent", "billing_cycle_anchor_config"),
        **nulls("billing_thresholds", "customer_account", "days_until_due", "default_source"),
        **nulls("next_pending_invoice_item_invoice", "on_behalf_of", "pending_setup_intent"),
        **nulls("pending_invoice_item_interval", "pending_update", "transfer_data"),
        **taken(row, "schedule", "trial_end", "trial_start"),
        "automatic_tax": NO_TAX,
        "billing_mode": {"flexible": {"proration_discounts": "included"}, "type": "flexible"},
        "billing_schedules": [],
        "cancellation_details": row.get("cancellation_details")
        or nulls("comment", "feedback", "reason"),
        "collection_method": "charge_automatically",
        "default_tax_rates": [],
        "discounts": [one["id"] for one in row.get("discounts", [])],
        "invoice_settings": {
            **nulls("account_tax_ids", "custom_fields", "description", "footer"),
            "issuer": SELF,
        },
        "items": listing(
            [subscription_item(books, row, one) for one in row["items"]],
            f"/v1/subscription_items?subscription={row['id']}",
        ),
        "payment_settings": {
            "payment_method_options": {
                "card": {"network": None, "request_three_d_secure": "automatic"}
            },
            "payment_method_types": None,
            "save_default_payment_method": "off",
        },
        "trial_settings": {
            "end_behavior": {
                "billing_cycle_anchor": None,
                "missing_payment_method": "create_invoice",
            }
        },
    }


def subscription_item(books: Books, row: Row, item: Row) -> Row:
    """A SubscriptionItem: one price of a subscription, with the current period."""
    its_price = books.get("price", item["price"])
    return {
        "id": item["id"],
        "object": "subscription_item",
        **taken(item, "created", "metadata", "quantity"),
        **taken(row, "current_period_end", "current_period_start"),
        "billing_thresholds": None,
        "discounts": [],
        "plan": plan(its_price),
        "price": price(books, its_price),
        "subscription": row["id"],
        "tax_rates": [],
    }


def invoice(books: Books, row: Row) -> Row:
    """An Invoice of a subscription."""
    total = row["total"]
    subtotal = sum(line["amount"] for line in row["lines"])
    off = _discounted(row)
    balance = starting_balance(books, row)
    due = row.get("amount_due", asked_for(total, balance, row["currency"]))
    return {
        **head(row),
        **taken(row, "amount_paid", "attempt_count", "attempted", "auto_advance", "billing_reason"),
        **taken(row, "currency", "customer", "customer_email", "customer_name"),
        **taken(row, "default_payment_method", "metadata", "next_payment_attempt", "number"),
        **taken(row, "period_end", "period_start", "status", "test_clock", "effective_at"),
        **taken(row, "hosted_invoice_url", "invoice_pdf", "total"),
        **nulls("account_tax_ids", "application", "automatically_finalizes_at", "custom_fields"),
        **nulls("customer_account", "customer_address", "customer_phone", "customer_shipping"),
        **nulls("default_source", "description", "due_date", "footer", "from_invoice"),
        **nulls("last_finalization_error", "latest_revision", "on_behalf_of", "receipt_number"),
        **nulls("rendering", "shipping_cost", "shipping_details", "statement_descriptor"),
        **nulls("webhooks_delivered_at"),
        "account_country": COUNTRY,
        "account_name": NAME,
        "amount_due": due,
        "amount_overpaid": 0,
        "amount_remaining": due - row["amount_paid"],
        "amount_shipping": 0,
        "automatic_tax": {**NO_TAX, "provider": None, "status": None},
        "collection_method": "charge_automatically",
        "customer_tax_exempt": "none",
        "customer_tax_ids": [],
        "default_tax_rates": [],
        "discounts": list(off),
        "ending_balance": None if row["status"] == "draft" else row.get("ending_balance", 0),
        "issuer": SELF,
        "lines": {
            **listing(
                [invoice_line(row, one) for one in row["lines"][:SHOWN]],
                f"/v1/invoices/{row['id']}/lines",
            ),
            "has_more": len(row["lines"]) > SHOWN,
        },
        "parent": {
            "quote_details": None,
            "subscription_details": {
                "metadata": row["subscription_metadata"],
                "subscription": row["subscription"],
            },
            "type": "subscription_details",
        },
        "payment_settings": nulls(
            "default_mandate", "payment_method_options", "payment_method_types"
        ),
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "starting_balance": balance,
        "status_transitions": {
            "finalized_at": row.get("effective_at"),
            **taken(row, "marked_uncollectible_at", "paid_at", "voided_at"),
        },
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal,
        "total_discount_amounts": list(off.values()),
        "total_excluding_tax": total,
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
    }


def _discounted(row: Row) -> dict[str, Row]:
    """What each discount took off an invoice."""
    sums: dict[str, Row] = {}
    for line in row["lines"]:
        for part in line.get("discount_amounts", []):
            one = sums.setdefault(part["discount"], {**part, "amount": 0})
            one["amount"] += part["amount"]
    return sums


def starting_balance(books: Books, row: Row) -> int:
    """The customer's balance as it was before the invoice was finalized, or is by now."""
    if row["status"] != "draft":
        return int(row.get("starting_balance", 0))
    return balance_of(books.get("customer", row["customer"]), row["currency"])


def invoice_line(row: Row, line: Row) -> Row:
    """A line: a period of a subscription's item, or a part of one (a proration)."""
    is_proration = "invoice_item" in line
    return {
        "id": line["id"],
        "object": "line_item",
        **taken(line, "amount", "description", "metadata", "period", "quantity"),
        **taken(row, "currency", "subscription"),
        "discount_amounts": line.get("discount_amounts", []),
        "discountable": not is_proration,
        "discounts": [part["discount"] for part in line.get("discount_amounts", [])],
        "invoice": row["id"],
        "livemode": False,
        "parent": {
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": line.get("invoice_item"),
                "proration": is_proration,
                "proration_details": {"credited_items": credited_lines(line.get("credited"))},
                "subscription": row["subscription"],
                "subscription_item": line["subscription_item"],
            },
            "type": "subscription_item_details",
        },
        "pretax_credit_amounts": [],
        "pricing": pricing(line),
        "quantity_decimal": str(line["quantity"]),
        "subtotal": line["amount"],
        "taxes": [],
    }


def payments_of(books: Books, row: Row) -> Row:
    """The payments of an invoice, as `expand[]=payments` shows them."""
    found = books.select("invoice_payment", "parent = ?", (row["id"],))
    url = f"/v1/invoices/{row['id']}/payments"
    return listing([invoice_payment(books, one) for one in found], url)


def invoice_payment(books: Books, row: Row) -> Row:
    """An InvoicePayment: which PaymentIntent pays which invoice."""
    return {
        **head(row),
        **taken(row, "amount_paid", "amount_requested", "currency", "invoice", "status"),
        "is_default": True,
        "payment": {"payment_intent": row["payment_intent"], "type": "payment_intent"},
        "status_transitions": {
            "canceled_at": row.get("canceled_at"),
            "paid_at": row.get("paid_at"),
        },
    }
