"""Billing periods by the calendar: the anchor's day is kept where the month has it."""

from datetime import UTC, datetime

from dateutil.relativedelta import relativedelta

UNITS = {"day": "days", "week": "weeks", "month": "months", "year": "years"}


def boundary(anchor: int, interval: str, count: int, number: int) -> int:
    """The end of the `number`th period since `anchor` (seconds since 1970, UTC).

    Stripe's rule of the billing cycle anchor: from 31 January, monthly, to 28 February, to
    31 March. The steps are counted from the anchor, so a short month shortens only itself.
    """
    start = datetime.fromtimestamp(anchor, UTC)
    step = relativedelta(**{UNITS[interval]: count * number})  # type: ignore[arg-type]
    return int((start + step).timestamp())
