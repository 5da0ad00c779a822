"""What is planned for a subscription."""

from stripe_sandbox.books import Books, Row
from stripe_sandbox.shapes.common import head, nulls, taken

NO_TAX = {"disabled_reason": None, "enabled": False, "liability": None}


def subscription_schedule(books: Books, row: Row) -> Row:
    """A SubscriptionSchedule."""
    return {
        **head(row),
        **taken(row, "current_phase", "customer", "metadata", "released_at", "test_clock"),
        **taken(row, "released_subscription", "status"),
        **nulls("application", "canceled_at", "completed_at", "customer_account"),
        "billing_mode": {"flexible": {"proration_discounts": "included"}, "type": "flexible"},
        "default_settings": {
            **nulls("application_fee_percent", "billing_thresholds", "default_payment_method"),
            **nulls("description", "on_behalf_of", "transfer_data"),
            "automatic_tax": NO_TAX,
            "billing_cycle_anchor": "automatic",
            "collection_method": "charge_automatically",
            "invoice_settings": {
                **nulls("account_tax_ids", "days_until_due"),
                "issuer": {"type": "self"},
            },
        },
        "end_behavior": "release",
        "pause_schedules": [],
        "phases": [_phase(phase) for phase in row["phases"]],
        "subscription": row["subscription"] if row["status"] == "active" else None,
    }


def _phase(phase: Row) -> Row:
    return {
        **taken(phase, "currency", "end_date", "start_date"),
        **nulls("application_fee_percent", "billing_cycle_anchor", "billing_thresholds"),
        **nulls("collection_method", "default_payment_method", "description", "on_behalf_of"),
        **nulls("invoice_settings", "transfer_data", "trial_end"),
        "add_invoice_items": [],
        "automatic_tax": NO_TAX,
        "default_tax_rates": [],
        "discounts": [],
        "items": [
            {
                **taken(item, "price", "quantity"),
                "billing_thresholds": None,
                "discounts": [],
                "metadata": {},
                "plan": item["price"],
                "tax_rates": [],
            }
            for item in phase["items"]
        ],
        "metadata": {},
        "proration_behavior": phase.get("proration_behavior", "create_prorations"),
    }
