"""The other lists of the desk as files."""

import csv
import io

import pytest
from flask.testing import FlaskClient

from membership.clock import clock
from membership.extensions import db
from membership.staff import audit
from membership.topics import proposals
from tests.factories import NOON, Newsroom
from tests.votes import HOURS, open_round

__all__ = ["open_round"]  # a fixture


@pytest.fixture(autouse=True)
def noon():
    clock.set(NOON)


@pytest.fixture
def chief(newsroom: Newsroom) -> FlaskClient:
    return newsroom.signed_in(newsroom.person("chief@example.org", role="admin"))


def rows(browser: FlaskClient, address: str) -> list[dict[str, str]]:
    answer = browser.get(address)
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_topics_in_every_state_with_how_many_follow_them(newsroom: Newsroom, chief: FlaskClient):
    member = newsroom.member()
    with newsroom.at_work():
        proposals.propose("Roads", "Why not?", by=member)
        proposals.suggest("=Buses", "Why?", minutes=480)
        db.session.commit()
    assert {row["title"]: row for row in rows(chief, "/staff/topics.csv")} == {
        "Roads": {
            "proposed": "2026-03-10T14:00:00+02:00",
            "title": "Roads",
            "state": "proposed",
            "minutes": "",
            "followers": "1",
            "address": "roads",
        },
        "'=Buses": {
            "proposed": "2026-03-10T14:00:00+02:00",
            "title": "'=Buses",
            "state": "in_review",
            "minutes": "480",
            "followers": "0",
            "address": "buses",
        },
    }
    assert "/staff/topics.csv" in chief.get("/staff/topics").text


def test_rounds_tell_how_many_voted_and_nothing_of_how(
    newsroom: Newsroom, chief: FlaskClient, open_round
):
    voters = newsroom.members(3)
    votes = open_round()
    titles = list(HOURS)
    [before] = rows(chief, "/staff/rounds.csv")
    votes.cast(voters[0], titles[0])
    [after] = rows(chief, "/staff/rounds.csv")
    assert (before["voted"], after["voted"], after["roll"]) == ("0", "1", "3")
    assert {**before, "voted": "1"} == after
    assert not any(title in value for title in titles for value in after.values())
    topics = rows(chief, "/staff/topics.csv")
    votes.cast(voters[1], titles[0])
    assert rows(chief, "/staff/topics.csv") == topics
    assert "/staff/rounds.csv" in chief.get("/staff/rounds").text


def test_the_audit_log_goes_out_whole(newsroom: Newsroom, chief: FlaskClient):
    with newsroom.at_work():
        audit.note("invite", "olha@example.org as editor", by=None)
        db.session.commit()
    [row] = rows(chief, "/staff/audit.csv")
    assert row == {
        "time": "2026-03-10T14:00:00+02:00",
        "who": "",
        "what": "invite",
        "about": "olha@example.org as editor",
    }
    assert "/staff/audit.csv" in chief.get("/staff/audit").text
