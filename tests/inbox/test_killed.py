"""A process that is killed, at any step whatever, loses nothing and doubles nothing.

The work is done in a child process that ends itself with SIGKILL before its nth statement or
commit, for every n there is. Then what a person or Stripe would do next is done.
"""

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from membership.books import settlement
from membership.books.models import Customer, Donation, EntryKind, LedgerEntry, Subscription
from membership.extensions import db
from membership.mail.models import OutgoingMail
from membership.staff.models import AuditEntry
from tests.books import truth
from tests.factories import Newsroom
from tests.killer import Killer
from tests.till import Event, Till, giving_form, post_event


@pytest.fixture
def killer(app: Flask) -> Killer:
    return Killer(app)


def count(newsroom: Newsroom, model: type, *conditions: sa.ColumnElement[bool]) -> int:
    with newsroom.at_work():
        wanted = sa.select(sa.func.count()).select_from(model).where(*conditions)
        return db.session.scalar(wanted) or 0


def one_each(newsroom: Newsroom, till: Till) -> None:
    """The books equal Stripe's, and nobody was told anything twice."""
    with newsroom.at_work():
        settlement.run()
        ours, stripes = truth.ours(), truth.stripes(till)
        assert ours.subscriptions == stripes.subscriptions
        assert ours.movements == stripes.movements
        assert ours.settled == stripes.settled
        abouts = db.session.scalars(sa.select(OutgoingMail.about)).all()
        assert len(abouts) == len(set(abouts))


def test_checkout(newsroom: Newsroom, till: Till, killer: Killer):
    """The reader presses the button again, and pays."""

    def press(step: int) -> str:
        form = giving_form(attempt=f"{step:016}", email=f"p{step}@example.org")
        return str(newsroom.app.test_client().post("/support/checkout", data=form).location)

    steps = 0
    for step in killer.at_each_step(press):
        steps = step
        address = press(step)
        assert press(step) == address
        till.pay(address)
    assert steps > 10
    till.deliver(newsroom.app.test_client())
    assert till.total("checkout.sessions") == count(newsroom, Donation) == steps + 1
    assert till.total("customers") == steps + 1
    assert count(newsroom, Customer) == count(newsroom, Subscription) == steps
    one_each(newsroom, till)


@pytest.mark.parametrize(
    ("type", "interval"),
    [
        ("invoice.paid", "month"),
        ("customer.subscription.created", "month"),
        ("checkout.session.completed", "month"),
        ("checkout.session.completed", "once"),
    ],
)
def test_a_webhook(
    newsroom: Newsroom, client: FlaskClient, till: Till, killer: Killer, choose, type, interval
):
    """Stripe sends again what was not answered, and the rest in its order."""
    events: dict[int, Event] = {}

    def receive(step: int) -> None:
        post_event(newsroom.app.test_client(), events[step])

    def ready(step: int) -> None:
        till.pay(
            choose(client, attempt=f"{step:016}", email=f"p{step}@example.org", interval=interval)
        )
        [events[step]] = [event for event in till.news() if event["type"] == type][-1:]

    ready(1)
    steps = 0
    for step in killer.at_each_step(receive):
        steps = step
        post_event(client, events[step])
        ready(step + 1)
    assert steps > 5
    till.deliver(client)
    assert count(newsroom, LedgerEntry, LedgerEntry.kind == EntryKind.charge) == steps + 1
    assert newsroom.told() == ["staff"] * (steps + 1) + ["thanks"] * (steps + 1)
    one_each(newsroom, till)


def test_a_refund_event(
    newsroom: Newsroom, client: FlaskClient, till: Till, killer: Killer, choose
):
    till.pay(choose(client, amount_month="own", own_amount="100"))
    till.deliver(client)
    charge = till.newest("charges")
    events: dict[int, Event] = {}

    def ready(step: int) -> None:
        till.sdk.v1.refunds.create({"charge": charge.id, "amount": 100})
        [events[step]] = [one for one in till.news() if one["type"] == "refund.created"][-1:]

    ready(1)
    for step in killer.at_each_step(
        lambda step: post_event(newsroom.app.test_client(), events[step]) and None
    ):
        post_event(client, events[step])
        ready(step + 1)
    till.deliver(client)
    one_each(newsroom, till)


def test_a_refund_made_by_staff(
    newsroom: Newsroom, client: FlaskClient, till: Till, killer: Killer, choose
):
    """Finance presses the button again."""
    till.pay(choose(client, amount_month="own", own_amount="100"))
    till.deliver(client)
    with newsroom.at_work():
        entry = db.session.scalars(sa.select(LedgerEntry.id)).one()
    browser = newsroom.signed_in(newsroom.person(role="finance"))

    def press(step: int) -> None:
        form = {"amount": "1", "key": f"{step:016}"}
        answer = browser.post(f"/staff/payments/{entry}/refund", data=form)
        assert answer.status_code == 303

    steps = 0
    for step in killer.at_each_step(press):
        steps = step
        press(step)
    assert till.total("refunds") == steps + 1
    till.deliver(client)
    assert count(newsroom, LedgerEntry, LedgerEntry.kind == EntryKind.refund) == steps + 1
    assert count(newsroom, AuditEntry, AuditEntry.act == "refund") >= steps
    one_each(newsroom, till)
