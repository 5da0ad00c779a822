"""The first page of the desk: what needs somebody comes first, each with its button."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from config import Mode
from membership.clock import clock
from membership.extensions import db
from membership.inbox.models import StripeEvent
from membership.mail import outbox
from membership.mail.models import MailState, OutgoingMail
from membership.staff import overview
from tests.factories import NOON, Newsroom
from tests.staff.test_desk import subscribe


@pytest.fixture
def desk(newsroom: Newsroom) -> FlaskClient:
    clock.set(NOON)
    newsroom.tiers()
    return newsroom.signed_in(newsroom.person(role="admin"))


def needs(desk: FlaskClient) -> str:
    [part] = re.findall(r'<section class="needs".*?</section>', desk.get("/staff").text, re.DOTALL)
    return str(part)


def test_a_quiet_day_is_said(desk: FlaskClient):
    assert "Nothing just now." in needs(desk)
    page = desk.get("/staff").text
    assert "<svg" not in page
    assert "No payment yet." in page


def test_each_thing_that_needs_somebody_has_its_button(newsroom: Newsroom, desk: FlaskClient):
    subscribe(newsroom, newsroom.member(), 700, status="past_due")
    twice = newsroom.member("twice@example.org")
    subscribe(newsroom, twice, 500)
    subscribe(newsroom, twice, 500)
    with newsroom.at_work():
        db.session.add(
            StripeEvent(
                id="evt_1", type="invoice.paid", created_at=NOON, received_at=NOON, payload={}
            )
        )
        outbox.queue(
            "sign_in", to="gone@example.org", language="en", about="x", link="x", minutes=30
        )
        db.session.commit()
        letter = db.session.query(OutgoingMail).one()
        letter.state, letter.error = MailState.failed, "550 no such mailbox"
        db.session.commit()
    told = needs(desk)
    for words, address in {
        "1 renewal fails": "/staff/figures/lists/in-recovery?currency=eur",
        "1 subscription runs beside an older one": "/staff/figures/lists/twice",
        "1 event of Stripe’s is stuck": "/staff/stripe",
        "1 letter was not delivered": "/staff/letters",
    }.items():
        assert words in told
        assert f'href="{address}' in told
        assert desk.get(address + ("&on=2026-03-10" if "?" in address else "")).status_code == 200
    assert "twice@example.org" in desk.get("/staff/figures/lists/twice").text
    assert "550 no such mailbox" in desk.get("/staff/letters").text


def test_the_month_so_far_stands_beside_the_same_days_of_the_month_before(
    newsroom: Newsroom, desk: FlaskClient
):
    subscribe(newsroom, newsroom.member(), 900)
    clock.set(NOON + timedelta(days=26))
    with newsroom.at_work():
        month = overview.month(Mode.sandbox)
    assert (str(month.days.first), str(month.days.last)) == ("2026-04-01", "2026-04-05")
    assert (str(month.same_days.first), str(month.same_days.last)) == ("2026-03-01", "2026-03-05")
    now, before = month.moved["eur"]
    assert (now.opening.amount, now.closing.amount, before.closing.amount) == (900, 900, 0)


def test_a_longer_month_is_set_beside_all_of_a_shorter_one(desk: FlaskClient, newsroom: Newsroom):
    clock.set(NOON + timedelta(days=21))
    with newsroom.at_work():
        month = overview.month(Mode.sandbox)
    assert (str(month.days.last), str(month.same_days.last)) == ("2026-03-31", "2026-02-28")
