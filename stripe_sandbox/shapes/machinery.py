"""Events, webhook endpoints and clocks."""

from stripe_sandbox.books import SANDBOX_CLOCK, Books, Row
from stripe_sandbox.shapes.common import head, nulls, taken

CLOCK_LIVES_SECONDS = 30 * 24 * 3600


def event(row: Row) -> Row:
    """An Event as it is listed and as it is sent."""
    return {
        **head(row),
        **taken(row, "api_version", "data", "pending_webhooks", "request", "type"),
    }


def webhook_endpoint(books: Books, row: Row) -> Row:
    """A webhook endpoint, without its secret."""
    return {
        **head(row),
        **taken(row, "api_version", "description", "enabled_events", "metadata", "status", "url"),
        **nulls("application"),
    }


def test_clock(books: Books, row: Row) -> Row:
    """A test clock. The sandbox's own says what time it is."""
    target = row.get("target")
    return {
        **head(row),
        **taken(row, "name", "status"),
        "deletes_after": row["created"] + CLOCK_LIVES_SECONDS,
        "frozen_time": books.sandbox_now if row["id"] == SANDBOX_CLOCK else row["frozen_time"],
        "status_details": {"advancing": {"target_frozen_time": target}} if target else {},
    }
