"""What is planned for a subscription: from a day on, other items."""

from stripe_sandbox.books import Books, Row
from stripe_sandbox.events import change


def enter_phase(books: Books, subscription: Row) -> None:
    """As a period ends: the items of the phase that begins with the next, if one does."""
    if not subscription.get("schedule"):
        return
    schedule = books.get("subscription_schedule", subscription["schedule"])
    at = subscription["current_period_end"]
    phase = next(
        (one for one in schedule["phases"] if one["start_date"] <= at < one["end_date"]), None
    )
    if phase is None:
        release(books, schedule, subscription, at)
    elif phase["start_date"] != schedule["current_phase"]["start_date"]:
        with change(books, schedule, "subscription_schedule.updated"):
            schedule["current_phase"] = {name: phase[name] for name in ("start_date", "end_date")}
        subscription["items"] = [
            {
                "id": books.ids.new("subscription_item"),
                "created": at,
                "metadata": {},
                **item,
            }
            for item in phase["items"]
        ]


def release(books: Books, schedule: Row, subscription: Row, now: int) -> None:
    """Leave the subscription as it is by now, without a plan."""
    with change(books, schedule, "subscription_schedule.released"):
        schedule |= {
            "current_phase": None,
            "released_at": now,
            "released_subscription": subscription["id"],
            "status": "released",
        }
    subscription["schedule"] = None
    books.save(subscription)
