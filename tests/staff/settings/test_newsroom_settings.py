"""A newsroom sets its name, colours and languages; two admins; and the way back."""

import re
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from membership.extensions import db
from membership.settings.models import Setting
from membership.staff.models import AuditEntry
from tests.factories import Newsroom
from tests.staff.settings.conftest import NEWSROOM, seen


def save(desk: FlaskClient, *, at: str | None = None, **values: Any) -> Any:
    version = seen(desk, "/staff/settings") if at is None else at
    return desk.post("/staff/settings", data=NEWSROOM | values | {"seen": version})


def test_a_name_a_colour_and_pages_are_seen_by_every_reader(newsroom: Newsroom, desk: FlaskClient):
    answer = save(
        desk,
        newsroom_name="  Вільне слово ",
        newsroom_contact="desk@slovo.example",
        newsroom_accent="#005EA5",
        newsroom_imprint="https://slovo.example/about",
        newsroom_privacy="https://slovo.example/privacy",
    )
    assert answer.status_code == 303
    page = newsroom.app.test_client().get("/support").text
    assert "The Test Courier" not in page
    assert page.count("Вільне слово") > 1
    assert 'href="mailto:desk@slovo.example"' in page
    assert 'href="https://slovo.example/about"' in page
    assert 'href="https://slovo.example/privacy"' in page
    [brand] = re.findall(r'href="(/static/\w+/brand.css)"', page)
    assert "--accent: #005ea5" in newsroom.app.test_client().get(brand).text
    assert 'value="Вільне слово"' in desk.get("/staff/settings").text


def test_languages_are_offered_in_the_order_chosen(newsroom: Newsroom, desk: FlaskClient):
    save(desk, languages=["en", "uk"], first_language="uk")
    stranger = newsroom.app.test_client()
    assert '<html lang="uk">' in stranger.get("/support").text
    save(desk, languages=["en"], first_language="en")
    page = newsroom.app.test_client().get("/support", headers={"Accept-Language": "uk"}).text
    assert '<html lang="en">' in page
    assert "Українська" not in page


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"newsroom_name": "  "}, "This must not be empty"),
        ({"newsroom_name": "x" * 81}, "At most 80 characters"),
        ({"newsroom_contact": "desk"}, "Enter an e-mail address"),
        ({"newsroom_accent": "#ffd700"}, "Too little contrast to be read by everybody: it is 1.1"),
        ({"newsroom_accent_dark": "#10304f"}, "Too little contrast"),
        ({"newsroom_accent": "red"}, "colour"),
        ({"newsroom_imprint": "javascript:alert(1)"}, "begins with https://"),
        ({"newsroom_privacy": "//elsewhere"}, "begins with https://"),
        ({"languages": ["en", "xx"]}, "xx"),
        ({"first_language": "xx"}, "Not a valid choice"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field_and_changes_nothing(
    newsroom: Newsroom, desk: FlaskClient, wrong, told
):
    answer = save(desk, **wrong)
    assert answer.status_code == 422
    page = unescape(answer.text)
    assert told in page
    assert "There is a problem" in page
    with newsroom.at_work():
        assert db.session.scalar(sa.select(sa.func.count(Setting.id))) == 0


def test_two_who_change_the_same_thing_are_told(newsroom: Newsroom, desk: FlaskClient):
    other = newsroom.signed_in(newsroom.person("other@example.org", role="admin"))
    both_saw = seen(desk, "/staff/settings")
    assert save(other, at=both_saw, newsroom_name="The Other").status_code == 303
    refused = save(desk, at=both_saw, newsroom_name="The Mine", newsroom_accent="#005ea5")
    assert refused.status_code == 409
    page = unescape(refused.text)
    assert "Somebody else has just set this to: The Other" in page
    assert 'value="The Mine"' in page
    assert 'value="#005ea5"' in page
    [now] = re.findall(r'name="seen"[^>]* value="(\d+)"', page)
    assert save(desk, at=now, newsroom_name="The Mine").status_code == 303
    assert "The Mine" in newsroom.app.test_client().get("/support").text


def test_two_who_change_different_things_are_not_in_each_others_way(
    newsroom: Newsroom, desk: FlaskClient
):
    other = newsroom.signed_in(newsroom.person("other@example.org", role="admin"))
    both_saw = seen(desk, "/staff/settings")
    save(other, at=both_saw, newsroom_name="The Other")
    assert save(desk, at=both_saw, newsroom_accent="#005ea5").status_code == 303
    page = desk.get("/staff/settings").text
    assert 'value="The Other"' in page
    assert 'value="#005ea5"' in page


def test_what_was_not_touched_is_theirs_when_one_is_told(newsroom: Newsroom, desk: FlaskClient):
    other = newsroom.signed_in(newsroom.person("other@example.org", role="admin"))
    both_saw = seen(desk, "/staff/settings")
    save(other, at=both_saw, newsroom_name="The Other", languages=["uk"], first_language="uk")
    page = unescape(save(desk, at=both_saw, newsroom_name="The Mine").text)
    assert 'value="The Mine"' in page
    [now] = re.findall(r'name="seen"[^>]* value="(\d+)"', page)
    assert re.search(r"<option selected value=.uk.>", page)
    theirs = {"languages": ["uk"], "first_language": "uk"}
    assert save(desk, at=now, newsroom_name="The Mine", **theirs).status_code == 303
    assert '<html lang="uk">' in newsroom.app.test_client().get("/support").text


def test_each_change_is_written_down_and_can_be_put_back(newsroom: Newsroom, desk: FlaskClient):
    save(desk, newsroom_name="The First")
    save(desk, newsroom_name="The Second", newsroom_accent="#005ea5")
    with newsroom.at_work():
        noted = db.session.scalars(sa.select(AuditEntry.about).order_by(AuditEntry.id)).all()
        assert noted[-3:] == [
            'newsroom_name: "The Test Courier" → "The First"',
            'newsroom_name: "The First" → "The Second"',
            'newsroom_accent: "#9c2f1e" → "#005ea5"',
        ]
        numbers = dict(db.session.execute(sa.select(Setting.value, Setting.id)).all())
    page = desk.get("/staff/settings/changes").text
    assert "chief@example.org" in page
    assert page.count("Put back") == 3
    undo = "/staff/settings/changes/{}/undo"
    assert desk.post(undo.format(numbers["The Second"])).status_code == 303
    assert "The First" in newsroom.app.test_client().get("/support").text
    desk.post(undo.format(numbers["The First"]))
    assert "The Test Courier" in newsroom.app.test_client().get("/support").text
    cells = re.findall("<td>(The .*?)</td>", desk.get("/staff/settings/changes").text)
    assert cells == [
        *("The First", "The Test Courier"),
        *("The Second", "The First"),
        *("The First", "The Second"),
        *("The Test Courier", "The First"),
    ]
    desk.post(undo.format(numbers["The First"]))
    with newsroom.at_work():
        assert db.session.scalar(sa.select(sa.func.count(Setting.id))) == 5
    assert desk.post(undo.format(9999)).status_code == 404


@pytest.mark.parametrize("made_up", ["", "x", "-1", "99999999999999999999"])
def test_a_version_that_never_was_breaks_nothing(newsroom: Newsroom, desk: FlaskClient, made_up):
    assert save(desk, at=made_up, newsroom_name="The Next").status_code in (303, 422)


def test_saving_what_is_there_changes_nothing(newsroom: Newsroom, desk: FlaskClient):
    answer = save(desk)
    assert answer.status_code == 303
    assert "Nothing was different" in desk.get("/staff/settings").text
    with newsroom.at_work():
        assert db.session.scalar(sa.select(sa.func.count(Setting.id))) == 0
