"""The list of people: found by any part of a name or an address, narrowed, kept, exported."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from config import Mode
from membership.books.models import Donation, Interval, Subscription
from membership.clock import clock
from membership.extensions import db
from membership.patrons import people as known
from membership.patrons.models import MembershipKind, Person
from membership.staff.models import AuditEntry, Segment
from membership.staff.people import people
from membership.staff.people.filters import Wanted
from tests.factories import NOON, Newsroom
from tests.staff.test_desk import subscribe
from tests.votes import Votes, open_round

__all__ = ["open_round"]  # a fixture


@pytest.fixture(autouse=True)
def noon():
    clock.set(NOON)


@pytest.fixture
def browser(newsroom: Newsroom) -> FlaskClient:
    newsroom.tiers()
    return newsroom.signed_in(newsroom.person("chief@example.org", role="admin"))


def named(newsroom: Newsroom, name: str | None, email: str) -> Person:
    person = newsroom.person(email)
    change(newsroom, person, name=name)
    return person


def change(newsroom: Newsroom, person: Person, **values: object) -> None:
    with newsroom.at_work():
        db.session.execute(sa.update(Person).where(Person.id == person.id).values(**values))
        db.session.commit()


def found(newsroom: Newsroom, words: str = "", **wanted: object) -> list[str]:
    """The part before the @ of each address, but for the chief's."""
    with newsroom.at_work():
        asked = Wanted(words=words, **wanted)
        rows = people.listed(Mode.sandbox, asked, limit=50)
        assert rows == people.listed(Mode.sandbox, asked, limit=50, are_many=True)
        names = [row.email.partition("@")[0] for row in rows]
        assert len(names) == people.counted(Mode.sandbox, asked)
        return [name for name in names if name != "chief"]


@pytest.mark.parametrize(
    ("words", "whom"),
    [
        ("шевч", ["taras"]),
        ("ШЕВЧ", ["taras"]),
        ("енко", ["lesia", "taras"]),
        ("EXAMPLE", ["lesia", "taras", "nobody", "100%_mail"]),
        ("Ol", []),
        ("Та", ["taras"]),
        ("та", ["taras"]),
        ("le", ["lesia"]),
        ("l", ["lesia"]),
        ("%_", []),
        ("0%_m", ["100%_mail"]),
        ("a%e", []),
        ('"', []),
        ('"a" or "b', []),
        ("zzz", []),
        ("taras@example.org", ["taras"]),
    ],
)
def test_any_part_of_a_name_or_an_address_finds(
    newsroom: Newsroom, browser: FlaskClient, words, whom
):
    named(newsroom, "Marko", "100%_mail@example.org")
    named(newsroom, None, "nobody@example.org")
    named(newsroom, "Тарас Шевченко", "taras@example.org")
    named(newsroom, "Леся Косаченко", "lesia@example.org")
    assert found(newsroom, words) == whom


def test_who_is_renamed_or_gone_is_found_as_they_are_now(newsroom: Newsroom, browser: FlaskClient):
    olha = named(newsroom, "Olha Petrenko", "olha@example.org")
    change(newsroom, olha, name="Olha Bondar")
    assert found(newsroom, "petrenko") == []
    assert found(newsroom, "bondar") == ["olha"]
    with newsroom.at_work():
        known.erase(db.session.get_one(Person, olha.id))
        db.session.commit()
    assert found(newsroom, "bondar") == []


def test_each_filter_narrows_and_all_of_them_together(newsroom: Newsroom, browser: FlaskClient):
    small = newsroom.member("small@example.org")
    subscribe(newsroom, small, 500)
    with newsroom.at_work():
        tier = db.session.scalars(sa.select(Subscription.tier_id)).one()
    large = newsroom.member("large@example.org")
    subscribe(newsroom, large, 60000, interval=Interval.year, cancel_at=NOON)
    hryvnia = newsroom.member("hryvnia@example.org")
    subscribe(newsroom, hryvnia, 20000, currency="uah", status="past_due")
    newsroom.member("source@example.org", kind=MembershipKind.comped)
    newsroom.member("was@example.org", until=NOON - timedelta(days=1))
    never = newsroom.person("never@example.org")
    change(newsroom, never, language="uk", wants_vote_mail=False)
    with newsroom.at_work():
        db.session.add(
            Donation(
                public_id="d",
                attempt="a",
                mode=Mode.sandbox,
                email="small@example.org",
                person_id=small.id,
                language="en",
                interval=Interval.month,
                amount=500,
                currency="eur",
                tier_id=tier,
                source="/wells",
                created_at=NOON,
                paid_at=NOON,
            )
        )
        db.session.commit()
    for wanted, whom in (
        ({"state": "now"}, ["source", "hryvnia", "large", "small"]),
        ({"state": "patron"}, ["hryvnia", "large", "small"]),
        ({"state": "comped"}, ["source"]),
        ({"state": "gift"}, []),
        ({"state": "was"}, ["was"]),
        ({"state": "never"}, ["never"]),
        ({"tier": tier}, ["hryvnia", "large", "small"]),
        ({"interval": "year"}, ["large"]),
        ({"currency": "uah"}, ["hryvnia"]),
        ({"currency": "eur", "least": 501}, ["large"]),
        ({"currency": "eur", "most": 500}, ["small"]),
        ({"currency": "eur", "least": 500, "most": 500}, ["small"]),
        ({"currency": "eur", "interval": "month", "least": 501}, []),
        ({"since": date(2026, 3, 10)}, ["hryvnia", "large", "small"]),
        ({"since": date(2026, 3, 11)}, []),
        ({"until": date(2026, 3, 10), "currency": "uah"}, ["hryvnia"]),
        ({"source": "/wells"}, ["small"]),
        ({"language": "uk"}, ["never"]),
        ({"trouble": "failing"}, ["hryvnia"]),
        ({"trouble": "ending"}, ["large"]),
        ({"vote_mail": False}, ["never"]),
        ({"state": "patron", "vote_mail": True, "trouble": "ending"}, ["large"]),
        ({"state": "patron", "words": "hryv"}, ["hryvnia"]),
    ):
        assert found(newsroom, **wanted) == whom, wanted


def test_who_voted_lately_and_who_could_have(
    newsroom: Newsroom, browser: FlaskClient, open_round: Callable[..., Votes]
):
    olha, petro = newsroom.member("olha@example.org"), newsroom.member("petro@example.org")
    first = open_round()
    first.cast(petro, "Roads")
    first.close()
    clock.advance(timedelta(days=1))
    newsroom.member("late@example.org", since=clock.now() + timedelta(hours=1))
    second = open_round()
    second.cast(olha, "Roads")
    assert found(newsroom, voted=True) == ["petro"]  # the second one is still open
    second.close()
    assert found(newsroom, voted=True) == ["olha"]
    assert found(newsroom, voted=True, rounds=2) == ["petro", "olha"]
    assert found(newsroom, voted=False) == ["petro"]
    assert found(newsroom, voted=False, rounds=2) == []


def test_the_address_says_what_is_asked_for(newsroom: Newsroom, browser: FlaskClient):
    subscribe(newsroom, newsroom.member("small@example.org"), 500)
    subscribe(newsroom, newsroom.member("large@example.org"), 700)
    page = browser.get("/staff/people?currency=eur&amount_from=6,50&state=now").text
    assert "large@example.org" in page
    assert "small@example.org" not in page
    assert 'value="6,50"' in page
    assert "1 person" in page
    assert "/staff/people.csv?currency=eur&amp;amount_from=6,50&amp;state=now" in page


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("amount_from=7", "Choose the currency of the amount."),
        ("amount_from=lots&currency=eur", "Enter an amount as a number"),
        ("since=2026-03-02&until=2026-03-01", "Choose a day that is not before the first one."),
        ("voted=yes&rounds=99", "Enter a number of rounds between 1 and 20."),
        ("state=king", "Not a valid choice"),
        ("tier=king", "Not a valid choice"),
    ],
)
def test_what_cannot_be_asked_for_is_said_where_it_is_typed(browser: FlaskClient, asked, says):
    answer = browser.get(f"/staff/people?{asked}")
    assert answer.status_code == 422
    assert says in answer.text
    assert browser.get(f"/staff/people.csv?{asked}").status_code == 404


def test_the_list_can_be_had_as_csv_with_amounts_and_days(newsroom: Newsroom, browser: FlaskClient):
    olha = named(newsroom, "=1+1", "olha@example.org")
    subscribe(newsroom, olha, 750)
    sheet = browser.get("/staff/people.csv?q=olha").text.splitlines()
    assert sheet[0].startswith("name,e-mail,language")
    assert sheet[1] == "'=1+1,olha@example.org,en,2026-03-10,7.50,eur,month,1,active,,"


def test_a_long_list_is_exported_in_batches(newsroom: Newsroom, browser: FlaskClient, monkeypatch):
    monkeypatch.setattr(people, "AT_ONCE", 3)
    for number in range(8):
        newsroom.member(f"member{number}@example.org")
    sheet = browser.get("/staff/people.csv?q=member").text.splitlines()
    assert [line.split(",")[1] for line in sheet[1:]] == [
        f"member{number}@example.org" for number in reversed(range(8))
    ]


def test_more_than_can_be_counted_is_said_to_be_more(
    newsroom: Newsroom, browser: FlaskClient, monkeypatch
):
    monkeypatch.setattr(people, "MOST_COUNTED", 2)
    newsroom.members(4)
    assert "More than 2 people" in browser.get("/staff/people").text


def test_a_segment_is_kept_opened_and_forgotten(newsroom: Newsroom, browser: FlaskClient):
    form = {"query": "state=comped&page=7&evil=1&tier=", "name": " Our  sources "}
    assert browser.post("/staff/people/segments", data=form).status_code == 303
    with newsroom.at_work():
        assert db.session.scalars(sa.select(Segment.query)).one() == "state=comped"
    page = browser.get("/staff/people/segments").text
    assert 'href="/staff/people?state=comped"' in page
    assert "Our sources" in page
    again = browser.post("/staff/people/segments", data=form)
    assert again.status_code == 422
    assert "Another segment is called so." in again.text
    for query, why in (("state=king", "Not a valid choice"), ("state=now", "Give it a name.")):
        bad = browser.post("/staff/people/segments", data={"query": query, "name": ""})
        assert bad.status_code == 422
        assert why in bad.text
    assert browser.post("/staff/people/segments/1/drop").status_code == 303
    assert browser.post("/staff/people/segments/1/drop").status_code == 404
    with newsroom.at_work():
        acts = db.session.scalars(sa.select(AuditEntry.act).order_by(AuditEntry.id)).all()
    assert acts == ["keep segment", "drop segment"]


def test_who_is_one_with_another_is_listed_only_by_name(newsroom: Newsroom, browser: FlaskClient):
    olha, double = newsroom.person("olha@example.org"), newsroom.person("double@example.org")
    browser.post(f"/staff/people/{olha.id}/join", data={"gone": double.id})
    assert found(newsroom) == ["olha"]
    assert found(newsroom, "double") == ["double"]
