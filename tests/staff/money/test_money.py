"""Staff's acts on money: refunds, gifts that came outside Stripe, and the page about Stripe."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from membership.books.models import EntryKind, LedgerEntry, Subscription
from membership.clock import clock
from membership.extensions import db, jobs
from membership.inbox.models import StripeEvent
from membership.patrons import memberships
from membership.patrons.models import Person
from membership.staff.models import AuditEntry
from tests.conftest import MakeApp
from tests.factories import Newsroom
from tests.till import Till, app, giving_form, till

__all__ = ["app", "till"]  # fixtures

KEY = "k" * 32


@pytest.fixture
def patron(newsroom: Newsroom, client: FlaskClient, till: Till) -> int:
    """The id of the row of a patron's first payment, five euros."""
    till.pay(client.post("/support/checkout", data=giving_form()).location)
    till.deliver(client)
    with newsroom.at_work():
        return db.session.scalars(sa.select(LedgerEntry.id)).one()


@pytest.fixture
def finance(newsroom: Newsroom) -> FlaskClient:
    return newsroom.signed_in(newsroom.person("finance@example.org", role="finance"))


def amounts(newsroom: Newsroom, kind: EntryKind) -> list[int]:
    with newsroom.at_work():
        wanted = sa.select(LedgerEntry.amount).where(LedgerEntry.kind == kind)
        return list(db.session.scalars(wanted.order_by(LedgerEntry.id)))


def is_member(newsroom: Newsroom, email: str = "olha@example.org") -> bool:
    with newsroom.at_work():
        person = db.session.scalars(sa.select(Person).where(Person.email == email)).one()
        return memberships.is_member(person)


def test_a_part_is_given_back_and_membership_stays(
    patron: int, newsroom: Newsroom, finance: FlaskClient, till: Till
):
    page = finance.get(f"/staff/payments/{patron}/refund").text
    assert 'value="5"' in page
    answer = finance.post(f"/staff/payments/{patron}/refund", data={"amount": "2", "key": KEY})
    assert answer.status_code == 303
    assert till.newest("refunds").amount == 200
    assert amounts(newsroom, EntryKind.refund) == [-200]
    assert is_member(newsroom)
    assert "€3" in finance.get(f"/staff/payments/{patron}/refund").text
    till.deliver(finance)
    assert amounts(newsroom, EntryKind.refund) == [-200]
    assert newsroom.count(AuditEntry) == 1


def test_the_whole_given_back_is_no_membership(
    patron: int, newsroom: Newsroom, finance: FlaskClient
):
    finance.post(f"/staff/payments/{patron}/refund", data={"amount": "5", "key": KEY})
    assert not is_member(newsroom)


def test_a_double_click_gives_back_once(
    patron: int, newsroom: Newsroom, finance: FlaskClient, till: Till
):
    for _ in range(2):
        finance.post(f"/staff/payments/{patron}/refund", data={"amount": "2", "key": KEY})
    assert till.total("refunds") == 1
    assert amounts(newsroom, EntryKind.refund) == [-200]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("5.01", "Enter no more than what is left of the payment."),
        ("-2", "Enter no more than what is left of the payment."),
        ("0", "Enter no more than what is left of the payment."),
        ("two", "Enter an amount as a number"),
    ],
)
def test_what_cannot_be_given_back_is_refused_where_it_is_typed(
    patron: int, finance: FlaskClient, till: Till, typed, says
):
    answer = finance.post(f"/staff/payments/{patron}/refund", data={"amount": typed, "key": KEY})
    assert answer.status_code == 422
    assert says in answer.text
    assert f'value="{typed}"' in answer.text
    assert till.total("refunds") == 0


def test_a_refund_that_stripe_refuses_says_why(
    patron: int, newsroom: Newsroom, finance: FlaskClient, till: Till
):
    till.dispute(till.newest("charges").id)
    answer = finance.post(f"/staff/payments/{patron}/refund", data={"amount": "5", "key": KEY})
    assert answer.status_code == 422
    assert "has been charged back" in answer.text
    assert newsroom.count(AuditEntry) == 0


def test_an_editor_neither_sees_nor_makes_refunds(patron: int, newsroom: Newsroom):
    editor = newsroom.signed_in(newsroom.person(role="editor"))
    address = f"/staff/payments/{patron}/refund"
    assert address not in editor.get("/staff/payments").text
    assert editor.get(address).status_code == 403
    assert editor.post(address, data={"amount": "2", "key": KEY}).status_code == 403
    assert editor.get("/staff/payments/offline").status_code == 403


def offline(**changes: str) -> dict[str, str]:
    form = {
        "key": KEY,
        "email": "bank@example.org",
        "name": "Petro",
        "amount": "60",
        "currency": "eur",
        "received_on": f"{clock.now() - timedelta(days=2):%Y-%m-%d}",
        "months": "12",
        "note": "transfer 4711",
    }
    return form | changes


def test_a_gift_by_bank_transfer_is_booked_once_and_makes_a_member(
    newsroom: Newsroom, finance: FlaskClient
):
    for _ in range(2):
        assert finance.post("/staff/payments/offline", data=offline()).status_code == 303
    assert amounts(newsroom, EntryKind.offline) == [6000]
    assert is_member(newsroom, "bank@example.org")
    assert "transfer 4711" in finance.get("/staff/payments").text


def test_a_wrong_entry_is_taken_back_by_a_row_of_its_own(newsroom: Newsroom, finance: FlaskClient):
    finance.post("/staff/payments/offline", data=offline())
    with newsroom.at_work():
        entry = db.session.scalars(sa.select(LedgerEntry.id)).one()
    answers = [finance.post(f"/staff/payments/{entry}/take-back").status_code for _ in range(2)]
    assert answers == [303, 404]
    assert amounts(newsroom, EntryKind.offline) == [6000, -6000]
    assert not is_member(newsroom, "bank@example.org")


def test_a_gift_without_months_is_money_and_no_membership(newsroom: Newsroom, finance: FlaskClient):
    finance.post("/staff/payments/offline", data=offline(months="0"))
    assert amounts(newsroom, EntryKind.offline) == [6000]
    assert not is_member(newsroom, "bank@example.org")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"email": "nobody"}, "does not look like an e-mail address"),
        ({"amount": "-1"}, "Enter an amount above zero."),
        ({"amount": "lots"}, "Enter an amount as a number"),
        ({"received_on": "2999-01-01"}, "This day has not come yet."),
        ({"received_on": "yesterday"}, "Enter the day as year-month-day."),
        ({"months": "1000"}, "between 0 and 120"),
        ({"currency": "xyz"}, "Not a valid choice"),
    ],
)
def test_a_gift_that_cannot_be_is_refused_where_it_is_typed(
    newsroom: Newsroom, finance: FlaskClient, changes, says
):
    answer = finance.post("/staff/payments/offline", data=offline(**changes))
    assert answer.status_code == 422
    assert says in answer.text
    assert 'value="Petro"' in answer.text
    assert newsroom.count(LedgerEntry) == 0


def test_stuck_events_are_shown_with_their_reason_and_applied_again(
    patron: int, newsroom: Newsroom, finance: FlaskClient
):
    with newsroom.at_work():
        stored = db.session.scalars(
            sa.select(StripeEvent).where(StripeEvent.type == "invoice.paid")
        ).one()
        stored.applied_at, stored.error = None, "OperationalError: the disk was full"
        event = stored.id
        db.session.commit()
    assert "the disk was full" in finance.get("/staff/stripe").text
    finance.post("/staff/stripe/replay", data={"event": event})
    assert "Everything Stripe told us is in the books" in finance.get("/staff/stripe").text
    assert amounts(newsroom, EntryKind.charge) == [500]


def test_events_that_stripe_could_not_deliver_are_shown_and_taken(
    newsroom: Newsroom, finance: FlaskClient, client: FlaskClient, till: Till
):
    nobody_there = "http://127.0.0.1:9/webhooks/stripe"
    newsroom.app.test_cli_runner().invoke(args=["stripe", "connect", "--url", nobody_there])
    till.pay(client.post("/support/checkout", data=giving_form()).location)
    till.try_to_deliver()
    assert "events have not been taken by any endpoint" in finance.get("/staff/stripe").text
    for _ in "double click":
        answer = finance.post("/staff/stripe/undelivered")
    assert answer.status_code == 303
    assert amounts(newsroom, EntryKind.charge) == [500]
    assert is_member(newsroom)


def test_a_stripe_that_is_away_leaves_our_side_on_the_page(make_app: MakeApp, newsroom: Newsroom):
    away = Newsroom(make_app(sandbox_url="http://127.0.0.1:9"))
    page = away.signed_in(away.person(role="finance")).get("/staff/stripe")
    assert page.status_code == 200
    assert "Stripe does not answer just now" in page.text
    assert "Events that could not be applied" in page.text


def test_a_comparison_is_asked_for_and_its_result_is_shown(
    newsroom: Newsroom, finance: FlaskClient, client: FlaskClient, till: Till
):
    till.pay(client.post("/support/checkout", data=giving_form()).location)
    answer = finance.post("/staff/stripe/compare")
    assert "The comparison has been asked for" in finance.get(answer.location).text
    _work_through_the_queue()
    page = finance.get("/staff/stripe").text
    assert "Payments that were missing: 1" in page
    assert newsroom.count(Subscription) == 1


def _work_through_the_queue() -> None:
    huey = jobs.huey
    while (task := huey.dequeue()) is not None:
        huey.execute(task)


def test_the_page_about_stripe_costs_the_same_queries_however_much_there_is(
    newsroom: Newsroom, finance: FlaskClient, patron: int, queries: Callable
):
    def cost() -> int:
        with queries() as seen:
            assert finance.get("/staff/stripe").status_code == 200
        return len(seen)

    few = cost()
    with newsroom.at_work():
        for stored in db.session.scalars(sa.select(StripeEvent)):
            stored.applied_at, stored.error = None, "why"
        db.session.commit()
    assert cost() == few
