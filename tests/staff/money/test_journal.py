"""The journal: debits equal credits on every day, and the balance is what Stripe's is."""

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config import Mode
from membership.books.models import EntryKind, LedgerEntry, Settlement
from membership.books.payout_models import Payout, PayoutEntry
from membership.clock import clock
from membership.extensions import db
from membership.figures.spans import Span
from membership.staff.money import journal
from membership.staff.money.journal import Account
from membership.staff.money.payouts import CAME_BACK
from tests.conftest import empty_tables
from tests.factories import NOON, Newsroom
from tests.staff.test_desk import subscribe

NUMBERS = itertools.count()
BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
RATES = {"uah": 50, "eur": 1, "usd": 1}
SIGNS = {
    EntryKind.charge: 1,
    EntryKind.refund: -1,
    EntryKind.refund_reversal: 1,
    EntryKind.dispute: -1,
    EntryKind.dispute_reversal: 1,
    EntryKind.offline: 1,
}
MODE = Mode.sandbox


@pytest.fixture(autouse=True)
def noon():
    clock.set(NOON)


def movement(
    person: int,
    kind: EntryKind,
    amount: int,
    currency: str,
    when: datetime,
    *,
    subscription: int | None = None,
    settled_after: timedelta | None = timedelta(0),
    gross: int | None = None,
    fee: int = 0,
) -> str:
    """A row of the ledger and what it came to on the balance; its balance transaction."""
    number = next(NUMBERS)
    entry = LedgerEntry(
        kind=kind,
        stripe_source=f"source_{number}",
        mode=MODE,
        person_id=person,
        subscription_id=subscription,
        amount=amount,
        currency=currency,
        occurred_at=when,
    )
    db.session.add(entry)
    db.session.flush()
    if settled_after is not None and kind is not EntryKind.offline:
        into = "eur" if currency == "uah" else currency
        gross = amount // RATES[currency] if gross is None else gross
        db.session.add(
            Settlement(
                stripe_id=f"txn_{number}",
                mode=MODE,
                entry_id=entry.id,
                gross=gross,
                fee=fee,
                net=gross - fee,
                currency=into,
                exchange_rate=None if into == currency else "0.02",
                created_at=when + settled_after,
                available_on=when + settled_after,
            )
        )
        if fee:
            db.session.add(
                LedgerEntry(
                    kind=EntryKind.fee,
                    stripe_source=f"txn_{number}",
                    mode=MODE,
                    person_id=person,
                    parent_id=entry.id,
                    amount=-fee,
                    currency=into,
                    occurred_at=when + settled_after,
                )
            )
    return f"txn_{number}"


def payout(
    amount: int, currency: str, when: datetime, *, returned_after: timedelta | None = None
) -> int:
    row = Payout(
        stripe_id=f"po_{next(NUMBERS)}",
        mode=MODE,
        amount=amount,
        currency=currency,
        status="failed" if returned_after is not None else "paid",
        is_automatic=True,
        is_reconciled=True,
        created_at=when,
        arrives_on=(when + timedelta(days=1)).date(),
        returned_at=when + returned_after if returned_after is not None else None,
        listed_at=when,
        as_of=when,
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def part(of: int, name: str, net: int, currency: str, when: datetime, category: str) -> None:
    db.session.add(
        PayoutEntry(
            stripe_id=name,
            payout_id=of,
            category=category,
            gross=net,
            fee=0,
            net=net,
            currency=currency,
            created_at=when,
        )
    )


moments = st.integers(0, 40 * 24 * 60).map(lambda minutes: BEGAN + timedelta(minutes=minutes))
gaps = st.sampled_from([timedelta(0), timedelta(seconds=3), timedelta(hours=30), None])
currencies = st.sampled_from(sorted(RATES))
moved = st.tuples(
    st.sampled_from(list(SIGNS)),
    st.integers(0, 90_000),
    currencies,
    moments,
    gaps,
    st.sampled_from([0, 25, 1500]),
    st.booleans(),
)
sent = st.tuples(
    st.integers(-5000, 90_000),
    st.sampled_from(["eur", "usd"]),
    moments,
    st.sampled_from([None, timedelta(hours=1), timedelta(days=3)]),
    st.integers(-3000, 3000),
)


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(movements=st.lists(moved, max_size=20), payouts=st.lists(sent, max_size=6))
def test_debits_equal_credits_after_any_history_and_the_balance_is_stripes(
    newsroom: Newsroom, movements: list[Any], payouts: list[Any]
):
    with newsroom.at_work():
        empty_tables(db.engine)
    newsroom.tiers()
    person = newsroom.person()
    subscribe(newsroom, person, 0)
    with newsroom.at_work():
        for kind, amount, currency, when, gap, fee, regular in movements:
            movement(
                person.id,
                kind,
                SIGNS[kind] * amount,
                currency,
                when,
                subscription=1 if regular else None,
                settled_after=gap,
                fee=fee,
            )
        for amount, currency, when, returned_after, other in payouts:
            made = payout(amount, currency, when, returned_after=returned_after)
            part(made, f"else_{next(NUMBERS)}", other, currency, when, "charge")
            part(made, f"back_{next(NUMBERS)}", 700, currency, when, CAME_BACK)
        db.session.commit()
        hold(list(journal.every(MODE, Span(date(2026, 1, 1), date(2026, 12, 31)))))


def hold(lines: list[journal.Line]) -> None:
    """Every day and currency is even, and what is left on the balance is what the tables say."""
    off: Counter[tuple[date, str]] = Counter()
    left: Counter[tuple[Account, str]] = Counter()
    for line in lines:
        assert line.debit.amount >= 0 <= line.credit.amount
        off[line.day, line.debit.currency] += line.left.amount
        left[line.account, line.debit.currency] += line.left.amount
    assert set(off.values()) <= {0}
    assert _nonzero(left, Account.balance) == _in_the_tables()
    whole = [line for its in journal.summed(lines).values() for line in its]
    assert (
        Counter({(line.account, line.debit.currency): line.left.amount for line in whole}) == left
    )


def _nonzero(left: Counter[tuple[Account, str]], account: Account) -> dict[str, int]:
    return {code: amount for (its, code), amount in left.items() if its is account and amount}


def _in_the_tables() -> dict[str, int]:
    """Settlements and what else is known to have moved, less payouts that did not come back."""
    ours = sa.select(Settlement.stripe_id)
    left: Counter[str] = Counter()
    for row in db.session.scalars(sa.select(Settlement)):
        left[row.currency] += row.net
    for row in db.session.scalars(
        sa.select(PayoutEntry).where(
            PayoutEntry.stripe_id.not_in(ours), PayoutEntry.category != CAME_BACK
        )
    ):
        left[row.currency] += row.net
    for one in db.session.scalars(sa.select(Payout).where(Payout.returned_at.is_(None))):
        left[one.currency] -= one.amount
    return {code: amount for code, amount in left.items() if amount}


@pytest.fixture
def worked(newsroom: Newsroom) -> None:
    """The example of docs/journal.md."""
    newsroom.tiers()
    person = newsroom.person()
    subscribe(newsroom, person, 0)
    first, third = BEGAN + timedelta(hours=9), BEGAN + timedelta(days=2, hours=9)
    with newsroom.at_work():
        charge, refund = EntryKind.charge, EntryKind.refund
        movement(person.id, charge, 500, "eur", first, subscription=1, fee=33)
        movement(person.id, charge, 20000, "uah", first, gross=400, fee=31)
        movement(person.id, EntryKind.offline, 6000, "eur", first)
        made = payout(500 - 33 + 400 - 31 + 861, "eur", first + timedelta(days=1, hours=12))
        part(made, "txn_else", 861, "eur", first, "charge")
        movement(person.id, refund, -20000, "uah", third, gross=-410)
        db.session.commit()


def sheet(browser: FlaskClient, asked: str) -> list[tuple[str, ...]]:
    answer = browser.get(f"/staff/payments/journal.csv?{asked}")
    assert answer.status_code == 200
    return [tuple(row) for row in csv.reader(io.StringIO(answer.text))][1:]


@pytest.fixture
def finance(newsroom: Newsroom) -> FlaskClient:
    return newsroom.signed_in(newsroom.person("finance@example.org", role="finance"))


def by_hand() -> list[tuple[str, ...]]:
    """The table of docs/journal.md."""
    page = (Path(__file__).parents[3] / "docs" / "journal.md").read_text("utf-8")
    found = re.findall(
        r"^\| (2026-\d\d-\d\d) \| ([a-z -]+?) \| ([\d.]*) ?\| ([\d.]*) ?\| (\w+) \|$", page, re.M
    )
    return [
        (day, account, debit or "0.00", credit or "0.00", code)
        for day, account, debit, credit, code in found
    ]


def test_the_example_in_the_docs_is_what_the_journal_says(worked: None, finance: FlaskClient):
    written = by_hand()
    assert len(written) == 20
    assert sheet(finance, "from=2026-03-01&to=2026-03-31") == written


def test_the_page_shows_each_account_and_each_day(worked: None, finance: FlaskClient):
    page = finance.get("/staff/payments/journal?from=2026-03-01&to=2026-03-31").text
    for says in ("Stripe balance", "Exchange", "Payouts on the way", "Hryvnia"):
        assert says in page or says.lower() in page
    assert "from=2026-03-01&amp;to=2026-03-31" in page


def test_a_long_span_is_for_the_sheet(worked: None, finance: FlaskClient):
    assert finance.get("/staff/payments/journal?from=2025-01-01").status_code == 422
    assert len(sheet(finance, "from=2025-01-01&to=2026-12-31")) == 20
    assert finance.get("/staff/payments/journal?from=x").status_code == 422
    assert finance.get("/staff/payments/journal.csv?from=x").status_code == 404
    empty = finance.get("/staff/payments/journal?from=2025-01-01&to=2025-01-02")
    assert "Nothing moved in these days." in empty.text


def test_a_page_costs_the_same_queries_whatever_moved(
    worked: None, newsroom: Newsroom, finance: FlaskClient, queries: Callable[[], Any]
):
    def cost(asked: str) -> int:
        with queries() as seen:
            assert finance.get(f"/staff/payments/journal?{asked}").status_code == 200
        return len(seen)

    assert cost("from=2026-03-01") == cost("from=2025-12-20") == cost("to=2026-02-01")
