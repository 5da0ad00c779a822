"""The account is paid out to its bank: what is available on the balance, once a day by itself.

See docs/stripe-sandbox.md, "Payouts".
"""

from stripe_sandbox.books import SANDBOX_CLOCK, Books, Row
from stripe_sandbox.events import emit
from stripe_sandbox.ids import ACCOUNT
from stripe_sandbox.money import SETTLES_IN

DAY = 24 * 3600
# Written out, so that SQLite finds its index.
WAITS = (
    "kind = 'balance_transaction' AND json_extract(facts, '$.payout') IS NULL"
    " AND json_extract(facts, '$.available_on') <= ? AND json_extract(facts, '$.currency') = ?"
)


def begin(books: Books, *, daily: bool) -> None:
    """Pay out every midnight (UTC) from now on, or only when asked to."""
    if daily and not _are_daily(books):
        books.plan(ACCOUNT, "pay_out", _midnight(books.sandbox_now), SANDBOX_CLOCK)
    if not daily:
        books.unplan(ACCOUNT, "pay_out")


def daily(books: Books, account: str, now: int) -> None:
    """The job of every midnight."""
    pay_out(books, now)
    books.plan(account, "pay_out", _midnight(now), SANDBOX_CLOCK)


def pay_out(books: Books, now: int) -> list[Row]:
    """Send to the bank what is available in each currency, if it is more than nothing."""
    made = (_pay_out(books, currency, now) for currency in SETTLES_IN)
    return [payout for payout in made if payout]


def _pay_out(books: Books, currency: str, now: int) -> Row | None:
    entries = books.select("balance_transaction", WAITS, (now, currency))
    amount = sum(entry["amount"] - entry["fee"] for entry in entries)
    if amount <= 0:
        return None
    payout = books.add(
        "payout",
        created=now,
        amount=amount,
        arrival_date=_midnight(now),
        currency=currency,
        failure=None,
        reconciliation_status="in_progress",
        status="in_transit",
    )
    own = _entry(books, payout, "payout", -amount, now)
    for entry in (*entries, own):
        books.save(entry)["payout"] = payout["id"]
    payout["balance_transaction"] = own["id"]
    books.plan(payout["id"], "payout_arrives", payout["arrival_date"], SANDBOX_CLOCK)
    emit(books, "payout.created", payout)
    return payout


def catch_up(books: Books, since: int, until: int) -> int:
    """Live through the midnights of a past that was built without them; how many payouts."""
    count = 0
    under_way: list[Row] = []
    for midnight in range(_midnight(since), until, DAY) if _are_daily(books) else ():
        books.clock_override = (SANDBOX_CLOCK, midnight)
        for payout in under_way:
            books.unplan(payout["id"], "payout_arrives")
            arrive(books, payout["id"], midnight)
        under_way = pay_out(books, midnight)
        count += len(under_way)
    return count


def arrive(books: Books, id: str, now: int) -> None:
    """The money is at the bank, and Stripe can say what it is made of."""
    payout = books.get("payout", id)
    payout["reconciliation_status"] = "completed"
    emit(books, "payout.reconciliation_completed", books.save(payout))
    payout["status"] = "paid"
    emit(books, "payout.paid", books.save(payout))


def fail(books: Books, payout: Row, now: int) -> None:
    """The bank sends the money back, before or after it seemed to have arrived."""
    books.unplan(payout["id"], "payout_arrives")
    back = _entry(books, payout, "payout_failure", payout["amount"], now)
    payout |= {
        "failure": {"balance_transaction": back["id"], "code": "account_closed"},
        "reconciliation_status": "completed",
        "status": "failed",
    }
    emit(books, "payout.failed", books.save(payout))


def _entry(books: Books, payout: Row, type: str, amount: int, now: int) -> Row:
    return books.add(
        "balance_transaction",
        created=now,
        amount=amount,
        available_on=now,
        category="payout_reversal" if type == "payout_failure" else "payout",
        currency=payout["currency"],
        description="STRIPE PAYOUT" + (" FAILURE" if type == "payout_failure" else ""),
        exchange_rate=None,
        fee=0,
        source=payout["id"],
        type=type,
    )


def _are_daily(books: Books) -> bool:
    found = books.db.execute("SELECT 1 FROM agenda WHERE job = 'pay_out'").fetchone()
    return found is not None


def _midnight(now: int) -> int:
    """The next one."""
    return (now // DAY + 1) * DAY
