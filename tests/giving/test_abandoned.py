"""Whoever leaves Checkout unpaid is forgotten, here and at Stripe; whoever paid never is."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from membership.books import settlement
from membership.books.models import Customer, Donation, LedgerEntry, Subscription
from membership.clock import clock
from membership.extensions import db, limiter
from membership.giving import abandoned, erasure
from membership.inbox import reconcile
from membership.inbox.models import StripeEvent
from membership.mail.models import OutgoingMail
from membership.patrons.models import Person
from tests.conftest import MakeApp
from tests.factories import Newsroom
from tests.killer import Killer
from tests.till import (
    ASKS_ALWAYS,
    DECLINED_CARD,
    FAILS_ON_RENEWAL,
    IBAN_FAILS,
    IBAN_PAYS,
    SECRET,
    Till,
    giving_form,
)

NIGHT = timedelta(days=1)
LONG = timedelta(days=31)


def forget(newsroom: Newsroom) -> int:
    with newsroom.at_work():
        return abandoned.forget_old()


def let_pass(till: Till, span: timedelta) -> None:
    """Time passes at Stripe and here."""
    till.let_pass(till.now() + span)
    clock.set(till.now())


def addresses(till: Till) -> list[str]:
    return [customer.email for customer in till.sdk.v1.customers.list({"limit": 100}).data]


def set_out(client: FlaskClient, choose, email: str, **changes: str) -> str:
    """The address of Stripe's page, at which nobody has done anything yet."""
    return str(choose(client, attempt=f"{email:_<32}", email=email, **changes))


@pytest.mark.parametrize("interval", ["month", "once"])
def test_who_leaves_checkout_is_gone_here_and_at_stripe_after_thirty_days(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose, interval
):
    set_out(client, choose, "left@example.org", interval=interval)
    let_pass(till, LONG - 2 * NIGHT)
    till.deliver(client)
    assert forget(newsroom) == 0
    assert addresses(till) == ["left@example.org"]
    let_pass(till, 2 * NIGHT)
    assert forget(newsroom) == 1
    assert newsroom.count(Donation) == 0
    assert addresses(till) == []


@pytest.mark.parametrize("interval", ["month", "once"])
@pytest.mark.parametrize("card", [DECLINED_CARD, ASKS_ALWAYS])
def test_a_card_that_was_refused_or_never_confirmed_keeps_nobody(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose, interval, card
):
    till.pay(set_out(client, choose, "left@example.org", interval=interval), card=card)
    let_pass(till, LONG)
    till.deliver(client)
    assert forget(newsroom) == 1
    assert addresses(till) == []


def test_no_event_keeps_the_address_of_who_left(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    set_out(client, choose, "left@example.org")
    let_pass(till, 2 * NIGHT)  # Stripe lists the events of thirty days
    assert set(till.deliver(client)) == {200}
    let_pass(till, LONG)
    assert forget(newsroom) == 1
    assert set(till.deliver(client)) == {200}
    assert {"checkout.session.expired", "customer.deleted"} <= set(event_types(newsroom))
    assert "left@example.org" not in events_kept(newsroom)


def test_no_event_keeps_what_stripe_says_of_who_gives(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    """Nothing here reads it, so that it need not be looked after."""
    till.pay(set_out(client, choose, "olha@example.org"), card=FAILS_ON_RENEWAL)
    till.dispute(till.newest("charges").id)
    for number in range(2):
        evidence = {"customer_email_address": "olha@example.org", "uncategorized_text": f"{number}"}
        till.sdk.v1.disputes.update(
            till.newest("disputes").id, {"evidence": evidence, "submit": False}
        )
    till.deliver(client)
    let_pass(till, LONG + NIGHT)
    till.sdk.v1.customers.delete(till.newest("customers").id)
    till.deliver(client)
    assert {"checkout.session.completed", "invoice.paid", "customer.deleted"} <= set(
        event_types(newsroom)
    )
    for personal in ("olha@example.org", "Olha Example"):
        assert personal not in events_kept(newsroom)


def event_types(newsroom: Newsroom) -> list[str]:
    with newsroom.at_work():
        return list(db.session.scalars(sa.select(StripeEvent.type)))


def events_kept(newsroom: Newsroom) -> str:
    with newsroom.at_work():
        return json.dumps(db.session.scalars(sa.select(StripeEvent.payload)).all())


def test_the_number_of_days_is_the_newsrooms(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose, make_app: MakeApp
):
    set_out(client, choose, "left@example.org")
    let_pass(till, timedelta(days=4))
    patient = make_app(sandbox_url=till.url, abandoned_days=5)
    quick = make_app(sandbox_url=till.url, abandoned_days=3)
    assert forget(Newsroom(patient)) == 0
    assert forget(Newsroom(quick)) == 1


def test_an_open_checkout_is_closed_before_anything_goes(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    """Stripe's clock may be far behind ours."""
    address = set_out(client, choose, "left@example.org")
    clock.set(till.now() + LONG)
    assert till.newest("checkout.sessions").status == "open"
    assert forget(newsroom) == 1
    assert till.newest("checkout.sessions").status == "expired"
    till.pay(address)
    assert till.total("charges") == 0


@pytest.mark.parametrize("interval", ["month", "once"])
def test_who_paid_stays_though_we_have_not_heard_of_it(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose, interval
):
    till.pay(set_out(client, choose, "paid@example.org", interval=interval))
    let_pass(till, LONG)
    assert forget(newsroom) == 0
    assert addresses(till) == ["paid@example.org"]
    with newsroom.at_work():
        reconcile.run()
        assert db.session.scalars(sa.select(Donation.paid_at)).one() is not None
    assert newsroom.count(LedgerEntry) >= 1
    let_pass(till, LONG)
    assert forget(newsroom) == 0
    assert addresses(till) == ["paid@example.org"]


@pytest.mark.parametrize("interval", ["month", "once"])
def test_a_debit_under_way_is_waited_for(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose, interval
):
    till.pay_by_debit(set_out(client, choose, "slow@example.org", interval=interval), IBAN_PAYS)
    till.deliver(client)
    clock.set(till.now() + LONG)
    assert forget(newsroom) == 0
    assert addresses(till) == ["slow@example.org"]


def debit_failed(client: FlaskClient, till: Till, choose, interval: str) -> None:
    """The bank refuses days after Checkout was gone through, and the giver is told."""
    till.pay_by_debit(set_out(client, choose, "slow@example.org", interval=interval), IBAN_FAILS)
    till.deliver(client)
    let_pass(till, LONG)
    till.deliver(client)


@pytest.mark.parametrize("interval", ["month", "once"])
def test_a_debit_that_failed_is_forgotten(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose, interval
):
    debit_failed(client, till, choose, interval)
    assert newsroom.told() == ["not-paid"]
    clock.advance(LONG)
    assert forget(newsroom) == 1
    assert addresses(till) == []
    assert newsroom.count(Donation) == newsroom.count(OutgoingMail) == 0
    with newsroom.at_work():
        assert "slow@example.org" not in db.session.scalars(sa.select(Person.email)).all()
    assert "slow@example.org" not in events_kept(newsroom)
    assert set(till.deliver(client)) == {200}
    with newsroom.at_work():
        settlement.run()
        assert reconcile.run() == {}


def test_somebody_else_than_a_failed_debits_giver_stays(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    """The same address is a member for something else."""
    debit_failed(client, till, choose, "month")
    newsroom.member("slow@example.org")
    clock.advance(LONG)
    assert forget(newsroom) == 1
    assert newsroom.count(Donation) == 0
    assert addresses(till) == ["slow@example.org"]
    with newsroom.at_work():
        assert db.session.scalars(sa.select(Person.email)).all() == ["slow@example.org"]


def test_a_customer_of_whom_nothing_was_written_down_goes_too(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    """The process ended between Stripe's answer and its own commit."""
    till.sdk.v1.customers.create({"email": "left@example.org", "name": "A shop's own"})
    set_out(client, choose, "left@example.org")
    with newsroom.at_work():
        nothing = {"stripe_customer": None, "stripe_session": None, "session_url": None}
        db.session.execute(sa.update(Donation).values(**nothing))
        db.session.commit()
    assert len(addresses(till)) == 2
    let_pass(till, LONG)
    assert forget(newsroom) == 1
    assert till.newest("customers").name == "A shop's own"
    assert len(addresses(till)) == 1


def test_a_patrons_customer_outlives_what_the_patron_left(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    till.pay(set_out(client, choose, "olha@example.org"))
    till.deliver(client)
    with newsroom.at_work():
        patron = db.session.scalars(sa.select(Person)).one()
        db.session.expunge(patron)
    own = newsroom.signed_in(patron)
    choose(own, attempt="left" * 8, interval="once")
    assert newsroom.count(Donation) == 2
    let_pass(till, LONG)
    till.deliver(client)
    assert forget(newsroom) == 1
    assert newsroom.count(Donation) == newsroom.count(Customer) == 1
    assert addresses(till) == ["olha@example.org"]
    assert till.newest("subscriptions").status == "active"


def test_a_customer_that_a_later_try_uses_goes_with_the_later_one(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    """Two tries within a day share a customer."""
    for number in range(2):
        choose(client, attempt=f"{number:016}")
        let_pass(till, NIGHT / 2)
    let_pass(till, timedelta(days=29) + NIGHT / 4)
    assert forget(newsroom) == 1
    assert addresses(till) == ["olha@example.org"]
    let_pass(till, NIGHT)
    assert forget(newsroom) == 1
    assert addresses(till) == []


def test_a_customer_with_somebody_elses_subscription_is_left_alone(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    set_out(client, choose, "left@example.org")
    v1, customer = till.sdk.v1, till.newest("customers").id
    v1.payment_methods.attach("pm_card_visa", {"customer": customer})
    card = v1.payment_methods.list({"customer": customer}).data[0].id
    price = {
        "currency": "eur",
        "product": v1.products.create({"name": "A shop's"}).id,
        "unit_amount": 100,
        "recurring": {"interval": "month"},
    }
    v1.subscriptions.create(
        {"customer": customer, "default_payment_method": card, "items": [{"price_data": price}]}
    )
    let_pass(till, LONG)
    assert forget(newsroom) == 1
    assert newsroom.count(Donation) == 0
    assert addresses(till) == ["left@example.org"]
    assert till.newest("subscriptions").status == "active"


def test_a_customer_that_is_gone_already_is_no_trouble(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    set_out(client, choose, "left@example.org")
    till.sdk.v1.customers.delete(till.newest("customers").id)
    let_pass(till, LONG)
    assert forget(newsroom) == 1
    assert newsroom.count(Donation) == 0


def test_while_stripe_is_down_nothing_goes_and_the_next_night_it_does(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose, make_app: MakeApp
):
    set_out(client, choose, "left@example.org")
    let_pass(till, LONG)
    away = make_app(sandbox_url="http://127.0.0.1:9")
    assert forget(Newsroom(away)) == 0
    assert newsroom.count(Donation) == 1
    assert forget(newsroom) == 1


def test_one_that_cannot_go_holds_up_nobody_behind_it(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose, monkeypatch
):
    monkeypatch.setattr(abandoned, "AT_ONCE", 2)
    for number in range(2):
        till.pay(set_out(client, choose, f"paid{number}@example.org"))
    for number in range(5):
        set_out(client, choose, f"left{number}@example.org")
    let_pass(till, LONG)
    assert forget(newsroom) == 5
    assert sorted(addresses(till)) == ["paid0@example.org", "paid1@example.org"]


def test_killed_anywhere_the_next_night_finishes(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    steps = 0

    def ready() -> None:
        set_out(client, choose, f"left{steps}@example.org")
        let_pass(till, LONG)

    ready()
    for step in Killer(newsroom.app).at_each_step(lambda _step: forget(newsroom) and None):
        steps = step
        forget(newsroom)
        assert newsroom.count(Donation) == 0
        assert addresses(till) == []
        ready()
    assert steps > 4
    assert newsroom.count(Donation) == 0
    assert addresses(till) == []


def test_two_at_once_do_no_harm(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose, monkeypatch
):
    """The other one takes all, between this one's looking and its deleting."""
    for number in range(3):
        set_out(client, choose, f"left{number}@example.org")
    let_pass(till, LONG)
    with newsroom.at_work():
        found = abandoned._left(after=0)
        assert forget(newsroom) == 3
        assert [abandoned._forget(left) for left in found] == [False] * 3
    assert addresses(till) == []


def test_forgetting_a_try_never_leads_a_new_wish_to_an_old_checkout(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    """Given, left, given again, and the one in the middle forgotten."""
    wish = {"attempt": "", "interval": "once"}
    till.pay(choose(client, **wish))
    till.deliver(client)
    choose(client, **wish)
    let_pass(till, LONG)
    till.deliver(client)
    last = choose(client, **wish)
    till.pay(last)
    till.deliver(client)
    assert forget(newsroom) == 1
    again = choose(client, **wish)
    assert again != last
    till.pay(again)
    till.deliver(client)
    assert newsroom.count(LedgerEntry) == 3


def test_erasing_somebody_erases_what_they_set_out_to_give(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    till.pay(set_out(client, choose, "olha@example.org"))
    till.deliver(client)
    choose(client, attempt="left" * 8)
    assert addresses(till) == ["olha@example.org"] * 2
    with newsroom.at_work():
        erasure.erase(db.session.scalars(sa.select(Person)).one())
        assert "olha" not in " ".join(db.session.scalars(sa.select(Donation.email)))
    assert addresses(till) == []
    let_pass(till, LONG)
    assert forget(newsroom) == 1
    assert newsroom.count(Subscription) == 1


def test_what_counts_tries_keeps_no_address(make_app: MakeApp, till: Till):
    app = make_app(sandbox_url=till.url, stripe_webhook_secret=SECRET, rate_limits="on")
    newsroom, browser = Newsroom(app), app.test_client()
    newsroom.tiers()
    limiter.reset()
    here = {"environ_overrides": {"REMOTE_ADDR": "203.0.113.7"}}
    typed = {"email": "olha@example.org"}
    assert browser.post("/sign-in", data=typed, **here).status_code == 200
    assert browser.post("/support/checkout", data=giving_form(), **here).status_code == 303
    counted = repr(vars(limiter.storage))
    assert "sign-in" in counted or "send_link" in counted
    assert "olha" not in counted
    assert "203.0.113" not in counted
    codes = [browser.post("/sign-in", data=typed, **here).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    with newsroom.at_work():
        row = db.session.scalars(sa.select(Donation)).one()
    assert "203.0.113" not in repr(vars(row))
