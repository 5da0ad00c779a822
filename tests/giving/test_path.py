"""A reader becomes a patron, pays again, fails to pay, and stops."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from dateutil.relativedelta import relativedelta
from flask.testing import FlaskClient

from membership.books.models import Customer, Donation, FailedPayment, LedgerEntry, Subscription
from membership.clock import clock
from membership.extensions import db
from membership.patrons.models import MembershipPeriod, Person
from tests.factories import NOON, Newsroom
from tests.till import DECLINED_CARD, FAILS_ON_RENEWAL, Till

ONE_OF_EACH = (
    Person,
    Customer,
    Donation,
    Subscription,
    LedgerEntry,
    MembershipPeriod,
)


def counts(newsroom: Newsroom) -> list[int]:
    return [newsroom.count(model) for model in ONE_OF_EACH]


def only(newsroom: Newsroom, model):
    with newsroom.at_work():
        row = db.session.scalars(sa.select(model)).one()
        db.session.expunge(row)
    return row


def test_a_reader_who_pays_becomes_a_patron_with_one_of_everything(
    newsroom, client: FlaskClient, till: Till, choose
):
    paid = till.pay(choose(client))
    assert paid.status_code == 303
    thanks = paid.headers["Location"].removeprefix(newsroom.app.extensions["settings"].site_url)
    assert "waiting for your bank" in client.get(thanks).text
    assert set(till.deliver(client)) == {200}
    assert "You are a patron" in client.get(thanks).text
    assert counts(newsroom) == [1] * 6
    assert newsroom.told() == ["staff", "thanks"]
    entry, period = only(newsroom, LedgerEntry), only(newsroom, MembershipPeriod)
    assert (entry.amount, entry.currency) == (500, "eur")
    subscription = only(newsroom, Subscription)
    assert period.paid_until == subscription.current_period_end
    assert period.ends_at == period.paid_until + timedelta(days=14)


def test_events_in_the_opposite_order_and_twice_leave_the_same(
    newsroom, client: FlaskClient, till: Till, choose
):
    till.pay(choose(client))
    events = list(reversed(till.news()))
    assert set(till.deliver(client, events + events)) == {200}
    assert counts(newsroom) == [1] * 6
    assert newsroom.told() == ["staff", "thanks"]
    assert only(newsroom, Subscription).status == "active"


def test_a_declined_card_changes_nothing_here_and_can_be_tried_again(
    newsroom, client: FlaskClient, till: Till, choose
):
    address = choose(client)
    refused = till.pay(address, card=DECLINED_CARD)
    assert "declined" in refused.text
    till.deliver(client)
    assert newsroom.count(LedgerEntry) == 0
    till.pay(address)
    till.deliver(client)
    assert counts(newsroom) == [1] * 6
    assert newsroom.told() == ["staff", "thanks"]


def test_cancelling_leads_back_to_the_form_as_it_was(client: FlaskClient, till: Till, choose):
    address = choose(client, amount_month="own", own_amount="7,50")
    back = till.pay(address, button="cancel")
    form = client.get(back.headers["Location"].split("8000")[1]).text
    assert 'value="olha@example.org"' in form
    assert 'value="7.50"' in form


def test_a_double_click_opens_one_session_for_one_customer(
    newsroom, client: FlaskClient, till: Till, choose
):
    assert choose(client) == choose(client)
    assert newsroom.count(Donation) == 1
    assert till.total("customers") == till.total("checkout.sessions") == 1


NAMELESS = {"attempt": ""}


def test_a_double_click_on_a_form_without_a_name_is_one_donation(newsroom, app, till: Till, choose):
    clients = [app.test_client() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        addresses = set(pool.map(lambda client: choose(client, **NAMELESS), clients))
    assert len(addresses) == 1
    assert newsroom.count(Donation) == till.total("checkout.sessions") == 1


@pytest.mark.parametrize(
    "other",
    [
        {"email": "petro@example.org"},
        {"amount_month": "1000"},
        {"interval": "year"},
        {"currency": "usd"},
    ],
)
def test_another_wish_is_another_donation(newsroom, client, choose, other):
    assert choose(client, **NAMELESS) != choose(client, **NAMELESS | other)
    assert newsroom.count(Donation) == 2


def test_the_same_wish_from_another_network_is_another_donation(newsroom, app, choose):
    elsewhere = app.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    assert choose(app.test_client(), **NAMELESS) != choose(elsewhere, **NAMELESS)
    assert newsroom.count(Donation) == 2


def test_who_has_paid_can_give_the_same_again(newsroom, client, till: Till, choose):
    first = choose(client, interval="once", **NAMELESS)
    till.pay(first)
    till.deliver(client)
    assert choose(client, interval="once", **NAMELESS) != first
    assert newsroom.count(Donation) == 2


def test_a_page_at_stripe_that_has_expired_is_not_offered_again(newsroom, client, choose):
    clock.set(NOON)
    first = choose(client, **NAMELESS)
    clock.advance(timedelta(hours=22))
    assert choose(client, **NAMELESS) == first
    clock.advance(timedelta(hours=2))
    assert choose(client, **NAMELESS) != first
    assert newsroom.count(Donation) == 2


def test_a_donation_remembers_its_article_and_its_campaign(newsroom, client, choose):
    told = {"source": "/2026/roads", "campaign": "utm_source=letter", "referrer": "/front"}
    choose(client, **told, **NAMELESS)
    donation = only(newsroom, Donation)
    assert (donation.source, donation.campaign) == ("/2026/roads", "utm_source=letter")
    assert donation.referrer == "/front"


def test_two_tabs_and_failed_tries_share_one_customer(client: FlaskClient, till: Till, choose):
    till.pay(choose(client, attempt="a" * 16), card=DECLINED_CARD)
    till.pay(choose(client, attempt="b" * 16))
    assert till.total("customers") == 1


def test_a_stranger_who_types_a_patrons_address_does_not_get_the_patrons_card(
    newsroom, client: FlaskClient, till: Till, choose
):
    till.pay(choose(client))
    till.deliver(client)
    patrons = only(newsroom, Customer).stripe_id
    choose(client, attempt="b" * 16)
    assert till.newest("checkout.sessions").customer != patrons


def test_a_gift_once_is_booked_and_brings_no_vote(newsroom, client, till: Till, choose):
    till.pay(choose(client, interval="once"))
    till.deliver(client)
    assert only(newsroom, LedgerEntry).amount == 2500
    assert newsroom.count(MembershipPeriod) == newsroom.count(Subscription) == 0
    assert newsroom.told() == ["staff", "thanks"]


def test_a_month_later_the_renewal_is_booked_and_membership_goes_on(
    newsroom, client, till: Till, choose
):
    till.pay(choose(client))
    till.deliver(client)
    before = only(newsroom, MembershipPeriod)
    till.let_pass(clock.now() + relativedelta(months=1, days=1))
    till.deliver(client)
    after = only(newsroom, MembershipPeriod)
    assert newsroom.count(LedgerEntry) == 2
    assert after.paid_until == before.paid_until + relativedelta(months=1)
    assert newsroom.told() == ["staff", "thanks"]


def test_a_renewal_that_fails_leaves_membership_for_the_grace_and_then_ends_it(
    newsroom, client, till: Till, choose
):
    till.pay(choose(client), card=FAILS_ON_RENEWAL)
    till.deliver(client)
    due = only(newsroom, Subscription).current_period_end
    till.let_pass(due + timedelta(hours=3))
    till.deliver(client)
    assert only(newsroom, Subscription).status == "past_due"
    assert only(newsroom, FailedPayment).recovered_at is None
    assert newsroom.count(LedgerEntry) == 1
    period = only(newsroom, MembershipPeriod)
    assert period.ends_at == due + timedelta(days=14)
    till.deliver(client)
    assert newsroom.told() == ["failed", "staff", "thanks"]
    till.let_pass(due + timedelta(days=25))
    till.deliver(client)
    assert only(newsroom, Subscription).ended_at is not None
    assert only(newsroom, MembershipPeriod).ends_at <= due + timedelta(days=14)
