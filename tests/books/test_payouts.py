"""Payouts in the books: whatever order they are heard of in, each is what it is made of."""

import itertools
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from membership.books import payouts, settlement
from membership.books.payout_models import Payout, PayoutEntry
from membership.clock import clock
from membership.extensions import db
from membership.inbox import reconcile
from tests.factories import Newsroom
from tests.till import Event, Till, post_event


@pytest.fixture
def paid_out(newsroom: Newsroom, client: FlaskClient, till: Till, choose) -> list[Event]:
    """A patron's payment on its way to the bank and arrived: what Stripe tells of the payout."""
    till.pay(choose(client))
    till.deliver(client)
    pass_days(till, 6)
    events = till.news()
    till.deliver(client, [event for event in events if not is_of_payout(event)])
    return [event for event in events if is_of_payout(event)]


def is_of_payout(event: Event) -> bool:
    return event["type"].startswith("payout.")


def pass_days(till: Till, days: int) -> None:
    till.let_pass(till.now() + timedelta(days=days))
    clock.set(till.now())


def read(newsroom: Newsroom) -> int:
    with newsroom.at_work():
        settlement.run()
        return payouts.run()


def the_payouts(newsroom: Newsroom) -> list[Payout]:
    with newsroom.at_work():
        found = db.session.scalars(sa.select(Payout).order_by(Payout.id)).all()
        for payout in found:
            db.session.expunge(payout)
        return list(found)


def nets(newsroom: Newsroom) -> list[int]:
    with newsroom.at_work():
        return list(db.session.scalars(sa.select(PayoutEntry.net).order_by(PayoutEntry.net)))


def test_a_payout_is_the_same_whatever_order_it_is_told_in(
    paid_out: list[Event], newsroom: Newsroom, client: FlaskClient
):
    assert [event["type"] for event in paid_out] == [
        "payout.created",
        "payout.reconciliation_completed",
        "payout.paid",
    ]
    for order in itertools.permutations(paid_out):
        with newsroom.at_work():
            db.session.execute(sa.delete(PayoutEntry))
            db.session.execute(sa.delete(Payout))
            db.session.commit()
        for number, event in enumerate((*order, *order)):
            again = event | {"id": f"{event['id']}_{number}_{hash(str(order))}"}
            assert post_event(client, again).status_code == 200
        [payout] = the_payouts(newsroom)
        assert (payout.status, payout.amount, payout.is_reconciled) == ("paid", 467, True)
        assert [read(newsroom), read(newsroom)] == [1, 0]
        assert nets(newsroom) == [467]


def test_what_a_payout_is_made_of_waits_until_stripe_can_say(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    till.pay(choose(client))
    pass_days(till, 3)
    till.pay_out()
    till.deliver(client)
    assert read(newsroom) == 0
    [payout] = the_payouts(newsroom)
    assert payout.listed_at is None
    pass_days(till, 2)
    till.deliver(client)
    assert read(newsroom) == 1
    [payout] = the_payouts(newsroom)
    assert payout.listed_at is not None


def test_a_comparison_brings_in_payouts_that_nobody_told_of(
    paid_out: list[Event], newsroom: Newsroom
):
    with newsroom.at_work():
        assert reconcile.run(is_dry=True)["payout missing"] == 1
    assert the_payouts(newsroom) == []
    with newsroom.at_work():
        assert reconcile.run()["payout missing"] == 1
        assert reconcile.run() == {}
    assert nets(newsroom) == [467]


def test_a_payout_that_came_back_is_known_to_have_and_is_part_of_the_next(
    paid_out: list[Event], newsroom: Newsroom, client: FlaskClient, till: Till
):
    till.deliver(client, paid_out)
    [first] = the_payouts(newsroom)
    till.fail_payout(first.stripe_id)
    till.deliver(client)
    [failed] = the_payouts(newsroom)
    assert (failed.status, failed.returned_at) == ("failed", None)
    pass_days(till, 3)
    till.deliver(client)
    read(newsroom)
    [failed, again] = the_payouts(newsroom)
    assert failed.returned_at is not None
    assert (again.status, again.amount) == ("paid", failed.amount)
    assert nets(newsroom) == [467, 467]


def test_of_a_payout_made_by_hand_nothing_more_is_asked(
    paid_out: list[Event], newsroom: Newsroom, client: FlaskClient
):
    [*_others, event] = paid_out
    event["data"]["object"] |= {"automatic": False, "reconciliation_status": "not_applicable"}
    assert post_event(client, event).status_code == 200
    assert read(newsroom) == 0
    [payout] = the_payouts(newsroom)
    assert (payout.is_automatic, payout.listed_at) == (False, None)


def test_an_event_of_another_version_has_its_payout_fetched(
    paid_out: list[Event], newsroom: Newsroom, client: FlaskClient
):
    [created, *_others] = paid_out
    old = created | {"api_version": "2020-08-27"}
    old["data"] = {"object": {"id": created["data"]["object"]["id"], "object": "payout"}}
    assert post_event(client, old).status_code == 200
    [payout] = the_payouts(newsroom)
    assert payout.status == "paid"
