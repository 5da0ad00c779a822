"""Donors above a sum: who agreed to be named, by the name they chose, as long as they do."""

import csv
import io
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from config import Mode
from membership.books.models import EntryKind, LedgerEntry
from membership.clock import clock
from membership.extensions import db
from membership.patrons import naming, people
from membership.patrons.models import Person
from membership.patrons.naming_models import NamingConsent
from tests.factories import NOON, Newsroom
from tests.till import Till, app, choose, till

__all__ = ["app", "choose", "till"]  # fixtures


@pytest.fixture(autouse=True)
def noon():
    clock.set(NOON)


@pytest.fixture
def finance(newsroom: Newsroom) -> FlaskClient:
    return newsroom.signed_in(newsroom.person("finance@example.org", role="finance"))


def gave(
    newsroom: Newsroom, email: str, *amounts: int, currency: str = "eur", age: int = 0
) -> Person:
    person = newsroom.person(email)
    with newsroom.at_work():
        for number, amount in enumerate(amounts):
            db.session.add(
                LedgerEntry(
                    kind=EntryKind.charge if amount > 0 else EntryKind.refund,
                    stripe_source=f"{email}-{number}",
                    mode=Mode.sandbox,
                    person_id=person.id,
                    amount=amount,
                    currency=currency,
                    occurred_at=NOON - timedelta(days=age),
                )
            )
        db.session.commit()
    return person


def agree(newsroom: Newsroom, person: Person, name: str) -> FlaskClient:
    browser = newsroom.signed_in(person)
    answer = browser.post("/account/giving/naming", data={"public_name": name})
    assert answer.status_code == 303
    return browser


def names(finance: FlaskClient, asked: str = "") -> list[tuple[str, str]]:
    answer = finance.get(f"/staff/payments/donors.csv{asked}")
    assert answer.status_code == 200
    return [(row["name"], row["gave"]) for row in csv.DictReader(io.StringIO(answer.text))]


def test_only_who_agreed_is_named_and_by_the_name_they_chose(
    newsroom: Newsroom, finance: FlaskClient
):
    agree(newsroom, gave(newsroom, "olha@example.org", 5000, 7000, -2000), "  Olha from Lviv ")
    agree(newsroom, gave(newsroom, "petro@example.org", 2000), "Petro")
    gave(newsroom, "quiet@example.org", 90_000)
    assert names(finance) == [("Olha from Lviv", "100.00"), ("Petro", "20.00")]
    assert names(finance, "?currency=eur&least=100") == [("Olha from Lviv", "100.00")]
    assert names(finance, "?currency=eur&least=100.01") == []
    page = finance.get("/staff/payments/donors?currency=eur&least=50").text
    assert "Olha from Lviv" in page
    assert "Petro" not in page
    assert "€900" not in page


def test_what_counts_is_what_was_given_in_those_days_and_that_currency(
    newsroom: Newsroom, finance: FlaskClient
):
    agree(newsroom, gave(newsroom, "olha@example.org", 5000, age=400), "Olha")
    agree(newsroom, gave(newsroom, "daryna@example.org", 20000, currency="uah"), "Daryna")
    agree(newsroom, gave(newsroom, "back@example.org", 5000, -5000), "Nothing left")
    assert names(finance) == []
    assert names(finance, "?from=2025-01-01&to=2025-12-31") == [("Olha", "50.00")]
    assert names(finance, "?currency=uah") == [("Daryna", "200.00")]


def test_consent_is_off_until_it_is_given_and_can_be_taken_back(
    newsroom: Newsroom, finance: FlaskClient
):
    person = gave(newsroom, "olha@example.org", 5000)
    browser = newsroom.signed_in(person)
    assert "You may name me" in browser.get("/account/giving").text
    agree(newsroom, person, "Olha")
    assert "to be named as “Olha”" in browser.get("/account/giving").text
    agree(newsroom, person, "Olha K.")
    assert names(finance) == [("Olha K.", "50.00")]
    with newsroom.at_work():
        row = db.session.scalars(sa.select(NamingConsent)).one()
        assert (row.text_version, row.given_at) == (naming.TEXT_VERSION, NOON)
    clock.advance(timedelta(days=1))
    assert browser.post("/account/giving/naming/withdraw").status_code == 303
    assert "You may name me" in browser.get("/account/giving").text
    assert names(finance) == []
    with newsroom.at_work():
        row = db.session.scalars(sa.select(NamingConsent)).one()
        assert (row.name, row.given_at, row.withdrawn_at) == (None, NOON, NOON + timedelta(days=1))


def test_a_name_is_needed_and_no_longer_than_a_line(newsroom: Newsroom):
    browser = newsroom.signed_in(gave(newsroom, "olha@example.org", 5000))
    answer = browser.post("/account/giving/naming", data={"public_name": "  "})
    assert answer.status_code == 422
    assert "Enter the name." in answer.text
    assert newsroom.count(NamingConsent) == 0


def test_who_is_erased_has_agreed_to_nothing(newsroom: Newsroom, finance: FlaskClient):
    person = gave(newsroom, "olha@example.org", 5000)
    agree(newsroom, person, "Olha")
    with newsroom.at_work():
        people.erase(db.session.get_one(Person, person.id))
        db.session.commit()
    assert names(finance) == []
    assert newsroom.count(NamingConsent) == 0


def test_a_stranger_agrees_to_nothing(client: FlaskClient, newsroom: Newsroom):
    assert "/sign-in" in client.post("/account/giving/naming", data={"public_name": "X"}).location
    assert newsroom.count(NamingConsent) == 0


def test_a_patron_finds_it_below_their_payments(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    clock.set(None)
    till.pay(choose(client))
    till.deliver(client)
    with newsroom.at_work():
        person = db.session.scalars(sa.select(Person)).one()
    page = newsroom.signed_in(person).get("/account/giving").text
    assert page.index("Your payments") < page.index("Being named")


@pytest.mark.parametrize(
    "asked", ["currency=eur&least=lots", "from=x", "currency=xyz", "from=2026-02-01&to=2026-01-01"]
)
def test_what_makes_no_sense_is_refused(finance: FlaskClient, asked: str):
    assert finance.get(f"/staff/payments/donors?{asked}").status_code == 422
    assert finance.get(f"/staff/payments/donors.csv?{asked}").status_code == 404
