"""Payouts to the account's bank."""

from stripe_sandbox.books import Books, Row
from stripe_sandbox.shapes.common import head, nulls, taken

BANK = "ba_sandbox"
REASONS = {"account_closed": "The bank account has been closed."}


def payout(books: Books, row: Row) -> Row:
    """A Payout, made by itself."""
    failure = row["failure"] or {}
    return {
        **head(row),
        **taken(row, "amount", "arrival_date", "balance_transaction", "currency"),
        **taken(row, "reconciliation_status", "status"),
        **nulls("application_fee", "application_fee_amount", "original_payout", "payout_method"),
        **nulls("reversed_by", "statement_descriptor", "trace_id"),
        "automatic": True,
        "description": "STRIPE PAYOUT",
        "destination": BANK,
        "failure_balance_transaction": failure.get("balance_transaction"),
        "failure_code": failure.get("code"),
        "failure_message": REASONS.get(failure.get("code", "")),
        "metadata": {},
        "method": "standard",
        "source_type": "card",
        "type": "bank_account",
    }
