"""The end of a subscription, wished for or taken back."""

from stripe_sandbox.books import Books, Row
from stripe_sandbox.engine import billing


def set_end(
    books: Books, subscription: Row, now: int, *, wanted: bool, at: int | None = None
) -> None:
    """Let a subscription end with its period, or at the time `at`; or let it go on."""
    subscription["cancel_at_period_end"] = wanted and at is None
    if wanted and at is not None:
        billing.plan(books, subscription, "cancel_at", at)
    else:
        books.unplan(subscription["id"], "cancel_at")
    details = subscription.get("cancellation_details") or {"comment": None, "feedback": None}
    reason = "cancellation_requested" if wanted else None
    subscription |= {
        "cancel_at": (at or subscription["current_period_end"]) if wanted else None,
        "canceled_at": now if wanted else None,
        "cancellation_details": {**details, "reason": reason},
    }
