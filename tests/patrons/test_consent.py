"""Who gives may be asked whether they may be written to; what they agreed to is kept."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from membership.books.models import Donation
from membership.clock import clock
from membership.extensions import db
from membership.patrons import consent, people
from membership.patrons.consent_models import LetterConsent
from membership.patrons.models import Person
from membership.staff.people import joining
from tests.factories import Newsroom
from tests.staff.settings.conftest import NEWSROOM, desk, reader
from tests.till import Till, app, giving_form, till

__all__ = ["app", "desk", "reader", "till"]  # fixtures

WORDS = "Write to me now and then about what patrons made possible."


@pytest.fixture
def asks(desk: FlaskClient) -> FlaskClient:
    """The desk of a newsroom that asks."""
    assert (
        desk.post("/staff/settings", data=NEWSROOM | {"seen": "0", "asks_consent": "y"}).status_code
        == 303
    )
    return desk


def box(page: str) -> str:
    return "".join(re.findall(r'<input[^>]*name="consent"[^>]*>', page))


def kept(newsroom: Newsroom) -> list[tuple[Any, ...]]:
    with newsroom.at_work():
        rows = db.session.scalars(sa.select(LetterConsent).order_by(LetterConsent.id))
        return [(row.text, row.language, row.where, row.withdrawn_at is None) for row in rows]


def agree(newsroom: Newsroom, email: str, *, days_ago: int = 1) -> Person:
    person = newsroom.person(email)
    with newsroom.at_work():
        at = clock.now() - timedelta(days=days_ago)
        consent.agree(person, "Write to me.", language="en", where="a list", at=at)
        db.session.commit()
    return person


def test_nobody_is_asked_unless_the_newsroom_wants_it(newsroom: Newsroom, reader: FlaskClient):
    assert box(reader.get("/support").text) == ""
    sent = reader.post("/support/checkout", data=giving_form(consent=WORDS))
    assert sent.status_code == 303
    with newsroom.at_work():
        assert db.session.scalars(sa.select(Donation.consent)).all() == [None]


def test_who_ticks_the_box_and_pays_has_agreed(
    newsroom: Newsroom, till: Till, asks: FlaskClient, reader: FlaskClient
):
    page = unescape(reader.get("/support").text)
    assert f'value="{WORDS}"' in box(page)
    assert "checked" not in box(page)
    address = reader.post("/support/checkout", data=giving_form(consent=WORDS)).location
    assert kept(newsroom) == []
    till.pay(address)
    till.deliver(reader)
    till.deliver(reader, till.news())
    assert kept(newsroom) == [(WORDS, "en", "giving", True)]
    assert "olha@example.org" in asks.get("/staff/people?letters=yes").text
    assert "olha@example.org" not in asks.get("/staff/people?letters=no").text
    sheet = asks.get("/staff/people.csv?letters=yes").text
    assert "agreed to letters" in sheet
    assert re.search(r"olha@example.org.*,\d{4}-\d\d-\d\d\r", sheet)
    with newsroom.at_work():
        giver = people.by_email("olha@example.org")
        assert giver is not None
    assert "to be written to" in asks.get(f"/staff/people/{giver.id}").text


def test_who_does_not_tick_it_has_not(
    newsroom: Newsroom, till: Till, asks: FlaskClient, reader: FlaskClient
):
    till.pay(reader.post("/support/checkout", data=giving_form()).location)
    till.deliver(reader)
    assert kept(newsroom) == []


def test_who_ticks_it_at_the_second_try_has_agreed(
    newsroom: Newsroom, till: Till, asks: FlaskClient, reader: FlaskClient
):
    reader.post("/support/checkout", data=giving_form())
    address = reader.post("/support/checkout", data=giving_form(consent=WORDS)).location
    till.pay(address)
    till.deliver(reader)
    assert [row[0] for row in kept(newsroom)] == [WORDS]


def test_words_that_changed_meanwhile_are_shown_again(asks: FlaskClient, reader: FlaskClient):
    asks.post("/staff/settings/words/consent", data={"seen": "0", "text_en": "Write to me weekly."})
    refused = reader.post("/support/checkout", data=giving_form(consent=WORDS))
    assert refused.status_code == 422
    assert "These words have just changed" in refused.text
    assert 'value="Write to me weekly."' in box(refused.text)
    assert "checked" not in box(refused.text)


def test_in_the_words_and_the_language_that_were_read(
    newsroom: Newsroom, till: Till, asks: FlaskClient
):
    reader = newsroom.app.test_client()
    reader.set_cookie("language", "uk")
    text = re.findall(r'value="([^"]*)"', box(reader.get("/support").text))[0]
    till.pay(reader.post("/support/checkout", data=giving_form(consent=unescape(text))).location)
    till.deliver(reader)
    [(said, language, _where, _stands)] = kept(newsroom)
    assert (said, language) == (unescape(text), "uk")


def test_it_is_given_and_taken_back_on_ones_own_page(newsroom: Newsroom, asks: FlaskClient):
    patron = newsroom.signed_in(newsroom.member("patron@example.org"))
    assert WORDS in patron.get("/account").text
    patron.post("/account/letters", data={"wanted": "yes", "text": "Something else."})
    assert kept(newsroom) == []
    patron.post("/account/letters", data={"wanted": "yes", "text": WORDS})
    patron.post("/account/letters", data={"wanted": "yes", "text": WORDS})
    assert kept(newsroom) == [(WORDS, "en", "account", True)]
    assert "you agreed to this" in patron.get("/account").text
    patron.post("/account/letters", data={"wanted": "no"})
    assert kept(newsroom) == [(WORDS, "en", "account", False)]
    assert "I agree" in patron.get("/account").text


def test_without_asking_nobody_agrees_but_anybody_takes_it_back(newsroom: Newsroom):
    patron = newsroom.signed_in(agree(newsroom, "patron@example.org"))
    assert "you agreed to this: “Write to me.”" in patron.get("/account").text
    patron.post("/account/letters", data={"wanted": "no"})
    patron.post("/account/letters", data={"wanted": "yes"})
    assert [row[3] for row in kept(newsroom)] == [False]


def test_what_was_said_later_holds(newsroom: Newsroom):
    """An event may come late: who has taken it back since is not written to again by it."""
    person = agree(newsroom, "patron@example.org")
    with newsroom.at_work():
        consent.withdraw(person)
        before = clock.now() - timedelta(hours=2)
        consent.agree(person, "Write to me.", language="en", where="giving", at=before)
        db.session.commit()
        assert consent.of(person) is None
        consent.agree(person, "Do.", language="en", where="account", at=clock.now())
        db.session.commit()
        assert consent.of(person) is not None


@pytest.mark.parametrize("has_said", [True, False])
def test_of_two_who_are_one_the_word_of_who_stays_holds(
    newsroom: Newsroom, desk: FlaskClient, has_said: bool
):
    gone = agree(newsroom, "gone@example.org")
    stays = agree(newsroom, "stays@example.org") if has_said else newsroom.person("stays@e.org")
    chief = newsroom.person("boss@example.org", role="admin")
    with newsroom.at_work():
        if has_said:
            consent.withdraw(stays)
            db.session.commit()
        kept_one, gone_one = (
            db.session.get_one(Person, stays.id),
            db.session.get_one(Person, gone.id),
        )
        joining.join(kept_one, gone_one, by=chief)
        assert (consent.of(stays) is not None) is not has_said
        [row] = joining.standing(kept_one)
        joining.undo(row, by=chief)
        assert consent.of(gone) is not None
        assert consent.of(stays) is None


def test_who_is_erased_leaves_none(newsroom: Newsroom):
    person = agree(newsroom, "patron@example.org")
    with newsroom.at_work():
        people.erase(db.session.get_one(Person, person.id))
        db.session.commit()
    assert kept(newsroom) == []
