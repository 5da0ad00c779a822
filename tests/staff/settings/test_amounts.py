"""A newsroom says in which currencies, how often, how little and how much readers may give."""

import re
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from membership.books import tiers
from membership.books.models import Donation, Interval, Subscription, Suggestion, Tier
from membership.clock import clock
from membership.extensions import db
from membership.settings.models import Setting
from tests.factories import Newsroom
from tests.staff.settings.conftest import seen
from tests.till import Till, app, giving_form, till

__all__ = ["app", "till"]  # fixtures

ADDRESS = "/staff/settings/amounts"
AS_IT_IS: dict[str, Any] = {
    "currencies": "EUR, USD, UAH",
    "intervals": ["month", "year", "once"],
    "first_interval": "month",
    "first_tier": "",
}


def save(desk: FlaskClient, *, at: str | None = None, **values: Any) -> Any:
    version = seen(desk, ADDRESS) if at is None else at
    return desk.post(ADDRESS, data=AS_IT_IS | values | {"seen": version})


def give(reader: FlaskClient, **changes: str) -> Any:
    return reader.post("/support/checkout", data=giving_form(**changes))


def chosen(page: str) -> tuple[str, str]:
    """How often, and which of its amounts, is chosen as the page opens."""
    found = re.findall(r"<input[^>]* type=\"radio\"[^>]*>", page)
    values = [
        (re.findall(r'name="(\w+)"', one)[0], re.findall(r'value="(\w+)"', one)[0])
        for one in found
        if "checked" in one
    ]
    interval = dict(values)["interval"]
    return interval, dict(values)[f"amount_{interval}"]


def test_currencies_are_taken_in_the_order_written(desk: FlaskClient, reader: FlaskClient):
    assert save(desk, currencies=" uah eur;UAH").status_code == 303
    page = reader.get("/support").text
    assert re.findall(r'name="change_currency"\s+value="(\w+)"', page) == ["uah", "eur"]
    assert 'value="UAH, EUR"' in desk.get(ADDRESS).text
    refused = give(reader, currency="usd")
    assert refused.status_code == 422
    assert "We do not take usd" in refused.text


def test_with_one_currency_there_is_nothing_to_choose(desk: FlaskClient, reader: FlaskClient):
    save(desk, currencies="eur")
    assert "change_currency" not in reader.get("/support").text


def test_how_often_is_what_is_offered(desk: FlaskClient, reader: FlaskClient):
    assert save(desk, intervals=["year", "once"], first_interval="once").status_code == 303
    page = reader.get("/support").text
    assert chosen(page)[0] == "once"
    assert 'value="month"' not in page
    assert chosen(reader.get("/support?interval=month").text)[0] == "once"
    assert chosen(reader.get("/support?interval=year").text)[0] == "year"
    refused = give(reader, interval="month")
    assert refused.status_code == 422
    assert "interval=once" in reader.get("/support/other-ways").text

    save(desk, intervals=["month"], first_interval="month")
    page = reader.get("/support").text
    assert "How often" not in page
    assert "One-time gifts" not in page
    assert chosen(page)[0] == "month"
    assert "interval=once" not in reader.get("/support/other-ways").text
    begun = give(reader, interval="month")
    assert begun.status_code == 303


def test_who_gives_by_the_year_may_go_on_where_only_months_are_offered(
    newsroom: Newsroom, till: Till, desk: FlaskClient, reader: FlaskClient
):
    till.pay(give(reader, interval="year").location)
    till.deliver(reader)
    with newsroom.at_work():
        gift = db.session.scalars(sa.select(Subscription)).one()
        person, stripe_id = gift.person, gift.stripe_id
        db.session.expunge_all()
    patron = newsroom.signed_in(person)
    save(desk, intervals=["month"], first_interval="month")
    page = patron.get(f"/account/giving/{stripe_id}/amount").text
    assert re.findall(r'name="interval"[^>]* value="(\w+)"', page) == ["month", "year"]


def test_the_tier_that_is_chosen_first(desk: FlaskClient, reader: FlaskClient):
    page = reader.get("/support").text
    amounts = re.findall(r'name="amount_month"[^>]* value="(\d+)"', page)
    assert chosen(page)[1] == amounts[1]
    save(desk, first_tier="guardian")
    assert chosen(reader.get("/support").text)[1] == amounts[3]


@pytest.mark.parametrize("bound", ["at least", "at most"])
def test_amounts_are_taken_within_bounds(desk: FlaskClient, reader: FlaskClient, bound: str):
    values = {"least_eur": "2,50"} if bound == "at least" else {"most_eur": "300"}
    assert save(desk, **values).status_code == 303
    typed, told = ("2.49", "€2.50") if bound == "at least" else ("300.01", "€300")
    own = {"amount_month": "own", "own_amount": typed}
    refused = give(reader, **own)
    assert refused.status_code == 422
    assert told in refused.text
    taken = own | {"own_amount": "2.50" if bound == "at least" else "300"}
    assert give(reader, **taken).status_code == 303
    dollars = give(reader, currency="usd", amount_month="own", own_amount="1")
    assert dollars.status_code == 303


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"currencies": " , "}, "Take at least one currency"),
        ({"currencies": "EUR, ABC"}, "ABC is no currency that Stripe takes"),
        ({"currencies": "eur usd uah gbp pln czk chf sek nok dkk huf ron bgn"}, "At most 12"),
        ({"intervals": []}, "Offer at least one"),
        ({"intervals": ["year"]}, "Choose one that you offer"),
        ({"intervals": ["week"]}, "not a valid choice"),
        ({"first_tier": "nothing"}, "Not a valid choice"),
        ({"least_eur": "0.49"}, "Stripe charges no less than €0.50"),
        ({"least_uah": "пів"}, "Enter an amount as a number"),
        ({"least_eur": "$5"}, "The amount is in EUR here"),
        ({"least_eur": "4"}, "suggests €3. Change that first"),
        ({"most_eur": "20"}, "Change that first"),
        ({"most_usd": "0.40"}, "This is less than the smallest amount"),
        ({"least_usd": "2", "most_usd": "1"}, "This is less than the smallest amount"),
        ({"least_usd": "10001"}, "suggests"),
        ({"currencies": "EUR, HUF", "least_eur": "", "most_eur": "1"}, "Change that first"),
        ({"most_eur": "1000000"}, "Stripe charges no more than €999,999.99"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field_and_changes_nothing(
    newsroom: Newsroom, desk: FlaskClient, wrong: dict[str, Any], told: str
):
    answer = save(desk, **wrong)
    page = unescape(answer.text)
    assert answer.status_code == 422
    assert told in page
    assert "There is a problem" in page
    assert seen(desk, ADDRESS) == "0"


def test_bounds_of_a_currency_that_is_not_taken_now_are_kept(desk: FlaskClient):
    save(desk, most_usd="9000")
    assert save(desk, currencies="EUR", most_usd="9000").status_code == 303
    assert "most_usd" not in desk.get(ADDRESS).text
    save(desk)
    assert re.search(r'name="most_usd"[^>]* value="9000"', desk.get(ADDRESS).text)


def test_what_a_tier_suggests_outside_of_the_bounds_is_not_offered(
    newsroom: Newsroom, desk: FlaskClient, reader: FlaskClient
):
    """It may come there by another way, such as a bound put back."""
    save(desk, least_eur="3")
    with newsroom.at_work():
        leaflet = Tier(slug="leaflet", position=9, name={"en": "Leaflet"}, line={})
        leaflet.suggestions = [Suggestion(currency="eur", interval=Interval.month, amount=100)]
        db.session.add(leaflet)
        db.session.commit()
        first = next(row.amount for row in tiers.suggestions("eur")["month"])
        assert first == 300
    assert "Leaflet" not in reader.get("/support").text


def test_two_who_change_the_same_bound_are_told(newsroom: Newsroom, desk: FlaskClient):
    other = newsroom.signed_in(newsroom.person("other@example.org", role="admin"))
    both_saw = seen(desk, ADDRESS)
    assert save(other, at=both_saw, most_eur="500", currencies="eur, usd").status_code == 303
    refused = save(desk, at=both_saw, most_eur="600")
    assert refused.status_code == 409
    page = unescape(refused.text)
    assert "Somebody else has just set this to: €500" in page
    assert re.search(r'name="most_eur"[^>]* value="600"', page)
    assert 'value="EUR, USD"' in page
    [now] = re.findall(r'name="seen"[^>]* value="(\d+)"', page)
    assert save(desk, at=now, most_eur="600", currencies="eur, usd").status_code == 303
    assert "€600" in unescape(desk.get("/staff/settings/changes").text)


def test_who_comes_back_after_a_currency_was_taken_off_begins_anew(
    desk: FlaskClient, reader: FlaskClient
):
    sent = give(reader, currency="uah", amount_month="own", own_amount="500")
    assert sent.status_code == 303
    save(desk, currencies="eur")
    with reader.application.app_context():
        [public_id] = db.session.scalars(sa.select(Donation.public_id)).all()
    page = reader.get(f"/support?d={public_id}").text
    assert "olha@example.org" in page
    assert chosen(page)[1] != "own"
    assert 'value="500"' not in re.sub(r'<input[^>]*type="radio"[^>]*>', "", page)


def test_what_fits_alone_and_not_with_what_another_has_set_is_told(
    newsroom: Newsroom, desk: FlaskClient, reader: FlaskClient
):
    other = newsroom.signed_in(newsroom.person("other@example.org", role="admin"))
    both_saw = seen(desk, ADDRESS)
    assert save(other, at=both_saw, intervals=["month", "once"]).status_code == 303
    refused = save(desk, at=both_saw, first_interval="year")
    assert refused.status_code == 409
    assert "Somebody else has just changed this" in refused.text
    assert chosen(reader.get("/support").text)[0] == "month"


def test_what_does_not_fit_any_more_is_not_put_back(desk: FlaskClient, reader: FlaskClient):
    save(desk, first_interval="year")
    save(desk, intervals=["year", "once"], first_interval="once")
    page = unescape(desk.get("/staff/settings/changes").text)
    undo = re.findall(r"/staff/settings/changes/(\d+)/undo", page)[-1]
    answer = desk.post(f"/staff/settings/changes/{undo}/undo", follow_redirects=True)
    assert "It cannot be put back" in answer.text
    assert chosen(reader.get("/support").text)[0] == "once"


def test_an_interval_that_another_program_chose_first_breaks_nothing(
    newsroom: Newsroom, reader: FlaskClient
):
    with newsroom.at_work():
        for name, value in (("intervals", ["year"]), ("first_interval", "month")):
            db.session.add(Setting(name=name, value=value, at=clock.now(), by_id=None))
        db.session.commit()
    assert chosen(reader.get("/support").text)[0] == "year"


def test_each_change_can_be_put_back(desk: FlaskClient, reader: FlaskClient):
    save(desk, intervals=["month"], currencies="eur", least_eur="1", first_tier="guardian")
    page = unescape(desk.get("/staff/settings/changes").text)
    assert "Monthly, Yearly, Once" in page
    for number in re.findall(r"/staff/settings/changes/(\d+)/undo", page):
        desk.post(f"/staff/settings/changes/{number}/undo")
    page = reader.get("/support").text
    assert re.findall(r'name="change_currency"\s+value="(\w+)"', page) == ["eur", "usd", "uah"]
    assert 'value="once"' in page
