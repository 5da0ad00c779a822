"""What moves money: payment intents, charges, refunds, balance transactions."""

from stripe_sandbox.books import Books, Row
from stripe_sandbox.shapes.common import billing_details, checks, head, listing, nulls, taken
from stripe_sandbox.shapes.people import payment_method

RECEIPTS = "https://pay.stripe.com/receipts"


def payment_intent(books: Books, row: Row) -> Row:
    """A PaymentIntent."""
    failure = row.get("failure")
    return {
        **head(row),
        **taken(row, "amount", "currency", "customer", "description", "metadata", "status"),
        **taken(row, "amount_received", "canceled_at", "cancellation_reason", "client_secret"),
        **taken(row, "latest_charge", "payment_method", "setup_future_usage", "receipt_email"),
        **nulls("application", "application_fee_amount", "automatic_payment_methods"),
        **nulls("customer_account", "excluded_payment_method_types", "on_behalf_of"),
        **nulls("payment_method_configuration_details", "processing", "review", "shipping"),
        **nulls("source", "statement_descriptor", "statement_descriptor_suffix"),
        **nulls("transfer_data", "transfer_group"),
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "capture_method": "automatic",
        "confirmation_method": "automatic",
        "last_payment_error": failure and _last_error(books, failure),
        "next_action": row.get("next_action"),
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": row.get("payment_method_types") or ["card"],
    }


def _last_error(books: Books, failure: Row) -> Row:
    method = books.find("payment_method", failure["payment_method"])
    error = {
        "type": "card_error",
        **taken(failure, "code", "message"),
        "doc_url": f"https://stripe.com/docs/error-codes/{failure['code']}",
        "payment_method": method and payment_method(books, method),
    }
    if failure.get("charge"):
        error["charge"] = failure["charge"]
    if failure.get("decline_code"):
        error["decline_code"] = failure["decline_code"]
    return error


def charge(books: Books, row: Row) -> Row:
    """A Charge, made or refused."""
    paid = row["status"] == "succeeded"
    return {
        **head(row),
        **taken(row, "amount", "amount_refunded", "balance_transaction", "currency", "customer"),
        **taken(row, "description", "failure_code", "failure_message", "metadata", "status"),
        **taken(row, "payment_intent", "payment_method", "receipt_email"),
        **nulls("application", "application_fee", "application_fee_amount"),
        **nulls("failure_balance_transaction", "on_behalf_of", "receipt_number", "review"),
        **nulls("shipping", "source", "source_transfer", "statement_descriptor"),
        **nulls("statement_descriptor_suffix", "transfer_data", "transfer_group"),
        "amount_captured": row["amount"] if row["status"] != "failed" else 0,
        "billing_details": billing_details(row["billing_details"]),
        "calculated_statement_descriptor": "HROMADA",
        "captured": row["status"] != "failed",
        "disputed": bool(row.get("dispute")),
        "fraud_details": {},
        "outcome": _outcome(row, paid=row["status"] != "failed"),
        "paid": paid,
        "payment_method_details": _charged_bank(row)
        if "sepa_debit" in row
        else {"card": _charged_card(row), "type": "card"},
        "radar_options": {},
        "receipt_url": f"{RECEIPTS}/{row['id']}" if paid else None,
        "refunded": paid and row["amount_refunded"] == row["amount"],
    }


def _outcome(row: Row, *, paid: bool) -> Row:
    return {
        **nulls("advice_code", "network_advice_code", "network_decline_code"),
        "network_status": "approved_by_network" if paid else "declined_by_network",
        "reason": None if paid else row.get("decline_code") or row["failure_code"],
        "risk_level": "normal",
        "risk_score": 10,
        "seller_message": "Payment complete."
        if paid
        else "The bank did not return any further details with this decline.",
        "type": "authorized" if paid else "issuer_declined",
    }


def _charged_bank(row: Row) -> Row:
    bank = {**row["sepa_debit"], **nulls("expected_debit_date", "mandate")}
    return {"sepa_debit": bank, "type": "sepa_debit"}


def _charged_card(row: Row) -> Row:
    card = row["card"]
    return {
        **taken(card, "brand", "country", "exp_month", "exp_year", "fingerprint", "funding"),
        **taken(card, "last4"),
        **nulls("installments", "mandate", "network_transaction_id", "regulated_status"),
        **nulls("three_d_secure", "wallet"),
        "amount_authorized": row["amount"] if row["status"] == "succeeded" else None,
        "authorization_code": None,
        "checks": checks(card),
        "extended_authorization": {"status": "disabled"},
        "incremental_authorization": {"status": "unavailable"},
        "multicapture": {"status": "unavailable"},
        "network": card["brand"],
        "network_token": {"used": False},
        "overcapture": {"maximum_amount_capturable": row["amount"], "status": "unavailable"},
    }


def refunds_of(books: Books, row: Row) -> Row:
    """The refunds of a charge, as `expand[]=refunds` shows them."""
    found = books.select("refund", "parent = ?", (row["id"],))
    return listing([refund(books, one) for one in found], f"/v1/charges/{row['id']}/refunds")


def refund(books: Books, row: Row) -> Row:
    """A Refund to a card."""
    shape = {
        **head(row),
        **taken(row, "amount", "balance_transaction", "charge", "currency", "customer"),
        **taken(row, "metadata", "payment_intent", "payment_method", "reason"),
        **nulls("customer_account", "receipt_number", "source_transfer_reversal"),
        **nulls("transfer_reversal"),
        "destination_details": _destination(row),
        "status": "succeeded",
    }
    del shape["livemode"]
    return shape


def _destination(row: Row) -> Row:
    if row.get("payment_method_type") == "sepa_debit":
        return {"type": "sepa_debit"}
    return {
        "card": {
            "reference": row["reference"],
            "reference_status": "available",
            "reference_type": "acquirer_reference_number",
            "type": "refund",
        },
        "type": "card",
    }


def balance_transaction(books: Books, row: Row) -> Row:
    """A BalanceTransaction. A charge's and a dispute's bear a fee; nothing gives one back."""
    fee = row["fee"]
    part = {
        "amount": fee,
        "application": None,
        "currency": row["currency"],
        "description": "Dispute fee" if row["type"] == "adjustment" else "Stripe processing fees",
        "type": "stripe_fee",
    }
    shape = {
        **head(row),
        **taken(row, "amount", "available_on", "currency", "description", "exchange_rate", "fee"),
        **taken(row, "source", "type"),
        "balance_type": "payments",
        "fee_details": [part] if fee else [],
        "net": row["amount"] - fee,
        "reporting_category": row.get("category") or row["type"],
        "status": "available" if row["available_on"] <= books.now() else "pending",
    }
    del shape["livemode"]
    return shape
