"""Renewals that fail: what the patron is told and can do, and how they come right."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from dateutil.relativedelta import relativedelta
from flask.testing import FlaskClient

from membership.books.models import FailedPayment, Subscription
from membership.clock import clock
from membership.extensions import db
from membership.mail.models import OutgoingMail
from membership.patrons.models import Person
from tests.factories import Newsroom
from tests.till import ASKS_ALWAYS, FAILS_ON_RENEWAL, Till


def pass_time(till: Till, client: FlaskClient, **span: int) -> None:
    till.let_pass(till.now() + relativedelta(**span))
    clock.set(till.now())
    till.deliver(client)


def failure(newsroom: Newsroom) -> FailedPayment:
    with newsroom.at_work():
        row = db.session.scalars(sa.select(FailedPayment)).one()
        db.session.expunge(row)
    return row


def status(newsroom: Newsroom) -> str:
    with newsroom.at_work():
        return str(db.session.scalars(sa.select(Subscription.status)).one())


def own_page(newsroom: Newsroom) -> str:
    with newsroom.at_work():
        person = db.session.scalars(sa.select(Person)).one()
    return newsroom.signed_in(person).get("/account/giving").text


@pytest.fixture
def asked(newsroom: Newsroom, client: FlaskClient, till: Till, choose) -> str:
    """The page of a renewal that the bank wants confirmed."""
    address = choose(client)
    till.pay(address, card=ASKS_ALWAYS)
    till.authenticate(address)
    till.deliver(client)
    pass_time(till, client, months=1, days=1)
    page = failure(newsroom).pay_at
    assert page is not None
    return page


def test_3d_secure_at_checkout_that_is_not_confirmed_is_no_payment(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    address = choose(client)
    till.pay(address, card=ASKS_ALWAYS)
    till.authenticate(address, "fail")
    till.deliver(client)
    assert newsroom.told() == []
    till.pay(address, card=ASKS_ALWAYS)
    till.authenticate(address)
    till.deliver(client)
    assert newsroom.told() == ["staff", "thanks"]


def test_a_bank_that_asks_at_renewal_is_told_with_the_page_to_confirm_on(
    asked: str, newsroom: Newsroom
):
    assert failure(newsroom).reason == "authentication_required"
    page = own_page(newsroom)
    assert "Your bank wants you to confirm the last payment." in page
    assert f'href="{asked}"' in page
    assert newsroom.told().count("failed") == 1


def test_a_renewal_that_is_confirmed_is_paid_and_recovered(
    asked: str, newsroom: Newsroom, client: FlaskClient, till: Till
):
    till.pay_with_saved_card(asked)
    till.authenticate(asked)
    till.deliver(client)
    assert status(newsroom) == "active"
    assert failure(newsroom).recovered_at is not None
    assert "The next payment is due on" in own_page(newsroom)


def test_a_renewal_that_is_not_confirmed_stays_due(
    asked: str, newsroom: Newsroom, client: FlaskClient, till: Till
):
    till.pay_with_saved_card(asked)
    till.authenticate(asked, "fail")
    till.deliver(client)
    assert status(newsroom) == "past_due"
    assert newsroom.told().count("failed") == 1


def test_a_card_that_the_bank_renews_by_itself_needs_nobody(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    till.pay(choose(client), exp=f"{till.now():%m/%y}")
    till.deliver(client)
    pass_time(till, client, months=1, days=1)
    assert failure(newsroom).reason == "expired_card"
    assert "Your card has expired." in own_page(newsroom)
    till.update_card(till.newest("customers").id)
    till.deliver(client)
    assert failure(newsroom).reason is None
    assert "Your card has expired." not in own_page(newsroom)
    pass_time(till, client, days=4)
    assert status(newsroom) == "active"
    assert failure(newsroom).recovered_at is not None


def test_when_every_try_has_failed_membership_ends_with_the_grace(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    till.pay(choose(client), card=FAILS_ON_RENEWAL)
    till.deliver(client)
    for _ in range(6):
        pass_time(till, client, days=9)
    assert status(newsroom) == "canceled"
    with newsroom.at_work():
        mails = db.session.scalars(
            sa.select(OutgoingMail.about).where(OutgoingMail.about.startswith("failed:"))
        ).all()
    assert len(mails) == 1
    assert "Ended on" in own_page(newsroom)
    assert failure(newsroom).failed_at < clock.now() - timedelta(days=10)
