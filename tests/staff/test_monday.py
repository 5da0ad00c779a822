"""The letter of Monday: to those who asked for it, once, with the figures and their links."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from membership.clock import clock
from membership.extensions import db
from membership.mail.models import OutgoingMail
from membership.patrons.models import Person
from membership.staff import monday
from tests.factories import NOON, Newsroom
from tests.staff.test_desk import subscribe

EIGHT = datetime(2026, 3, 16, 6, tzinfo=UTC)
"""On a Monday, at eight in Kyiv."""


@pytest.fixture
def reader(newsroom: Newsroom) -> Person:
    clock.set(NOON)
    newsroom.tiers()
    return newsroom.person("editor@example.org", role="editor")


@pytest.fixture
def desk(newsroom: Newsroom, reader: Person) -> FlaskClient:
    return newsroom.signed_in(reader)


def letters(newsroom: Newsroom) -> list[OutgoingMail]:
    with newsroom.at_work():
        wanted = sa.select(OutgoingMail).where(OutgoingMail.about.startswith("monday:"))
        found = list(db.session.scalars(wanted))
        db.session.expunge_all()
        return found


def send(newsroom: Newsroom) -> int:
    with newsroom.at_work():
        return monday.send_due()


def test_who_asks_for_it_gets_it_each_monday_once(newsroom: Newsroom, desk: FlaskClient):
    subscribe(newsroom, newsroom.member(since=NOON), 500)
    desk.post("/staff/monday", data={"wanted": "yes"})
    assert "Send it no more" in desk.get("/staff").text
    clock.set(EIGHT)
    assert send(newsroom) == 1
    assert send(newsroom) == 0
    clock.set(EIGHT + timedelta(days=7))
    assert send(newsroom) == 1
    assert {letter.recipient for letter in letters(newsroom)} == {"editor@example.org"}


def test_it_tells_the_week_in_words_with_their_links(newsroom: Newsroom, desk: FlaskClient):
    subscribe(newsroom, newsroom.member(since=NOON), 500)
    subscribe(newsroom, newsroom.member(since=NOON), 700, status="past_due")
    desk.post("/staff/monday", data={"wanted": "yes"})
    clock.set(EIGHT)
    send(newsroom)
    [letter] = letters(newsroom)
    assert letter.subject == "The week from 9 March 2026 to 15 March 2026"
    for words in ("1 renewal fails: €7 that may be lost", "2 came", "€12 a month (+€12)"):
        assert words in letter.text
        assert words in letter.html
    link = "/staff/figures/lists/changes?move=new&from=2026-03-09&to=2026-03-15"
    assert link in letter.text
    listed = desk.get(link).text
    assert listed.count("<tr>") == 1 + 2


def test_before_seven_and_on_another_day_nothing_is_sent(newsroom: Newsroom, desk: FlaskClient):
    desk.post("/staff/monday", data={"wanted": "yes"})
    for moment in (EIGHT - timedelta(hours=2), EIGHT + timedelta(days=1)):
        clock.set(moment)
        assert send(newsroom) == 0


def test_who_does_not_want_it_or_is_no_staff_gets_none(
    newsroom: Newsroom, desk: FlaskClient, reader: Person
):
    former = newsroom.person("former@example.org")
    with newsroom.at_work():
        db.session.get_one(Person, former.id).wants_monday_letter = True
        db.session.commit()
    desk.post("/staff/monday", data={"wanted": "yes"})
    desk.post("/staff/monday", data={"wanted": "no"})
    assert "Send it to me" in desk.get("/staff").text
    clock.set(EIGHT)
    assert send(newsroom) == 0


def test_it_is_in_its_readers_language(newsroom: Newsroom, desk: FlaskClient, reader: Person):
    subscribe(newsroom, newsroom.member(since=NOON), 500)
    desk.post("/staff/monday", data={"wanted": "yes"})
    with newsroom.at_work():
        db.session.get_one(Person, reader.id).language = "uk"
        db.session.commit()
    clock.set(EIGHT)
    send(newsroom)
    [letter] = letters(newsroom)
    assert "березня" in letter.subject
    assert "Прихильники".upper() in letter.text.upper()
