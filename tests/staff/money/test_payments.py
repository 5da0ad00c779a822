"""The list of payments: what narrows it, what it comes to, and all of it as a file."""

import csv
import io
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from config import Mode
from membership.books.models import EntryKind, LedgerEntry
from membership.clock import clock
from membership.extensions import db
from membership.staff.money import payment_list
from membership.staff.money.payment_list import Wanted
from tests.factories import NOON, Newsroom
from tests.till import Till, app, choose, till

__all__ = ["app", "choose", "till"]  # fixtures

MANY = 200_000


@pytest.fixture
def finance(newsroom: Newsroom) -> FlaskClient:
    return newsroom.signed_in(newsroom.person("finance@example.org", role="finance"))


@pytest.fixture
def ledger(newsroom: Newsroom) -> dict[str, int]:
    """A few rows of every kind, by what their list calls them: the id of each one's person."""
    clock.set(NOON)
    rows = [
        ("Olha", EntryKind.charge, 500, "eur", 0),
        ("Olha", EntryKind.refund, -500, "eur", 0),
        ("Petro", EntryKind.charge, 2500, "eur", 1),
        ("Petro", EntryKind.fee, -63, "eur", 1),
        ("Daryna", EntryKind.charge, 20000, "uah", 2),
        ("Daryna", EntryKind.dispute, -20000, "uah", 1),
        ("Ostap", EntryKind.offline, 6000, "eur", 3),
        ("Live", EntryKind.charge, 700, "eur", 0),
    ]
    people = {
        name: newsroom.person(f"{name.lower()}@example.org").id
        for name in ("Olha", "Petro", "Daryna", "Ostap", "Live")
    }
    for number, (name, kind, amount, currency, age) in enumerate(rows):
        with newsroom.at_work():
            db.session.add(
                LedgerEntry(
                    kind=kind,
                    stripe_source=f"source_{number}",
                    mode=Mode.live if name == "Live" else Mode.sandbox,
                    person_id=people[name],
                    amount=amount,
                    currency=currency,
                    occurred_at=NOON - timedelta(days=age),
                    note="transfer 4711" if kind is EntryKind.offline else None,
                )
            )
            db.session.commit()
    return people


def sheet(browser: FlaskClient, asked: str = "") -> list[dict[str, str]]:
    answer = browser.get(f"/staff/payments.csv{asked}")
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def amounts(browser: FlaskClient, asked: str = "") -> list[tuple[str, str]]:
    return [(row["amount"], row["currency"]) for row in sheet(browser, asked)]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", ["5.00", "-5.00", "25.00", "-200.00", "200.00", "60.00"]),
        ("?kind=fee", ["-0.63"]),
        ("?kind=charge&kind=refund", ["5.00", "-5.00", "25.00", "200.00"]),
        ("?from=2026-03-09&to=2026-03-09", ["25.00", "-200.00"]),
        ("?from=2026-03-10", ["5.00", "-5.00"]),
        ("?to=2026-03-07", ["60.00"]),
        ("?currency=uah", ["-200.00", "200.00"]),
        ("?currency=eur&least=5&most=25", ["5.00", "-5.00", "25.00"]),
        ("?currency=eur&least=25,00", ["25.00", "60.00"]),
        ("?currency=eur&most=5", ["5.00", "-5.00"]),
        ("?q=OLH", ["5.00", "-5.00"]),
        ("?q=petro@example", ["25.00"]),
        ("?q=%25", []),
        ("?id=source_2", ["25.00"]),
        ("?id=nothing", []),
        ("?kind=charge&currency=eur&from=2026-03-09&to=2026-03-09&q=petro", ["25.00"]),
    ],
)
def test_a_list_is_narrowed_by_all_that_is_asked(
    ledger: dict[str, int], finance: FlaskClient, asked: str, found: list[str]
):
    assert sorted(row["amount"] for row in sheet(finance, asked)) == sorted(found)
    page = finance.get(f"/staff/payments{asked}")
    assert page.status_code == 200
    assert ("No payment is like that" in page.text) is (not found)
    if found and asked:
        assert f"/staff/payments.csv{asked}" in page.text.replace("&amp;", "&")


def test_a_person_is_asked_for_by_their_number(ledger: dict[str, int], finance: FlaskClient):
    address = f"?person={ledger['Daryna']}"
    assert amounts(finance, address) == [("-200.00", "uah"), ("200.00", "uah")]
    assert f'name="person" type="hidden" value="{ledger["Daryna"]}"' in (
        finance.get(f"/staff/payments{address}").text
    )


def test_a_row_of_the_sheet_says_all_that_is_known_of_it(
    ledger: dict[str, int], finance: FlaskClient
):
    [row] = sheet(finance, "?kind=offline")
    assert row == {
        "time": "2026-03-07T14:00:00+02:00",
        "what": "offline",
        "name": "Reader 4",
        "e-mail": "ostap@example.org",
        "amount": "60.00",
        "currency": "eur",
        "number": "source_6",
        "taken from": "",
        "subscription": "",
        "donation": "",
        "note": "transfer 4711",
    }


def test_the_sums_are_those_of_the_rows_and_never_mix_currencies(
    ledger: dict[str, int], newsroom: Newsroom
):
    with newsroom.at_work():
        found = payment_list.sums(Mode.sandbox, Wanted())
        assert found is not None
        assert {
            code: (sum.rows, sum.paid_in.amount, sum.paid_out.amount) for code, sum in found.items()
        } == {
            "eur": (4, 9000, -500),
            "uah": (2, 20000, -20000),
        }
        assert found["eur"].left.amount == 8500


def test_too_many_rows_to_add_up_are_said_to_be(
    ledger: dict[str, int], finance: FlaskClient, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(payment_list, "MOST_SUMMED", 3)
    assert "More than 3 rows" in finance.get("/staff/payments").text
    assert "More than 3 rows" not in finance.get("/staff/payments?currency=uah").text


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("from=yesterday", "Not a valid date value"),
        ("from=2026-03-09&to=2026-03-08", "not before the first one"),
        ("from=0001-01-01", "nothing on so distant a day"),
        ("to=9999-12-31", "nothing on so distant a day"),
        ("least=5", "Choose the currency of the amount."),
        ("currency=eur&least=lots", "Enter an amount as a number"),
        ("currency=eur&least=$5", "without the sign of another currency"),
        ("currency=eur&least=5&most=4", "not below the first one"),
        ("currency=xyz", "Not a valid choice"),
        ("kind=gold", "is not a valid choice"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(finance: FlaskClient, asked: str, says: str):
    answer = finance.get(f"/staff/payments?{asked}")
    assert answer.status_code == 422
    assert says in answer.text
    assert finance.get(f"/staff/payments.csv?{asked}").status_code == 404


def test_every_name_of_a_payment_at_stripe_leads_to_it_and_what_was_taken_from_it(
    newsroom: Newsroom, client: FlaskClient, finance: FlaskClient, till: Till, choose
):
    till.pay(choose(client))
    till.pay(choose(client, attempt="f" * 16, email="petro@example.org", interval="once"))
    till.deliver(client)
    [invoice] = till.get("/v1/invoices")["data"]
    subscription = till.newest("subscriptions")
    [charge] = till.get("/v1/charges", customer=subscription.customer)["data"]
    refund = till.sdk.v1.refunds.create({"charge": charge["id"], "amount": 200})
    till.deliver(client)
    both = [("-2.00", "eur"), ("5.00", "eur")]
    donation = sheet(finance, "?q=olha&kind=charge")[0]["donation"]
    names = (invoice["id"], charge["id"], charge["payment_intent"], subscription.id, donation)
    for name in names:
        assert sorted(amounts(finance, f"?id={name}")) == both, name
    assert amounts(finance, f"?id={refund.id}") == [("-2.00", "eur")]
    [gift] = sheet(finance, "?q=petro")
    assert amounts(finance, f"?id={gift['number']}") == [("25.00", "eur")]
    assert amounts(finance, "?id=ch_nobody_knows") == []


def test_a_charge_that_only_stripe_knows_waits_for_stripe(make_app, newsroom: Newsroom):
    away = Newsroom(make_app(sandbox_url="http://127.0.0.1:9"))
    page = away.signed_in(away.person(role="finance")).get("/staff/payments?id=ch_1")
    assert page.status_code == 422
    assert "Only Stripe knows this number" in page.text


def test_a_list_costs_the_same_queries_however_long_it_is(
    ledger: dict[str, int], newsroom: Newsroom, finance: FlaskClient, queries: Callable[[], Any]
):
    address = "/staff/payments?currency=eur&least=1&q=example&id=source_0"

    def cost() -> int:
        with queries() as seen:
            assert finance.get(address).status_code == 200
        return len(seen)

    few = cost()
    book_many(newsroom, ledger["Olha"], 200)
    assert cost() == few


def test_an_editor_reads_the_list_and_takes_none_of_it_away(
    ledger: dict[str, int], newsroom: Newsroom
):
    editor = newsroom.signed_in(newsroom.person(role="editor"))
    assert "payments.csv" not in editor.get("/staff/payments").text
    assert editor.get("/staff/payments.csv").status_code == 403


def test_a_sheet_of_any_length_takes_little_memory_and_is_read_by_the_database_in_turn(
    newsroom: Newsroom, finance: FlaskClient
):
    book_many(newsroom, newsroom.person().id, MANY)
    cursors = set()
    with newsroom.at_work():
        engine = db.engine

    def note(_connection: Any, cursor: Any, statement: str, *_rest: Any) -> None:
        if "ledger_entry.note" in statement:
            cursors.add(type(cursor).__name__)

    sa.event.listen(engine, "before_cursor_execute", note)
    answer = finance.get("/staff/payments.csv", buffered=False)
    tracemalloc.start()
    try:
        length = sum(map(len, answer.response))
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        sa.event.remove(engine, "before_cursor_execute", note)
    assert length > 80 * MANY
    assert most < 8 * 1024**2
    assert cursors == {"ServerCursor" if engine.dialect.name == "postgresql" else "Cursor"}


def book_many(newsroom: Newsroom, person_id: int, count: int) -> None:
    """As many payments of a person, a minute apart, made by the database itself."""
    numbers = sa.select(sa.literal(1).label("n")).cte("numbers", recursive=True)
    numbers = numbers.union_all(sa.select(numbers.c.n + 1).where(numbers.c.n < count))
    n = numbers.c.n
    minutes = (
        sa.func.datetime("2026-01-01", sa.cast(n, sa.String) + " minutes")
        if newsroom.app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite")
        else sa.text("timestamptz '2026-01-01' + n * interval '1 minute'")
    )
    rows = sa.select(
        sa.literal("charge"),
        sa.literal("in_many_") + sa.cast(n, sa.String),
        sa.literal("sandbox"),
        sa.literal(person_id),
        n + 100,
        sa.literal("eur"),
        minutes,
    )
    columns = ["kind", "stripe_source", "mode", "person_id", "amount", "currency", "occurred_at"]
    with newsroom.at_work():
        db.session.execute(sa.insert(LedgerEntry).from_select(columns, rows))
        db.session.commit()
