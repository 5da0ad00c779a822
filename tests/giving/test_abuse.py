"""People who try stolen cards, programs that fill in forms, and amounts that cannot be."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from membership.books import tiers
from membership.books.models import Donation
from membership.clock import clock
from membership.extensions import db
from membership.giving import guard
from membership.settings.rules import Rules
from tests.conftest import MakeApp
from tests.factories import NOON, Newsroom
from tests.till import DECLINED_CARD, SECRET, Till, giving_form

RULES = Rules()


@pytest.fixture
def guarded(make_app: MakeApp, till: Till) -> Flask:
    """A newsroom with its limits on, and those of single addresses out of the way."""
    app = make_app(sandbox_url=till.url, stripe_webhook_secret=SECRET, rate_limits="on")
    Newsroom(app).tiers()
    return app


def give(client: FlaskClient, number: int, address: str = "203.0.113.7", **changes: str) -> int:
    form = giving_form(attempt=f"{number:016}", **changes)
    return client.post(
        "/support/checkout", data=form, environ_overrides={"REMOTE_ADDR": address}
    ).status_code


def codes_of_each_address(guarded: Flask, count: int, **changes: str) -> list[int]:
    """One try from each of many addresses and browsers."""
    return [
        give(guarded.test_client(), number, f"203.0.113.{number}", **changes)
        for number in range(count)
    ]


def test_one_email_cannot_be_tried_from_everywhere(guarded: Flask, till: Till):
    codes = codes_of_each_address(guarded, RULES.most_unpaid_by_email + 2)
    assert codes == [303] * RULES.most_unpaid_by_email + [429] * 2
    assert till.total("checkout.sessions") == RULES.most_unpaid_by_email


def test_who_is_stopped_is_told_why_and_keeps_what_was_typed(guarded: Flask):
    codes_of_each_address(guarded, RULES.most_unpaid_by_email)
    answer = guarded.test_client().post(
        "/support/checkout", data=giving_form(amount_month="own", own_amount="7.70")
    )
    assert answer.status_code == 429
    assert "Wait an hour, or write to us." in answer.text
    assert 'value="olha@example.org"' in answer.text
    assert 'value="7.70"' in answer.text


def test_one_browser_cannot_try_many_emails(guarded: Flask):
    browser = guarded.test_client()
    browser.get("/support")
    codes = [
        give(browser, number, f"203.0.113.{number}", email=f"p{number}@example.org")
        for number in range(RULES.most_unpaid_by_visitor + 1)
    ]
    assert codes == [303] * RULES.most_unpaid_by_visitor + [429]


def test_one_address_cannot_try_many_small_sums(guarded: Flask):
    codes = [
        give(
            guarded.test_client(),
            number,
            email=f"p{number}@example.org",
            amount_month="own",
            own_amount="0.60",
        )
        for number in range(RULES.most_small_by_client + 1)
    ]
    assert codes == [303] * RULES.most_small_by_client + [429]
    assert give(guarded.test_client(), 99, email="other@example.org") == 303


def test_one_address_has_a_limit_of_any_sums(guarded: Flask):
    with guarded.test_request_context():
        caller = guard.Caller.at("203.0.113.7", None)
        eur = tiers.smallest("eur")
        for number in range(RULES.most_unpaid_by_client):
            db.session.add(_unpaid(number, caller))
        db.session.commit()
        with pytest.raises(guard.TooManyTries):
            guard.tries(caller, "new@example.org", eur)
        clock.advance(guard.WINDOW + timedelta(minutes=1))
        assert guard.tries(caller, "new@example.org", eur) == 0


def _unpaid(number: int, caller: guard.Caller) -> Donation:
    return Donation(
        public_id=f"{number}",
        attempt=f"{number:016}",
        mode="sandbox",
        email=f"p{number}@example.org",
        language="en",
        interval="month",
        amount=50000,
        currency="eur",
        tier_id=db.session.scalars(sa.text("select id from tier limit 1")).one(),
        client=caller.client,
        tries=0,
        created_at=clock.now(),
    )


def test_paid_tries_are_not_held_against_anybody(
    guarded: Flask, till: Till, client: FlaskClient, choose
):
    browser = guarded.test_client()
    for number in range(RULES.most_unpaid_by_email + 2):
        answer = browser.post(
            "/support/checkout", data=giving_form(attempt=f"{number:016}", interval="once")
        )
        till.pay(answer.location)
        till.deliver(browser)
    assert till.total("checkout.sessions", status="complete") == RULES.most_unpaid_by_email + 2


def test_stripe_is_told_how_often_somebody_tried(guarded: Flask, till: Till):
    browser = guarded.test_client()
    for number in range(3):
        answer = browser.post("/support/checkout", data=giving_form(attempt=f"{number:016}"))
        till.pay(answer.location, card=DECLINED_CARD)
    said = till.newest("checkout.sessions").metadata.to_dict()
    assert (said["hromada_tries"], said["hromada_signed_in"]) == ("2", "no")


def test_addresses_of_the_network_are_not_kept(guarded: Flask, newsroom: Newsroom):
    give(guarded.test_client(), 1, "203.0.113.7")
    with newsroom.at_work():
        row = db.session.scalars(sa.select(Donation)).one()
    assert row.client is not None
    assert "203.0.113.7" not in str(vars(row))


def test_a_field_that_nobody_sees_stays_empty(newsroom: Newsroom, client: FlaskClient):
    answer = client.post("/support/checkout", data=giving_form(website="https://spam.example"))
    assert answer.status_code == 422
    assert newsroom.count(Donation) == 0


@pytest.fixture
def slow(make_app: MakeApp, till: Till) -> FlaskClient:
    """A newsroom that wants a form to be looked at for three seconds."""
    app = make_app(sandbox_url=till.url, stripe_webhook_secret=SECRET, checkout_delay=3)
    Newsroom(app).tiers()
    clock.set(NOON)
    return app.test_client()


def shown(client: FlaskClient, attempt: str = giving_form()["attempt"]) -> dict[str, str]:
    """The form as it was put on the screen now."""
    with client.application.test_request_context():
        return giving_form(shown=guard.token(attempt))


def test_with_the_delay_on_a_form_that_was_never_shown_is_refused(slow: FlaskClient):
    assert slow.post("/support/checkout", data=giving_form()).status_code == 422


def test_with_the_delay_on_a_form_sent_at_once_is_refused(slow: FlaskClient, newsroom: Newsroom):
    answer = slow.post("/support/checkout", data=shown(slow))
    assert answer.status_code == 422
    assert "That was very fast" in answer.text
    assert newsroom.count(Donation) == 0


def test_a_form_that_was_read_is_taken(slow: FlaskClient):
    form = shown(slow)
    clock.advance(timedelta(seconds=4))
    assert slow.post("/support/checkout", data=form).status_code == 303


def test_a_token_of_another_form_or_of_last_week_does_not_help(slow: FlaskClient):
    other, old = shown(slow, "another-attempt0"), shown(slow)
    clock.advance(timedelta(seconds=4))
    assert slow.post("/support/checkout", data=other).status_code == 422
    clock.advance(timedelta(days=7))
    assert slow.post("/support/checkout", data=old).status_code == 422


@pytest.mark.parametrize(
    ("currency", "amount", "says"),
    [
        ("jpy", "49", "The smallest amount we can take is ¥50"),
        ("jpy", "50.5", "Enter an amount as a number"),
        ("jpy", "99999999", "is the most we take by card"),
        ("kwd", "1.234", "Cards are charged in steps of"),
        ("ugx", "5000.50", "Cards are charged in steps of"),
        ("usd", "0.49", "The smallest amount we can take is $0.50"),
        ("usd", "1.000", "Enter an amount as a number"),
        ("usd", "5 €", "The amount is in USD here."),
        ("usd", "−7", "The smallest amount we can take is $0.50"),
    ],
)
def test_each_currency_has_its_own_least_sum_and_step(
    make_app: MakeApp, till: Till, currency, amount, says
):
    app = make_app(sandbox_url=till.url, currencies="usd,jpy,kwd,ugx")
    Newsroom(app).tiers()
    form = giving_form(currency=currency, amount_month="own", own_amount=amount)
    answer = app.test_client().post("/support/checkout", data=form)
    assert answer.status_code == 422
    assert says in answer.text
    assert f'value="{amount}"' in answer.text


@pytest.mark.parametrize(
    ("currency", "amount", "minor"),
    [
        ("jpy", "500", 500),
        ("kwd", "1.230", 1230),
        ("ugx", "5000", 500_000),
        ("usd", "7,5", 750),
        ("usd", "$ 7,5", 750),
    ],
)
def test_what_is_typed_is_what_stripe_is_asked_for(
    make_app: MakeApp, till: Till, currency, amount, minor
):
    app = make_app(sandbox_url=till.url, stripe_webhook_secret=SECRET, currencies="usd,jpy,kwd,ugx")
    newsroom, client = Newsroom(app), app.test_client()
    newsroom.tiers()
    form = giving_form(currency=currency, amount_month="own", own_amount=amount)
    till.pay(client.post("/support/checkout", data=form).location)
    till.deliver(client)
    assert till.newest("charges").amount == minor
    with newsroom.at_work():
        donation = db.session.scalars(sa.select(Donation)).one()
        assert (donation.amount, donation.currency) == (minor, currency)
        assert donation.paid_at is not None


def test_a_currency_that_we_do_not_take_is_refused(newsroom: Newsroom, client: FlaskClient):
    answer = client.post("/support/checkout", data=giving_form(currency="gbp"))
    assert answer.status_code == 422
    assert "We do not take gbp" in answer.text
    assert newsroom.count(Donation) == 0


def test_nobody_can_fill_anothers_mailbox(newsroom: Newsroom, guarded: Flask):
    """Asking for a payment sends no mail at all: only money that came does."""
    codes_of_each_address(guarded, RULES.most_unpaid_by_email)
    assert newsroom.told() == []
