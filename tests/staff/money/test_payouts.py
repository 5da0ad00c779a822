"""The pages of payouts: each movement on its line, and all of them what the bank got."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from config import Mode
from membership.books import payouts as book
from membership.books import settlement
from membership.books.payout_models import Payout, PayoutEntry
from membership.clock import clock
from membership.extensions import db
from membership.staff.money import payouts
from tests.factories import Newsroom
from tests.till import IS_DISPUTED, Till, app, choose, till

__all__ = ["app", "choose", "till"]  # fixtures


@pytest.fixture
def finance(newsroom: Newsroom) -> FlaskClient:
    return newsroom.signed_in(newsroom.person("finance@example.org", role="finance"))


def give(client: FlaskClient, till: Till, choose, name: str, **form: str) -> None:
    card = {"card": form.pop("card")} if "card" in form else {}
    address = choose(client, attempt=name.ljust(16, "0"), email=f"{name}@example.org", **form)
    till.pay(address, **card)


def buy_something_else(till: Till) -> None:
    v1 = till.sdk.v1
    customer = v1.customers.create({"email": "else@example.org"})
    card = v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    product = v1.products.create({"name": "Somebody else's newsletter"})
    price: Any = {"currency": "eur", "unit_amount": 900, "product": product.id}
    item = {"price_data": {**price, "recurring": {"interval": "month"}}}
    v1.subscriptions.create(
        {"customer": customer.id, "default_payment_method": card.id, "items": [item]}
    )


def arrive(newsroom: Newsroom, client: FlaskClient, till: Till, days: int = 6) -> None:
    """Days pass, Stripe pays out, and all of it is heard and read."""
    till.deliver(client)
    till.let_pass(till.now() + timedelta(days=days))
    clock.set(till.now())
    till.deliver(client)
    with newsroom.at_work():
        settlement.run()
        book.run()


@pytest.fixture
def full(newsroom: Newsroom, client: FlaskClient, till: Till, choose) -> str:
    """A payout with some of everything; its id."""
    give(client, till, choose, "olha", interval="once")
    give(client, till, choose, "petro", currency="uah", amount_month="own", own_amount="200")
    give(client, till, choose, "daryna", interval="year", card=IS_DISPUTED)
    give(client, till, choose, "ostap", interval="once")
    buy_something_else(till)
    till.deliver(client)
    [charge] = [one for one in till.get("/v1/charges", limit=100)["data"] if one["amount"] == 2500][
        :1
    ]
    till.sdk.v1.refunds.create({"charge": charge["id"], "amount": 1000})
    arrive(newsroom, client, till)
    return str(till.get("/v1/payouts")["data"][0]["id"])


def rows(browser: FlaskClient, address: str) -> list[dict[str, str]]:
    answer = browser.get(address)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_every_line_of_a_payout_is_what_its_movements_come_to(
    full: str, newsroom: Newsroom, till: Till
):
    with newsroom.at_work():
        payout = payouts.find(Mode.sandbox, full)
        assert payout is not None
        made = payouts.made_of(payout)
    # 25 + 50 + 25 and 200 hryvnias at 0.02; the newsletter's 9.00 less 0.39 is none of ours.
    assert {line: money.amount for line, money in made.lines.items()} == {
        "payments": 2500 + 5000 + 2500 + 400,
        "refunds": -1000,
        "disputes": -5000,
        "fees": -(63 + 100 + 63 + 31 + 1500),
        "returned": 0,
        "other": 900 - 39,
    }
    assert made.net == payout.money
    assert made.off_by.amount == 0


def test_the_page_and_the_sheet_say_the_same(full: str, finance: FlaskClient):
    page = finance.get(f"/staff/payments/payouts/{full}").text
    for says in ("Sent to the bank", "Other movements of the account", "200 × 0.02", "€35.04"):
        assert says in page
    assert "differ by" not in page
    sheet = rows(finance, f"/staff/payments/payouts/{full}.csv")
    assert len(sheet) == 7
    assert sum(int(row["net"].replace(".", "")) for row in sheet) == 3504
    [hryvnias] = [row for row in sheet if row["paid in"] == "uah"]
    assert (hryvnias["paid"], hryvnias["gross"], hryvnias["rate"]) == ("200.00", "4.00", "0.02")
    [listed] = rows(finance, "/staff/payments/payouts.csv")
    assert (listed["payout"], listed["amount"], listed["off by"]) == (full, "35.04", "0.00")
    assert full in finance.get("/staff/payments/payouts").text


def test_a_movement_that_is_missing_is_said_to_be(
    full: str, newsroom: Newsroom, finance: FlaskClient
):
    with newsroom.at_work():
        db.session.execute(sa.delete(PayoutEntry).where(PayoutEntry.gross == 900))
        db.session.commit()
    assert "differ by €8.61" in finance.get(f"/staff/payments/payouts/{full}").text
    assert "off by €8.61" in finance.get("/staff/payments/payouts").text


def test_an_earlier_payout_that_came_back_has_its_own_line(
    full: str, newsroom: Newsroom, client: FlaskClient, finance: FlaskClient, till: Till
):
    till.fail_payout(full)
    arrive(newsroom, client, till, days=3)
    again = till.get("/v1/payouts")["data"][0]["id"]
    assert again != full
    assert "Earlier payouts that came back" in (
        finance.get(f"/staff/payments/payouts/{again}").text
    )
    assert "sent back by the bank" in finance.get(f"/staff/payments/payouts/{full}").text


def test_what_stripe_does_not_say_is_not_made_up(
    full: str, newsroom: Newsroom, finance: FlaskClient
):
    with newsroom.at_work():
        payout = db.session.scalars(sa.select(Payout)).one()
        payout.listed_at = None
        db.session.commit()
        address = f"/staff/payments/payouts/{full}"
    assert "does not say yet what it is made of" in finance.get(address).text
    assert rows(finance, "/staff/payments/payouts.csv")[0]["off by"] == ""
    with newsroom.at_work():
        db.session.scalars(sa.select(Payout)).one().is_automatic = False
        db.session.commit()
    assert "by hand at Stripe" in finance.get(address).text


def test_payouts_are_found_by_the_bank_s_day(full: str, newsroom: Newsroom, finance: FlaskClient):
    with newsroom.at_work():
        day = db.session.scalars(sa.select(Payout.arrives_on)).one()
    later = day + timedelta(days=1)
    assert full in finance.get(f"/staff/payments/payouts?from={day}&to={day}").text
    assert "No payout in these days" in finance.get(f"/staff/payments/payouts?from={later}").text
    assert finance.get("/staff/payments/payouts?from=x").status_code == 422
    assert finance.get("/staff/payments/payouts.csv?from=x").status_code == 404
    assert finance.get("/staff/payments/payouts/po_nobody").status_code == 404


def test_a_page_costs_the_same_queries_however_much_is_in_it(
    full: str, newsroom: Newsroom, finance: FlaskClient, queries: Callable[[], Any]
):
    addresses = ("/staff/payments/payouts", f"/staff/payments/payouts/{full}")

    def cost() -> list[int]:
        counts = []
        for address in addresses:
            with queries() as seen:
                assert finance.get(address).status_code == 200
            counts.append(len(seen))
        return counts

    few = cost()
    with newsroom.at_work():
        whole = db.session.scalars(sa.select(Payout)).one()
        for number in range(60):
            entry = {"type": "charge", "reporting_category": "charge", "currency": "eur"}
            entry |= {"id": f"txn_{number}", "payout": whole.id, "created": 1_790_000_000 + number}
            book.note(entry | {"amount": 5, "fee": 0, "net": 5})
        for number in range(12):
            book.write(
                {
                    "id": f"po_{number}",
                    "amount": 5,
                    "currency": "eur",
                    "automatic": True,
                    "created": 1_790_000_000,
                    "status": "paid",
                    "reconciliation_status": "completed",
                    "arrival_date": 1_790_000_000,
                    "failure_balance_transaction": None,
                },
                clock.now(),
            )
        db.session.commit()
    assert cost() == few


def test_payouts_are_for_those_who_keep_the_books(newsroom: Newsroom):
    editor = newsroom.signed_in(newsroom.person(role="editor"))
    assert editor.get("/staff/payments/payouts").status_code == 403
    assert "/staff/payments/payouts" not in editor.get("/staff/payments").text
