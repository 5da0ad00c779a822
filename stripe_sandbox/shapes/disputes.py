"""Disputes and their evidence."""

from stripe_sandbox.books import Books, Row
from stripe_sandbox.shapes.common import head, nulls, taken
from stripe_sandbox.shapes.payments import balance_transaction

TEXTS = (
    "access_activity_log",
    "billing_address",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_tracking_number",
    "uncategorized_text",
)
FILES = (
    "cancellation_policy",
    "customer_communication",
    "customer_signature",
    "duplicate_charge_documentation",
    "receipt",
    "refund_policy",
    "service_documentation",
    "shipping_documentation",
    "uncategorized_file",
)
NETWORK_CODES = {"fraudulent": "10.4", "product_not_received": "13.1"}
SETTLED_WITHOUT_ANSWER = ("lost", "warning_closed")


def dispute(books: Books, row: Row) -> Row:
    """A Dispute, with its balance transactions in full."""
    charge = books.get("charge", row["charge"])
    code = NETWORK_CODES.get(row["reason"])
    evidence = row["evidence"]
    return {
        **head(row),
        **taken(row, "amount", "charge", "currency", "metadata", "payment_intent", "reason"),
        **taken(row, "status"),
        "balance_transactions": [
            balance_transaction(books, books.get("balance_transaction", id))
            for id in row["balance_transactions"]
        ],
        "enhanced_eligibility_types": [],
        "evidence": {**taken(evidence, *TEXTS), **nulls(*FILES), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": row["due_by"],
            "enhanced_eligibility": {},
            "has_evidence": any(evidence.values()),
            "past_due": not row["submission_count"] and row["status"] in SETTLED_WITHOUT_ANSWER,
            "submission_count": row["submission_count"],
            "submission_method": "manual" if row["submission_count"] else "not_submitted",
        },
        "is_charge_refundable": row["status"].startswith("warning_")
        and charge["amount_refunded"] < charge["amount"],
        "network_reason_code": code,
        "payment_method_details": row["brand"]
        and {
            "card": {
                "brand": row["brand"],
                "case_type": "inquiry" if row["is_inquiry"] else "chargeback",
                "network": row["brand"],
                "network_reason_code": code,
            },
            "type": "card",
        },
    }
