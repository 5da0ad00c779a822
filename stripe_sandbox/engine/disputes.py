"""A cardholder disputes a charge: the money leaves, evidence is weighed, perhaps it returns.

An inquiry is the bank's question before that: it moves no money. See docs/stripe-sandbox.md,
"Disputes".
"""

from stripe_sandbox.books import Books, Row
from stripe_sandbox.engine.payments import book_entry, plays
from stripe_sandbox.events import change, emit

DAY = 24 * 3600
DUE_AFTER_DAYS = 16
FEE = 1500  # minor units of the settlement currency
NEEDS_RESPONSE = ("needs_response", "warning_needs_response")
# Stripe's documented texts of `uncategorized_text` that decide at once.
WINNING, LOSING = "winning_evidence", "losing_evidence"
ESCALATING = "escalate_inquiry_evidence"


def after_payment(books: Books, charge: Row, method: Row, now: int) -> None:
    """Dispute a charge at once if its test card is one that does."""
    card = plays(method)
    if card.disputes:
        dispute(books, charge, card.disputes, charge["amount"], now, is_inquiry=card.only_inquires)


def dispute(
    books: Books, charge: Row, reason: str, amount: int, now: int, *, is_inquiry: bool = False
) -> Row:
    """A dispute over `amount` minor units of a paid charge, for one of Stripe's reasons."""
    payer = charge["billing_details"]
    made = books.add(
        "dispute",
        created=now,
        amount=amount,
        balance_transactions=[],
        brand=charge["card"]["brand"] if "card" in charge else None,
        charge=charge["id"],
        currency=charge["currency"],
        customer=charge["customer"],
        evidence={
            "customer_email_address": payer.get("email"),
            "customer_name": payer.get("name"),
        },
        is_inquiry=is_inquiry,
        metadata={},
        payment_intent=charge["payment_intent"],
        reason=reason,
        status="warning_needs_response" if is_inquiry else "needs_response",
        submission_count=0,
    )
    _await_answer(books, made, now)
    if not is_inquiry:
        _move(books, made, "dispute", -amount, now, fee=FEE)
    emit(books, "charge.dispute.created", made)
    if not is_inquiry:
        emit(books, "charge.dispute.funds_withdrawn", made)
    with change(books, charge, "charge.updated"):
        charge["dispute"] = made["id"]
    return made


def submit(books: Books, dispute: Row, now: int) -> None:
    """The bank reads the evidence; Stripe's test texts make it decide at once."""
    with change(books, dispute, "charge.dispute.updated"):
        inquires = dispute["is_inquiry"]
        dispute["status"] = "warning_under_review" if inquires else "under_review"
        dispute["submission_count"] += 1
    books.unplan(dispute["id"], "dispute_due")
    text = dispute["evidence"].get("uncategorized_text")
    if dispute["is_inquiry"] and text == ESCALATING:
        _escalate(books, dispute, now)
    elif text in (WINNING, LOSING):
        decide(books, dispute, now, won=text == WINNING)


def decide(books: Books, dispute: Row, now: int, *, won: bool) -> None:
    """The end of a dispute. The amount returns if it is won, the fee never does."""
    books.unplan(dispute["id"], "dispute_due")
    if dispute["is_inquiry"]:
        dispute["status"] = "warning_closed"
    else:
        dispute["status"] = "won" if won else "lost"
        if won:
            _move(books, dispute, "dispute_reversal", dispute["amount"], now, fee=0)
            emit(books, "charge.dispute.funds_reinstated", dispute)
    emit(books, "charge.dispute.closed", books.save(dispute))


def due(books: Books, id: str, now: int) -> None:
    """Nobody answered in time: the cardholder is right."""
    decide(books, books.get("dispute", id), now, won=False)


def bars_refund(books: Books, charge: Row) -> bool:
    """Whether the money of a charge is with the bank already."""
    if not charge.get("dispute"):
        return False
    return books.get("dispute", charge["dispute"])["status"] in (
        "needs_response",
        "under_review",
        "lost",
    )


def _escalate(books: Books, dispute: Row, now: int) -> None:
    with change(books, dispute, "charge.dispute.updated"):
        dispute |= {"is_inquiry": False, "status": "needs_response", "submission_count": 0}
        _await_answer(books, dispute, now)
        _move(books, dispute, "dispute", -dispute["amount"], now, fee=FEE)
    emit(books, "charge.dispute.funds_withdrawn", dispute)


def _await_answer(books: Books, dispute: Row, now: int) -> None:
    dispute["due_by"] = (now // DAY + DUE_AFTER_DAYS + 1) * DAY - 1
    customer = books.find("customer", dispute["customer"]) if dispute["customer"] else None
    books.plan(dispute["id"], "dispute_due", dispute["due_by"], books.clock_of(customer))


def _move(books: Books, dispute: Row, category: str, amount: int, now: int, *, fee: int) -> None:
    word = "withdrawal" if amount < 0 else "reversal"
    entry = book_entry(
        books,
        dispute,
        "adjustment",
        amount,
        fee=fee,
        now=now,
        category=category,
        description=f"Chargeback {word} for {dispute['charge']}",
    )
    dispute["balance_transactions"].append(entry["id"])
    books.save(dispute)
