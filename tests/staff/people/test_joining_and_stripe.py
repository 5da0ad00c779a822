"""What Stripe tells of somebody who was joined lands with who stayed, whenever it is told."""

import pytest
import sqlalchemy as sa
from dateutil.relativedelta import relativedelta
from flask.testing import FlaskClient

from membership.books.models import Customer, EntryKind, LedgerEntry, Subscription
from membership.clock import clock
from membership.extensions import db
from membership.history.models import Movement
from membership.patrons import memberships, people
from membership.patrons.models import Person
from membership.staff.people import joining
from tests.children import all_went_well, in_a_child
from tests.factories import Newsroom
from tests.staff.people.test_joining import check_figures
from tests.till import Till, app, giving_form, post_event, till

__all__ = ["app", "till"]  # fixtures

OLHA, DOUBLE = "olha@example.org", "double@example.org"


@pytest.fixture
def patrons(newsroom: Newsroom, client: FlaskClient, till: Till) -> tuple[int, int]:
    """Two who give monthly, by their ids: five euros and nine."""
    for email, amount in ((OLHA, "500"), (DOUBLE, "1000")):
        form = giving_form(email=email, amount_month=amount, attempt=f"{email:_<32}"[:32])
        till.pay(client.post("/support/checkout", data=form).location)
        till.deliver(client)
    with newsroom.at_work():
        return tuple(people.by_email(email).id for email in (OLHA, DOUBLE))


def joined(kept_id: int, gone_id: int) -> None:
    kept, gone = (db.session.get_one(Person, one) for one in (kept_id, gone_id))
    joining.join(kept, gone, by=kept)


def parted() -> None:
    found = db.session.scalars(sa.select(joining.Joining)).one()
    joining.undo(found, by=db.session.get_one(Person, found.kept_id))


def a_month_later(till: Till) -> None:
    till.let_pass(till.now() + relativedelta(months=1, days=1))
    clock.set(till.now())


def whose(newsroom: Newsroom, model: type) -> set[int]:
    with newsroom.at_work():
        return set(db.session.scalars(sa.select(model.person_id)))


def charges(newsroom: Newsroom, person_id: int) -> list[int]:
    with newsroom.at_work():
        wanted = sa.select(LedgerEntry.amount).where(
            LedgerEntry.person_id == person_id, LedgerEntry.kind == EntryKind.charge
        )
        return sorted(db.session.scalars(wanted))


def test_a_renewal_after_the_joining_is_theirs_who_stayed_and_goes_back_when_parted(
    newsroom: Newsroom, client: FlaskClient, till: Till, patrons
):
    kept, gone = patrons
    with newsroom.at_work():
        joined(kept, gone)
    a_month_later(till)
    assert set(till.deliver(client)) == {200}
    assert charges(newsroom, kept) == [500, 500, 1000, 1000]
    for model in (Subscription, Customer, LedgerEntry, Movement):
        assert whose(newsroom, model) == {kept}
    check_figures(newsroom)
    with newsroom.at_work():
        parted()
        assert memberships.is_member(db.session.get_one(Person, gone))
    assert charges(newsroom, gone) == [1000, 1000]
    check_figures(newsroom)


def test_a_refund_and_a_new_gift_by_the_address_that_went_are_theirs_who_stayed(
    newsroom: Newsroom, client: FlaskClient, till: Till, patrons
):
    kept, gone = patrons
    with newsroom.at_work():
        joined(kept, gone)
    charge = till.newest("charges")
    till.sdk.v1.refunds.create({"charge": charge.id, "amount": 300})
    form = giving_form(email=DOUBLE, interval="once", attempt="z" * 32)
    till.pay(client.post("/support/checkout", data=form).location)
    assert set(till.deliver(client)) == {200}
    assert whose(newsroom, LedgerEntry) == {kept}
    assert charges(newsroom, kept) == [500, 1000, 2500]
    check_figures(newsroom)


def test_a_joining_while_news_arrives_loses_nothing(
    newsroom: Newsroom, client: FlaskClient, till: Till, patrons
):
    kept, gone = patrons
    a_month_later(till)
    charge = till.newest("charges")
    till.sdk.v1.refunds.create({"charge": charge.id, "amount": 300})
    news = till.news()

    def hear(events) -> None:
        postman = newsroom.app.test_client()
        for event in events:
            while post_event(postman, event).status_code != 200:
                pass  # Stripe sends again what was answered otherwise

    children = [
        in_a_child(newsroom.app, lambda: hear(news[::2])),
        in_a_child(newsroom.app, lambda: hear(news[1::2])),
        in_a_child(newsroom.app, lambda: joined(kept, gone)),
    ]
    all_went_well(children)
    for model in (Subscription, Customer, LedgerEntry, Movement):
        assert whose(newsroom, model) == {kept}, model
    assert charges(newsroom, kept) == [500, 500, 1000, 1000]
    check_figures(newsroom)
