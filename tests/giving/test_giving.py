"""A patron's own page: what they give, and how to change or stop it."""

import pytest
import requests
import sqlalchemy as sa
from flask.testing import FlaskClient

from membership.books import tiers
from membership.books.models import Donation, Subscription
from membership.extensions import db
from membership.patrons.models import Person
from tests.factories import Newsroom
from tests.till import Till, giving_form


@pytest.fixture
def patron(newsroom: Newsroom, client: FlaskClient, till: Till, choose) -> FlaskClient:
    """A browser in which a patron of five euros a month is signed in."""
    till.pay(choose(client))
    till.deliver(client)
    with newsroom.at_work():
        person = db.session.scalars(sa.select(Person)).one()
    return newsroom.signed_in(person)


def test_a_patron_sees_what_they_give_and_what_they_paid(patron: FlaskClient):
    page = patron.get("/account/giving").text
    assert "€5 a month" in page
    assert "The next payment is due on" in page
    assert page.count("Regular gift") == 1


def test_cancelling_in_the_portal_keeps_what_was_paid_for(
    patron: FlaskClient, newsroom: Newsroom, till: Till
):
    portal = patron.post("/account/giving/portal").location
    subscription = till.newest("subscriptions")
    requests.post(portal, data={"cancel": subscription.id}, timeout=10)
    till.deliver(patron)
    assert "Cancelled. Your membership holds until" in patron.get("/account/giving").text
    assert "You have a vote" in patron.get("/account").text


def test_who_gives_already_is_offered_a_change_and_not_a_second_subscription(
    patron: FlaskClient, newsroom: Newsroom, till: Till
):
    answer = patron.post("/support/checkout", data=giving_form(attempt="b" * 16))
    assert answer.status_code == 303
    assert "nothing new was started" in patron.get(answer.location).text
    assert newsroom.count(Donation) == newsroom.count(Subscription) == 1


def test_a_patron_can_still_give_once(patron: FlaskClient, till: Till):
    answer = patron.post("/support/checkout", data=giving_form(attempt="b" * 16, interval="once"))
    assert "/c/pay/" in answer.location
    assert till.total("customers") == 1


def test_a_stranger_has_nothing_to_manage(newsroom: Newsroom):
    browser = newsroom.signed_in(newsroom.person())
    assert browser.post("/account/giving/portal").status_code == 404


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"email": "olha"}, "does not look like an e-mail address"),
        ({"email": ""}, "Enter your e-mail address."),
        ({"amount_month": "own", "own_amount": "lots"}, "Enter an amount as a number"),
        ({"interval": "week"}, "Choose an amount and how often"),
        ({"amount_month": "own", "own_amount": "0,20"}, "The smallest amount we can take is €0.50"),
        ({"amount_month": "own", "own_amount": "-5"}, "The smallest amount we can take is €0.50"),
        ({"amount_month": "own", "own_amount": "5.005"}, "Enter an amount as a number"),
        ({"amount_month": "own", "own_amount": "99999"}, "€10,000 is the most we take by card"),
        ({"amount_month": "nonsense"}, "Choose an amount and how often."),
    ],
)
def test_bad_input_is_told_where_it_is_and_stays_typed(
    newsroom: Newsroom, client: FlaskClient, till: Till, changes, says
):
    answer = client.post("/support/checkout", data=giving_form(**changes))
    assert answer.status_code == 422
    assert says in answer.text
    for typed in {k: v for k, v in changes.items() if k in ("email", "own_amount") and v}.values():
        assert f'value="{typed}"' in answer.text
    assert newsroom.count(Donation) == 0


def test_a_currency_that_is_not_offered_becomes_the_first_one(client: FlaskClient):
    assert 'value="eur"' in client.get("/support?currency=xyz").text


def test_a_payment_service_that_is_away_loses_nothing(newsroom: Newsroom, make_app):
    away = make_app(sandbox_url="http://127.0.0.1:9").test_client()
    answer = away.post("/support/checkout", data=giving_form())
    assert answer.status_code == 503
    assert "Nothing was charged" in answer.text
    assert 'value="olha@example.org"' in answer.text
    assert newsroom.count(Donation) == 1


def test_the_article_a_patron_came_from_is_remembered(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    assert 'value="/2026/roads"' in client.get("/support?from=/2026/roads").text
    choose(client, source="/2026/roads")
    with newsroom.at_work():
        assert db.session.scalars(sa.select(Donation.source)).one() == "/2026/roads"


def test_the_button_in_ukrainian_says_what_one_would_say(newsroom, client):
    newsroom.tiers()
    client.set_cookie("language", "uk")
    page = client.get("/support").text.replace("\u00a0", " ")
    for said in ("Підтримати: 5 € щомісяця", "Підтримати: 50 € щороку", "Підтримати: 25 €<"):
        assert said in page
    assert "Давати" not in page
    assert 'data-own="Підтримати: {} щомісяця"' in page


def test_what_stands_in_another_language_than_the_page_says_so(newsroom, client):
    newsroom.tiers()
    with newsroom.at_work():
        for tier in tiers.every():
            tier.name = {"uk": "Читач"}
            tier.benefits = {"uk": ["Лист щонеділі"]}
        db.session.commit()
    english = client.get("/support").text
    assert '<span class="tile-name" lang="uk">Читач</span>' in english
    assert '<ul lang="uk"><li>Лист щонеділі</li></ul>' in english
    assert '<span class="tile-line">' in english
    client.set_cookie("language", "uk")
    ukrainian = client.get("/support").text
    assert '<span class="tile-name">Читач</span>' in ukrainian
    assert "<ul><li>Лист щонеділі</li></ul>" in ukrainian
