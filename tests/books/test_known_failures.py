"""The known ways in which systems like this fail, each a test with its own name."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from dateutil.relativedelta import relativedelta
from flask.testing import FlaskClient

from config import Mode
from membership.books import changes
from membership.books.models import (
    Customer,
    Donation,
    EntryKind,
    FailedPayment,
    Interval,
    LedgerEntry,
    Product,
    Subscription,
)
from membership.clock import clock
from membership.extensions import db
from membership.figures import money, movements, recovery
from membership.figures.spans import Span
from membership.gateway import API_VERSION, StripeDown
from membership.giving import erasure
from membership.giving.checkout import Wish, start
from membership.inbox import reconcile, silence
from membership.inbox.models import StripeEvent
from membership.mail.models import OutgoingMail
from membership.money import Money
from membership.patrons import memberships
from membership.patrons.models import MembershipPeriod, Person
from tests.factories import Newsroom
from tests.till import (
    ASKS_ALWAYS,
    FAILS_ON_RENEWAL,
    IBAN_FAILS,
    IBAN_PAYS,
    Event,
    Till,
    post_event,
)

NOBODY_THERE = "http://127.0.0.1:9/webhooks/stripe"


def only(newsroom: Newsroom, model: Any, *conditions: Any) -> Any:
    with newsroom.at_work():
        row = db.session.scalars(sa.select(model).where(*conditions)).one()
        db.session.expunge(row)
    return row


def income(newsroom: Newsroom) -> dict[str, int]:
    with newsroom.at_work():
        until = clock.now().date() + timedelta(days=1)
        span = Span(until - timedelta(days=60), until)
        received = money.received(Mode.sandbox, [span])
        return {code: its.received for code, (its,) in received.items()}


def about(events: list[Event], *types: str) -> list[Event]:
    return [event for event in events if event["type"] in types]


def mails_to(newsroom: Newsroom, address: str) -> list[OutgoingMail]:
    with newsroom.at_work():
        return list(
            db.session.scalars(
                sa.select(OutgoingMail)
                .where(OutgoingMail.recipient == address)
                .order_by(OutgoingMail.id)
            )
        )


@pytest.mark.parametrize("at_once", [False, True])
def test_1_created_after_or_during_updated_leaves_one_active_row(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose, at_once
):
    till.pay(choose(client))
    told = about(till.news(), "customer.subscription.updated", "customer.subscription.created")
    told.sort(key=lambda event: event["type"], reverse=True)
    assert [event["data"]["object"]["status"] for event in told] == ["active", "incomplete"]
    if at_once:
        with ThreadPoolExecutor(2) as pool:
            posts = [pool.submit(post_event, newsroom.app.test_client(), one) for one in told]
        assert {post.result().status_code for post in posts} == {200}
    else:
        till.deliver(client, told)
    assert only(newsroom, Subscription).status == "active"


@pytest.mark.parametrize("interval", ["month", "once"])
@pytest.mark.parametrize("at_once", [False, True])
def test_2_a_session_delivered_five_times_is_one_donation_and_one_staff_notice(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose, interval, at_once
):
    till.pay(choose(client, interval=interval))
    news = till.news()
    done = about(news, "checkout.session.completed")[0]
    if at_once:
        with ThreadPoolExecutor(5) as pool:
            posts = [pool.submit(post_event, newsroom.app.test_client(), done) for _ in range(5)]
        assert {post.result().status_code for post in posts} == {200}
    else:
        till.deliver(client, [done] * 5)
    till.deliver(client, news)
    charges = [LedgerEntry.kind == EntryKind.charge]
    assert only(newsroom, LedgerEntry, *charges).amount == (2500 if interval == "once" else 500)
    assert newsroom.count(Donation) == 1
    assert newsroom.told() == ["staff", "thanks"]


@pytest.mark.parametrize("interval", ["month", "once"])
@pytest.mark.parametrize(("iban", "pays"), [(IBAN_PAYS, True), (IBAN_FAILS, False)])
def test_3_an_unpaid_session_is_no_income_until_it_succeeds_and_none_if_it_fails(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose, interval, iban, pays
):
    till.pay_by_debit(choose(client, interval=interval), iban)
    done = about(till.news(), "checkout.session.completed")[0]
    assert done["data"]["object"]["payment_status"] == "unpaid"
    till.deliver(client)
    assert income(newsroom) == {}
    assert newsroom.count(MembershipPeriod) == 0
    assert newsroom.told() == []
    thanks = f"/support/thanks?d={done['data']['object']['client_reference_id']}"
    assert "<h1>Your order is with your bank</h1>" in client.get(thanks).text
    with newsroom.at_work():
        assert movements.mrr(Mode.sandbox) == {}
    till.let_pass(till.now() + timedelta(days=8))
    clock.set(till.now())
    till.deliver(client)
    if pays:
        amount = 2500 if interval == "once" else 500
        assert income(newsroom) == {"eur": amount}
        assert newsroom.count(MembershipPeriod) == (0 if interval == "once" else 1)
        assert newsroom.told() == ["staff", "thanks"]
        assert "Your bank has confirmed" in client.get(thanks).text
    else:
        assert "<h1>Your bank did not pay</h1>" in client.get(thanks).text
        assert income(newsroom) == {}
        assert newsroom.count(MembershipPeriod) == 0
        assert "not-paid" in newsroom.told()
        assert "thanks" not in newsroom.told()


def test_4_two_tabs_failed_tries_and_a_double_click_make_one_customer(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    first = choose(client, attempt="a" * 16)
    assert choose(client, attempt="a" * 16) == first
    till.pay(first, card="4000 0000 0000 0002")
    till.pay(first, card="4000 0000 0000 9995")
    till.pay(choose(client, attempt="b" * 16))
    till.deliver(client)
    assert till.total("customers") == newsroom.count(Customer) == 1


def test_4_a_second_paid_subscription_is_told_to_patron_and_staff_and_can_be_undone(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    for attempt in "ab":
        till.pay(choose(client, attempt=attempt * 16))
    till.deliver(client)
    assert newsroom.count(Subscription) == 2
    assert newsroom.told().count("second") == 1
    assert any("gives twice" in mail.subject for mail in _staff_mails(newsroom))
    browser = newsroom.signed_in(only(newsroom, Person))
    assert "You give twice" in browser.get("/account/giving").text
    newest = till.newest("subscriptions").id
    for _ in "double click":
        answer = browser.post(f"/account/giving/{newest}/undo")
    assert answer.status_code == 404
    till.deliver(client)
    assert till.newest("refunds").amount == 500
    assert till.total("refunds") == till.total("subscriptions", status="active") == 1
    assert income(newsroom) == {"eur": 500}
    assert "You give twice" not in browser.get("/account/giving").text
    with newsroom.at_work():
        assert memberships.is_member(db.session.scalars(sa.select(Person)).one())


def _staff_mails(newsroom: Newsroom) -> list[OutgoingMail]:
    return mails_to(newsroom, newsroom.app.extensions["settings"].staff_address)


def test_5_paying_by_a_wallet_with_another_address_credits_who_is_signed_in(
    newsroom: Newsroom, till: Till, choose
):
    person = newsroom.person("patron@example.org")
    browser = newsroom.signed_in(person)
    address = choose(browser, email="typed@example.org")
    till.pay(address)
    news = json.loads(json.dumps(till.news()).replace("patron@example.org", "wallet@example.org"))
    till.deliver(browser, news)
    assert only(newsroom, Subscription).person_id == person.id
    assert newsroom.count(Person) == 1


def test_6_a_subscription_of_another_product_is_no_member_and_no_revenue(
    newsroom: Newsroom, client: FlaskClient, till: Till
):
    v1 = till.sdk.v1
    customer = v1.customers.create({"email": "else@example.org"})
    card = v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    product = v1.products.create({"name": "Somebody else's newsletter"})
    price = {"currency": "eur", "unit_amount": 900, "product": product.id}
    made = v1.subscriptions.create(
        {
            "customer": customer.id,
            "default_payment_method": card.id,
            "items": [{"price_data": {**price, "recurring": {"interval": "month"}}}],
        }
    )
    charge = v1.charges.list({"limit": 1}).data[0]
    v1.refunds.create({"charge": charge.id, "amount": 100})
    v1.subscriptions.cancel(made.id)
    assert set(till.deliver(client)) == {200}
    with newsroom.at_work():
        assert reconcile.run() == {}
    for model in (Person, Subscription, LedgerEntry, MembershipPeriod, OutgoingMail):
        assert newsroom.count(model) == 0


def test_7_a_renewal_that_fails_and_then_succeeds_is_one_payment_counted_as_recovered(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    till.pay(choose(client), card=FAILS_ON_RENEWAL)
    till.deliver(client)
    due = only(newsroom, Subscription).current_period_end
    till.let_pass(due + timedelta(hours=2))
    clock.set(till.now())
    till.deliver(client)
    assert only(newsroom, Subscription).status == "past_due"
    portal = till.sdk.v1.billing_portal.sessions.create(
        {"customer": only(newsroom, Customer).stripe_id}
    )
    till.pay(portal.url, button="card")
    till.let_pass(due + timedelta(days=4))
    clock.set(till.now())
    till.deliver(client)
    assert only(newsroom, Subscription).status == "active"
    assert newsroom.count(LedgerEntry) == 2
    failure = only(newsroom, FailedPayment)
    assert failure.recovered_at is not None
    with newsroom.at_work():
        span = Span(due.date(), clock.now().date() + timedelta(days=1))
        its = recovery.recoveries(Mode.sandbox, [span])["eur"].whole
    assert (its.recovered.amount, its.recovered.times, its.open.times) == (500, 1, 0)


def test_8_a_subscription_without_a_card_of_its_own_is_active_on_its_paid_invoice(
    newsroom: Newsroom, client: FlaskClient, till: Till
):
    v1 = till.sdk.v1
    customer = v1.customers.create({"email": "patron@example.org"})
    card = v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": card.id}})
    made = v1.subscriptions.create(
        {"customer": customer.id, "items": [{"price_data": _our_price(newsroom, till)}]}
    )
    assert made.default_payment_method is None
    till.deliver(client, about(till.news(), "invoice.paid"))
    assert only(newsroom, Subscription).status == "active"
    assert newsroom.count(MembershipPeriod) == 1


def test_8_an_expired_card_is_told_to_update_the_card_and_a_bank_that_asks_to_confirm(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    till.pay(choose(client, email="expired@example.org"), exp=_this_month(till))
    address = choose(client, attempt="b" * 16, email="asked@example.org")
    till.pay(address, card=ASKS_ALWAYS)
    till.authenticate(address)
    till.deliver(client)
    till.let_pass(till.now() + relativedelta(months=1, days=1))
    clock.set(till.now())
    till.deliver(client)
    words = {mail.recipient: mail.text for mail in _all_mails(newsroom, "failed:")}
    assert "Your card has expired." in words["expired@example.org"]
    assert "Update your card" in words["expired@example.org"]
    assert "Confirm the payment" not in words["expired@example.org"]
    assert "confirm the payment yourself" in words["asked@example.org"]
    assert "/invoice/" in words["asked@example.org"]


def _this_month(till: Till) -> str:
    return f"{till.now():%m/%y}"


def _all_mails(newsroom: Newsroom, about: str) -> list[OutgoingMail]:
    with newsroom.at_work():
        return list(
            db.session.scalars(sa.select(OutgoingMail).where(OutgoingMail.about.startswith(about)))
        )


def test_9_events_of_older_versions_are_understood(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    """In old shapes: the period on the subscription, `invoice.subscription`, and no `parent`."""
    till.pay(choose(client))
    old = [_as_in_2020(event) for event in till.news()]
    assert set(till.deliver(client, old)) == {200}
    assert only(newsroom, Subscription).status == "active"
    assert only(newsroom, LedgerEntry).amount == 500
    assert newsroom.count(MembershipPeriod) == 1


def _as_in_2020(event: Event) -> Event:
    old = json.loads(json.dumps(event)) | {"api_version": "2020-08-27"}
    thing = old["data"]["object"]
    if thing["object"] == "subscription":
        for item in thing["items"]["data"]:
            thing["current_period_end"] = item.pop("current_period_end")
            thing["current_period_start"] = item.pop("current_period_start")
    if thing["object"] == "invoice":
        thing["subscription"] = thing.pop("parent")["subscription_details"]["subscription"]
        thing["payment_intent"] = "pi_old"
    return old


def test_9_an_old_event_that_cannot_be_fetched_is_refused_clearly(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    till.pay(choose(client))
    paid = about(till.news(), "invoice.paid")[0]
    strange = json.loads(json.dumps(paid)) | {"api_version": "2011-01-01"}
    strange["data"]["object"] = {"object": "line_item", "id": "il_1"}
    assert post_event(client, strange).status_code == 500
    assert "flask --app app stripe connect" in only(newsroom, StripeEvent).error


def test_9_the_endpoint_is_registered_with_the_pinned_version(newsroom: Newsroom, till: Till):
    runner = newsroom.app.test_cli_runner()
    assert runner.invoke(args=["stripe", "connect"]).exit_code == 0
    endpoint = till.newest("webhook_endpoints")
    assert endpoint.api_version == API_VERSION


def test_10_an_endpoint_disabled_after_nine_days_alarms_staff_and_one_reconcile_restores_all(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    newsroom.app.test_cli_runner().invoke(args=["stripe", "connect", "--url", NOBODY_THERE])
    for number in range(3):
        till.pay(choose(client, attempt=f"{number}" * 16, email=f"p{number}@example.org"))
    till.deliver(client)
    due = only(newsroom, Subscription, Subscription.id == 1).current_period_end
    for days in (-1, 4, 9, 14):
        till.let_pass(due + timedelta(days=days))
        till.try_to_deliver()
    clock.set(till.now())
    assert till.newest("webhook_endpoints").status == "disabled"
    with newsroom.at_work():
        assert silence.sound()
        assert not silence.sound()
    assert any("silent" in mail.subject for mail in _staff_mails(newsroom))
    finance = newsroom.signed_in(newsroom.person(role="finance"))
    assert "Stripe has disabled our endpoint" in finance.get("/staff/stripe").text
    with newsroom.at_work():
        assert reconcile.run()["payment missing"] == 3
        assert _charges() == 6
    till.deliver(client)
    with newsroom.at_work():
        assert _charges() == 6
        assert not silence.sound()


def _charges() -> int | None:
    return db.session.scalar(sa.select(sa.func.count()).where(LedgerEntry.kind == EntryKind.charge))


def test_11_yen_are_not_multiplied_by_a_hundred(make_app, till: Till):
    app = make_app(
        sandbox_url=till.url, stripe_webhook_secret="whsec_x", currencies="jpy", max_amount=500000
    )
    Newsroom(app).tiers()
    with app.test_request_context():
        wish = Wish("y@example.org", Money.parse("500", "jpy"), Interval.month, "en")
        start(wish, attempt="y" * 16, giver=None)
    session = till.newest("checkout.sessions")
    assert (session.amount_total, session.currency) == (500, "jpy")


def test_11_a_refund_made_in_stripes_dashboard_appears(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    till.pay(choose(client))
    till.deliver(client)
    charge = till.newest("charges")
    till.sdk.v1.refunds.create({"charge": charge.id, "amount": 200})
    till.deliver(client)
    assert income(newsroom) == {"eur": 300}
    staff = newsroom.signed_in(newsroom.person(role="finance"))
    assert "−€2" in staff.get("/staff/payments").text


def test_11_deleting_a_member_stops_billing_first(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    till.pay(choose(client))
    till.deliver(client)
    with newsroom.at_work():
        erasure.erase(db.session.scalars(sa.select(Person)).one())
    assert till.total("subscriptions", status="active") == 0
    person = only(newsroom, Person)
    assert "olha" not in person.email
    assert only(newsroom, LedgerEntry).person_id == person.id
    till.deliver(client)
    assert only(newsroom, Subscription).status == "canceled"


def test_11_a_member_is_not_deleted_while_stripe_does_not_answer(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose, make_app
):
    till.pay(choose(client))
    till.deliver(client)
    away = make_app(sandbox_url="http://127.0.0.1:9")
    with away.app_context(), pytest.raises(StripeDown):
        erasure.erase(db.session.scalars(sa.select(Person)).one())
    assert only(newsroom, Person).email == "olha@example.org"


@pytest.mark.parametrize("first", ["customer.deleted", "customer.subscription.deleted"])
def test_11_customer_deleted_before_or_after_its_subscription_is_harmless(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose, first
):
    till.pay(choose(client))
    till.deliver(client)
    till.sdk.v1.customers.delete(only(newsroom, Customer).stripe_id)
    told = sorted(till.news(), key=lambda event: event["type"] != first)
    assert set(till.deliver(client, told)) == {200}
    assert only(newsroom, Subscription).status == "canceled"
    assert only(newsroom, Customer).deleted_at is not None
    with newsroom.at_work():
        assert memberships.is_member(db.session.scalars(sa.select(Person)).one())
    till.pay(choose(client, attempt="b" * 16))
    till.deliver(client)
    assert newsroom.count(Customer) == 2


def test_11_a_signed_in_patron_whose_customer_was_deleted_can_give_again(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    till.pay(choose(client))
    till.deliver(client)
    browser = newsroom.signed_in(only(newsroom, Person))
    till.sdk.v1.customers.delete(only(newsroom, Customer).stripe_id)
    till.deliver(client)
    till.pay(choose(browser, attempt="b" * 16))
    till.deliver(client)
    with newsroom.at_work():
        running = db.session.scalars(
            sa.select(Subscription).where(Subscription.ended_at.is_(None))
        ).one()
        assert running.status == "active"
        changes.running(db.session.get_one(Person, running.person_id), running.stripe_id)


def test_11_a_customer_deleted_before_we_heard_of_it_does_not_stand_in_the_way(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    till.pay(choose(client))
    till.sdk.v1.customers.delete(till.newest("customers").id)
    till.pay(choose(client, attempt="b" * 16))
    till.deliver(client)
    assert newsroom.count(Subscription) == newsroom.count(Customer) == 2


def test_11_a_live_event_is_refused_in_test_mode(newsroom: Newsroom, client, till: Till, choose):
    till.pay(choose(client))
    for event in till.news():
        assert post_event(client, event | {"livemode": True}).status_code == 400
    assert newsroom.count(StripeEvent) == newsroom.count(Subscription) == 0


def _our_price(newsroom: Newsroom, till: Till) -> Any:
    with newsroom.app.test_request_context():
        wish = Wish("first@example.org", Money(500, "eur"), Interval.month, "en")
        start(wish, attempt="p" * 16, giver=None)
        product = db.session.scalars(sa.select(Product.stripe_id)).one()
    return {
        "currency": "eur",
        "unit_amount": 500,
        "product": product,
        "recurring": {"interval": "month"},
    }
