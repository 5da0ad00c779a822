"""What is due on a clock, done one after another at the moment it was due."""

from collections.abc import Callable

from stripe_sandbox.books import SANDBOX_CLOCK, Books
from stripe_sandbox.engine import billing, checkout, delayed, disputes, endings, payouts

JOBS: dict[str, Callable[[Books, str, int], None]] = {
    "abandon": endings.abandon,
    "arrive": delayed.arrive,
    "cancel_at": endings.cancel_at,
    "dispute_due": disputes.due,
    "expire": checkout.expire,
    "pay_out": payouts.daily,
    "payout_arrives": payouts.arrive,
    "renew": billing.renew,
    "resume": billing.resume,
    "retry": billing.retry,
}


def run_due(books: Books, clock: str, until: int, limit: int) -> int | None:
    """Do up to `limit` jobs due on a clock by `until`. The time of the last, or None.

    What a job plans anew is done in the same run if it is due by `until` as well.
    """
    last = None
    for _ in range(limit):
        row = books.db.execute(
            "SELECT object, job, at FROM agenda WHERE clock = ? AND at <= ? ORDER BY at LIMIT 1",
            (clock, until),
        ).fetchone()
        if row is None:
            break
        object, job, last = row
        books.unplan(object, job)
        books.clock_override = (clock, last)
        if clock == SANDBOX_CLOCK:
            books.sandbox_now = last
        JOBS[job](books, object, last)
    books.clock_override = None
    return last
