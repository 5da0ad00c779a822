"""What tells an article that its reader is a patron: for thirty days, and naming nobody."""

from datetime import timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient

from membership.clock import clock
from membership.extensions import db
from membership.patrons import marks
from membership.topics import life, proposals
from membership.topics.models import Topic, TopicState
from tests.factories import Newsroom

STORY = "https://slovo.example/2026/roads"


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    newsroom.set(article_domains=["slovo.example"])
    return newsroom


def mark(newsroom: Newsroom) -> str:
    with newsroom.at_work():
        return marks.marked(STORY).partition("#hromada=")[2]


def days(client: FlaskClient, its: str) -> int:
    return client.get(f"/embed/mark/{its}").json["days"]


def test_a_mark_is_good_for_thirty_days(client: FlaskClient, newsroom: Newsroom):
    its = mark(newsroom)
    assert days(client, its) == 30
    clock.advance(timedelta(days=29))
    assert days(client, its) == 1
    clock.advance(timedelta(days=1))
    assert days(client, its) == 0


def test_all_marks_of_a_day_are_one_mark(newsroom: Newsroom):
    first = mark(newsroom)
    clock.advance(timedelta(minutes=5))
    assert mark(newsroom) == first
    clock.advance(timedelta(days=1))
    assert mark(newsroom) != first


@pytest.mark.parametrize("made_up", ["x", "MjAyNi0xMi0yNw.x", "InggIg.abc", "%00", "a" * 3000])
def test_what_we_did_not_sign_is_none(client: FlaskClient, newsroom: Newsroom, made_up):
    assert days(client, made_up) == 0
    its = mark(newsroom)
    assert days(client, its[:-3] + "aaa") == 0


def test_only_articles_of_ours_are_handed_one(newsroom: Newsroom):
    with newsroom.at_work():
        for other in ("https://evil.example/", "/2026/roads", "javascript:alert(1)", "", None):
            assert marks.marked(other) is None


@pytest.fixture
def story(newsroom: Newsroom) -> Topic:
    with newsroom.at_work():
        topic = proposals.suggest("Roads", "Why?", minutes=60)
        topic.state = TopicState.chosen
        life.move(topic, TopicState.published, link=f"{STORY}#top")
        db.session.commit()
        return topic


def test_our_link_to_a_story_tells_it_of_members_alone(newsroom: Newsroom, story):
    def link(browser: FlaskClient) -> str:
        page = unescape(browser.get("/topics/roads").text)
        return page.partition('button-main" href="')[2].partition('"')[0]

    outsider, member = newsroom.person(), newsroom.member()
    assert link(newsroom.app.test_client()) == f"{STORY}#top"
    assert link(newsroom.signed_in(outsider)) == f"{STORY}#top"
    assert link(newsroom.signed_in(member)) == f"{STORY}#hromada={mark(newsroom)}"
