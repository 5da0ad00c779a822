"""Stripe's webhook: who is believed, how much is read, and how often an event counts."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from membership.books.models import LedgerEntry, Subscription
from membership.clock import clock
from membership.extensions import db
from membership.inbox import endpoint, inbox
from membership.inbox.models import StripeEvent
from membership.patrons.models import MembershipPeriod, Person
from stripe_sandbox.webhooks import signature
from tests.factories import Newsroom
from tests.till import SECRET, Till, post_event


def event(**changes):
    return {
        "id": "evt_1",
        "object": "event",
        "type": "product.created",
        "created": int(time.time()),
        "livemode": False,
        "data": {"object": {}},
    } | changes


def test_an_event_with_a_bad_signature_changes_nothing(newsroom, client: FlaskClient):
    assert post_event(client, event(), secret="whsec_another").status_code == 400
    assert newsroom.count(StripeEvent) == 0


def test_an_event_with_an_old_signature_changes_nothing(newsroom, client: FlaskClient):
    assert post_event(client, event(), at=int(time.time()) - 3600).status_code == 400
    assert newsroom.count(StripeEvent) == 0


@pytest.fixture
def connected(make_app, till: Till) -> Newsroom:
    """A newsroom whose endpoint was registered by `stripe connect`, its secret in the database."""
    newsroom = Newsroom(make_app(sandbox_url=till.url))
    connect(newsroom)
    return newsroom


def connect(newsroom: Newsroom) -> str:
    """The secret."""
    with newsroom.at_work():
        return str(inbox.connect("http://127.0.0.1:9/webhooks/stripe")["secret"])


def test_what_means_nothing_here_asks_the_database_nothing(connected: Newsroom, queries):
    secret, client = connect(connected), connected.app.test_client()
    assert post_event(client, event(), secret=secret).status_code == 200
    with queries(connected.app) as seen:
        assert post_event(client, event(), secret=secret).status_code == 200
    assert seen == []


def test_who_does_not_know_the_secret_has_it_looked_for_once_in_a_while(
    connected: Newsroom, queries, monkeypatch
):
    client = connected.app.test_client()
    monkeypatch.setattr(endpoint, "LOOKED_FOR_AGAIN", 3600)
    with queries(connected.app) as seen:
        for _ in range(5):
            assert post_event(client, event(), secret="whsec_another").status_code == 400
    assert sum("SELECT webhook_endpoint" in statement for statement in seen) == 1


def test_a_new_secret_is_believed_on_every_process(
    connected: Newsroom, make_app, till: Till, monkeypatch
):
    monkeypatch.setattr(endpoint, "LOOKED_FOR_AGAIN", 0)
    there = make_app(sandbox_url=till.url).test_client()
    old = connect(connected)
    assert post_event(there, event(), secret=old).status_code == 200
    new = connect(connected)
    assert post_event(there, event(), secret=new).status_code == 200
    assert post_event(there, event(), secret=old).status_code == 400
    connect(connected)
    monkeypatch.setattr(endpoint, "REMEMBERED", 0)
    assert post_event(there, event(), secret=new).status_code == 400


def test_without_an_endpoint_nobody_is_believed(make_app, till: Till):
    client = make_app(sandbox_url=till.url).test_client()
    assert post_event(client, event(), secret="").json == {"error": "bad signature"}


@pytest.mark.parametrize("header", [None, "", "t=1", "v1=abc", "nonsense", "t=x,v1=y"])
def test_a_broken_signature_header_is_refused(client: FlaskClient, header):
    headers = {} if header is None else {"Stripe-Signature": header}
    assert client.post("/webhooks/stripe", data=b"{}", headers=headers).status_code == 400


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"not json"])
def test_a_signed_body_that_is_no_event_is_refused(client: FlaskClient, body):
    text = body.decode(errors="replace").encode()
    header = signature(SECRET, text, int(time.time()))
    answer = client.post("/webhooks/stripe", data=body, headers={"Stripe-Signature": header})
    assert answer.status_code == 400


def test_a_body_over_the_limit_is_not_read(newsroom, client: FlaskClient):
    large = event(data={"object": {"note": "x" * 600_000}})
    assert post_event(client, large).status_code == 413
    assert newsroom.count(StripeEvent) == 0


def test_a_live_event_is_refused_here(newsroom, client: FlaskClient):
    assert post_event(client, event(livemode=True)).status_code == 400
    assert newsroom.count(StripeEvent) == 0


def test_the_same_event_twenty_times_at_once_counts_once(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    till.pay(choose(client))
    for said in till.news():
        with ThreadPoolExecutor(20) as pool:
            posts = [pool.submit(post_event, newsroom.app.test_client(), said) for _ in range(20)]
        assert {post.result().status_code for post in posts} == {200}
    for model in (Person, Subscription, LedgerEntry, MembershipPeriod):
        assert newsroom.count(model) == 1, model
    assert newsroom.told() == ["staff", "thanks"]


def test_an_event_that_cannot_be_applied_is_kept_with_its_error_and_can_be_replayed(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    till.pay(choose(client))
    paid = next(said for said in till.news() if said["type"] == "invoice.paid")
    broken = json.loads(json.dumps(paid))
    broken["data"]["object"]["parent"]["subscription_details"]["subscription"] = "sub_unknown"
    assert post_event(client, broken).status_code == 500
    assert post_event(client, broken).status_code == 500
    with newsroom.at_work():
        kept = db.session.scalars(sa.select(StripeEvent)).one()
        assert "sub_unknown" in (kept.error or "")
        assert (kept.attempts, kept.applied_at) == (2, None)
        kept.payload = paid
        db.session.commit()
    runner = newsroom.app.test_cli_runner()
    assert "applied" in runner.invoke(args=["stripe", "replay"]).output
    assert newsroom.count(LedgerEntry) == 1
    assert runner.invoke(args=["stripe", "replay"]).output == "Nothing to replay.\n"


def test_an_event_of_a_kind_we_do_not_use_is_answered_and_not_kept(newsroom, client):
    assert post_event(client, event()).status_code == 200
    assert newsroom.count(StripeEvent) == 0


def test_a_subscription_of_another_product_makes_no_member(
    newsroom: Newsroom, client: FlaskClient, till: Till
):
    v1 = till.sdk.v1
    product = v1.products.create({"name": "Somebody else's newsletter"})
    customer = v1.customers.create({"email": "else@example.org"})
    card = v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    v1.subscriptions.create(
        {
            "customer": customer.id,
            "default_payment_method": card.id,
            "items": [
                {
                    "price_data": {
                        "currency": "eur",
                        "product": product.id,
                        "unit_amount": 900,
                        "recurring": {"interval": "month"},
                    }
                }
            ],
        }
    )
    assert set(till.deliver(client)) == {200}
    assert newsroom.count(Person) == newsroom.count(Subscription) == 0
    assert newsroom.count(LedgerEntry) == 0


def test_events_are_forgotten_after_ninety_days_unless_they_could_not_be_applied(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    till.pay(choose(client))
    till.deliver(client)
    with newsroom.at_work():
        stuck = db.session.scalars(sa.select(StripeEvent)).first()
        assert stuck is not None
        stuck.applied_at, stuck.error = None, "why"
        db.session.commit()
    clock.advance(timedelta(days=89))
    with newsroom.at_work():
        assert inbox.forget_old() == 0
    clock.advance(timedelta(days=2))
    with newsroom.at_work():
        assert inbox.forget_old() > 0
    assert newsroom.count(StripeEvent) == newsroom.count(LedgerEntry) == 1
