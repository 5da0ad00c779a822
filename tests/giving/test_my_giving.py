"""/account/giving: amount, interval, pause, end, and the way back from each."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from dateutil.relativedelta import relativedelta
from flask.testing import FlaskClient

from membership.books.models import LedgerEntry, Subscription
from membership.clock import clock
from membership.extensions import db
from membership.patrons import memberships
from membership.patrons.models import Person
from tests.factories import Newsroom
from tests.till import Till

ATTEMPT = "f" * 32


@pytest.fixture
def patron(newsroom: Newsroom, client: FlaskClient, till: Till, choose) -> FlaskClient:
    """A browser in which a patron of five euros a month is signed in."""
    till.pay(choose(client))
    till.deliver(client)
    with newsroom.at_work():
        person = db.session.scalars(sa.select(Person)).one()
    return newsroom.signed_in(person)


@pytest.fixture
def address(patron: FlaskClient, newsroom: Newsroom) -> str:
    return f"/account/giving/{subscription(newsroom).stripe_id}"


def subscription(newsroom: Newsroom) -> Subscription:
    with newsroom.at_work():
        row = db.session.scalars(sa.select(Subscription)).one()
        db.session.expunge(row)
    return row


def is_member(newsroom: Newsroom) -> bool:
    with newsroom.at_work():
        return memberships.is_member(db.session.scalars(sa.select(Person)).one())


def change(amount: str, interval: str = "month", **more: str) -> dict[str, str]:
    return {"amount": amount, "interval": interval, "attempt": ATTEMPT} | more


def confirmation(page: str) -> str:
    match = re.search(r'name="confirmed" value="(\d+)"', page)
    assert match is not None
    return match[1]


def pass_time(till: Till, **span: float) -> None:
    till.let_pass(till.now() + timedelta(**span))
    clock.set(till.now())


def test_another_amount_counts_from_the_next_payment(patron, address, newsroom, till: Till):
    assert 'value="5"' in patron.get(f"{address}/amount").text
    answer = patron.post(f"{address}/amount", data=change("7,50"))
    assert "The amount is changed" in patron.get(answer.location).text
    assert subscription(newsroom).amount == 750
    assert till.total("invoices") == 1
    pass_time(till, days=32)
    till.deliver(patron)
    with newsroom.at_work():
        amounts = db.session.scalars(sa.select(LedgerEntry.amount).order_by(LedgerEntry.id)).all()
    assert amounts == [500, 750]


def test_another_interval_says_first_what_it_costs_today(patron, address, newsroom, till: Till):
    pass_time(till, days=10)
    shown = patron.post(f"{address}/amount", data=change("60", "year")).text
    assert subscription(newsroom).interval == "month"
    answer = patron.post(
        f"{address}/amount", data=change("60", "year", confirmed=confirmation(shown))
    )
    assert answer.status_code == 303
    paid = till.newest("invoices").amount_paid
    assert 5600 < paid < 5700
    assert f"€{paid / 100:.2f}" in shown
    row = subscription(newsroom)
    assert (row.interval, row.amount) == ("year", 6000)
    till.deliver(patron)
    with newsroom.at_work():
        assert sum(db.session.scalars(sa.select(LedgerEntry.amount))) == 500 + paid
        period = memberships.current_period(db.session.scalars(sa.select(Person)).one())
        assert period.ends_at > clock.now() + timedelta(days=360)


def test_a_double_click_changes_once(patron, address, till: Till):
    confirmed = confirmation(patron.post(f"{address}/amount", data=change("60", "year")).text)
    for _ in range(2):
        patron.post(f"{address}/amount", data=change("60", "year", confirmed=confirmed))
    assert till.total("invoices") == 2


def test_going_back_to_monthly_uses_up_what_the_year_has_left(
    patron, address, newsroom, till: Till
):
    shown = patron.post(f"{address}/amount", data=change("60", "year")).text
    patron.post(f"{address}/amount", data=change("60", "year", confirmed=confirmation(shown)))
    pass_time(till, days=1)
    shown = patron.post(f"{address}/amount", data=change("5", attempt="e" * 32)).text
    assert "Nothing is charged today" in shown
    back = change("5", attempt="e" * 32, confirmed=confirmation(shown))
    assert patron.post(f"{address}/amount", data=back).status_code == 303
    row = subscription(newsroom)
    assert (row.interval, row.amount) == ("month", 500)
    till.deliver(patron)
    pass_time(till, days=32)
    till.deliver(patron)
    with newsroom.at_work():
        newest = db.session.scalars(sa.select(LedgerEntry).order_by(LedgerEntry.id.desc())).first()
        assert newest is not None
        assert newest.amount == 0
        assert newest.covers_until == row.current_period_end + relativedelta(months=1)
    assert is_member(newsroom)


@pytest.mark.parametrize("confirmed", ["yes", "0", "9" * 40])
def test_what_was_not_shown_lately_is_shown_again(patron, address, newsroom, confirmed):
    answer = patron.post(f"{address}/amount", data=change("60", "year", confirmed=confirmed))
    assert answer.status_code == 200
    assert "is charged, which is less what you have already paid for" in answer.text
    assert subscription(newsroom).interval == "month"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("-5", "The smallest amount we can take is €0.50"),
        ("0", "The smallest amount we can take is €0.50"),
        ("5.005", "Enter an amount as a number"),
        ("1e9", "Enter an amount as a number"),
        ("99999999999", "€10,000 is the most we take by card"),
        ("", "Enter an amount as a number"),
    ],
)
def test_an_amount_that_cannot_be_is_told_and_stays_typed(
    patron, address, newsroom, typed: str, says: str
):
    answer = patron.post(f"{address}/amount", data=change(typed))
    assert answer.status_code == 422
    assert says in answer.text
    assert f'value="{typed}"' in answer.text
    assert subscription(newsroom).amount == 500


def test_a_pause_collects_nothing_and_ends_by_itself(patron, address, newsroom, till: Till):
    answer = patron.post(f"{address}/pause", data={"months": "2", "attempt": ATTEMPT})
    assert "Your giving is paused" in patron.get(answer.location).text
    row = subscription(newsroom)
    assert row.is_paused
    assert row.resumes_at is not None
    assert row.resumes_at > row.current_period_end + timedelta(days=55)
    pass_time(till, days=60)
    till.deliver(patron)
    assert newsroom.count(LedgerEntry) == 1
    assert not is_member(newsroom)
    pass_time(till, days=70)
    till.deliver(patron)
    assert not subscription(newsroom).is_paused
    assert newsroom.count(LedgerEntry) >= 2
    assert is_member(newsroom)


def test_a_pause_is_ended_by_hand(patron, address, newsroom):
    patron.post(f"{address}/pause", data={"months": "1", "attempt": ATTEMPT})
    answer = patron.post(f"{address}/resume", data={"attempt": "e" * 32})
    assert "Your giving goes on" in patron.get(answer.location).text
    assert not subscription(newsroom).is_paused


def test_leaving_asks_why_and_needs_no_answer(patron, address, newsroom, till: Till):
    assert "Why, if you like to say" in patron.get(f"{address}/cancel").text
    answer = patron.post(f"{address}/cancel", data={"attempt": ATTEMPT})
    assert "Your giving is cancelled" in patron.get(answer.location).text
    row = subscription(newsroom)
    assert row.cancel_at == row.current_period_end
    assert is_member(newsroom)


def test_a_reason_goes_to_stripe_and_to_staff(patron, address, newsroom, till: Till):
    wish = {"feedback": "too_expensive", "comment": "Rent went up.", "attempt": ATTEMPT}
    patron.post(f"{address}/cancel", data=wish)
    said = till.newest("subscriptions").cancellation_details
    assert (said.feedback, said.comment) == ("too_expensive", "Rent went up.")
    assert subscription(newsroom).cancel_feedback == "too_expensive"


def test_a_cancellation_is_taken_back(patron, address, newsroom, till: Till):
    patron.post(f"{address}/cancel", data={"attempt": ATTEMPT})
    answer = patron.post(f"{address}/keep", data={"attempt": "e" * 32})
    assert "Your giving goes on" in patron.get(answer.location).text
    assert subscription(newsroom).cancel_at is None
    pass_time(till, days=32)
    till.deliver(patron)
    assert newsroom.count(LedgerEntry) == 2


def test_what_is_cancelled_holds_to_its_end_and_no_longer(patron, address, newsroom, till: Till):
    patron.post(f"{address}/cancel", data={"attempt": ATTEMPT})
    until = subscription(newsroom).current_period_end
    pass_time(till, days=32)
    till.deliver(patron)
    assert subscription(newsroom).status == "canceled"
    clock.set(until - timedelta(minutes=1))
    assert is_member(newsroom)
    clock.set(until + timedelta(minutes=1))
    assert not is_member(newsroom)


@pytest.mark.parametrize("page", ["amount", "cancel"])
def test_nobody_sees_anothers_subscription(newsroom, address, page):
    other = newsroom.signed_in(newsroom.person("other@example.org"))
    assert other.get(f"{address}/{page}").status_code == 404


@pytest.mark.parametrize("act", ["amount", "pause", "resume", "cancel", "keep", "undo"])
def test_nobody_touches_anothers_subscription(newsroom, address, act):
    other = newsroom.signed_in(newsroom.person("other@example.org"))
    answer = other.post(f"{address}/{act}", data=change("9") | {"months": "1"})
    assert answer.status_code == 404
    row = subscription(newsroom)
    assert (row.amount, row.is_paused, row.cancel_at) == (500, False, None)


def test_the_only_subscription_cannot_be_undone(patron, address, newsroom, till: Till):
    assert patron.post(f"{address}/undo", data={"attempt": ATTEMPT}).status_code == 404
    assert till.total("refunds") == 0


@pytest.mark.parametrize("act", ["amount", "pause", "resume", "cancel", "keep"])
def test_a_payment_service_that_is_away_is_said_on_the_page(
    patron, address, newsroom, make_app, act
):
    away = Newsroom(make_app(sandbox_url="http://127.0.0.1:9"))
    with newsroom.at_work():
        person = db.session.scalars(sa.select(Person)).one()
    answer = away.signed_in(person).post(f"{address}/{act}", data=change("9") | {"months": "1"})
    assert answer.status_code == 503
    assert "does not answer just now" in answer.text
    assert subscription(newsroom).amount == 500
