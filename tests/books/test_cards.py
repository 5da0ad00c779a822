"""The card that pays: known from what was charged and from what Stripe tells of cards."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from membership.books import settlement
from membership.books.card_models import Card
from membership.clock import clock
from membership.extensions import db
from membership.figures import coming
from membership.giving import erasure
from membership.history.models import Due, DueKind
from membership.patrons.models import Person
from tests.till import Till, app, choose, till

__all__ = ["app", "choose", "till"]


@pytest.fixture
def patron(app: Flask, client: FlaskClient, till: Till, choose: Any) -> str:
    """Gives €5 a month by a card that expires soon; their customer at Stripe."""
    till.pay(choose(client), exp="01/27")
    till.deliver(client)
    return str(till.newest("customers").id)


def card() -> Card:
    return db.session.scalars(sa.select(Card)).one()


def test_what_was_charged_says_which_card_pays(app: Flask, patron: str):
    with app.app_context():
        db.session.execute(sa.delete(Card))
        db.session.commit()
        settlement.run()
        assert (card().stripe_customer, card().last4) == (patron, "4242")
        [due] = db.session.scalars(sa.select(Due).where(Due.kind == DueKind.card))
        assert due.day == card().expires_on


def test_a_new_card_is_told_of_before_it_is_charged_and_older_news_changes_nothing(
    app: Flask, client: FlaskClient, till: Till, patron: str
):
    told = till.news()
    till.deliver(client, told)
    till.update_card(patron)
    till.deliver(client)
    with app.app_context():
        assert card().expires_on.year == 2040
        settlement.run()
        assert card().expires_on.year == 2040, "what was charged before is older"
    till.deliver(client, told)
    with app.app_context():
        assert card().expires_on.year == 2040
        [its] = coming.coming(card().mode).values()
        assert not its.expiring.times


def test_a_card_that_expires_within_the_ninety_days_is_counted(app: Flask, patron: str):
    with app.app_context():
        settlement.run()
        clock.set(datetime(2026, 12, 20, 12, tzinfo=UTC))
        [its] = coming.coming(card().mode).values()
        assert (its.expiring.times, its.expiring.amount) == (1, 500)
        assert its.cards[date(2027, 1, 31)].times == 1


def test_a_card_is_forgotten_with_its_person(app: Flask, patron: str):
    with app.app_context():
        settlement.run()
        person = db.session.scalars(sa.select(Person).where(Person.id == card().person_id)).one()
        erasure.erase(person)
        assert not db.session.scalars(sa.select(Card)).all()
        settlement.run()
        assert not db.session.scalars(sa.select(Card)).all()
