"""How often an article's appeal was shown and pressed: sums of days, and nothing of a reader."""

from datetime import timedelta

import pytest
import requests
import sqlalchemy as sa
from flask.testing import FlaskClient

from membership import days
from membership.articles.elements import seen
from membership.articles.elements.models import ArticleDay
from membership.clock import clock
from membership.extensions import db
from tests.factories import Newsroom
from tests.settings.test_two_servers import serving

STORY = "https://slovo.example/2026/roads"


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    newsroom.set(article_domains=["slovo.example"])
    return newsroom


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "SECONDS", 0.0)


def count(client: FlaskClient, what: str, at: str = STORY, **headers: str) -> int:
    sent = {"Origin": "https://slovo.example", "Sec-Fetch-Site": "cross-site"} | headers
    return client.post("/embed/seen", data={"what": what, "at": at}, headers=sent).status_code


def sums(newsroom: Newsroom) -> dict[str, tuple[int, int]]:
    with newsroom.at_work():
        rows = db.session.scalars(sa.select(ArticleDay)).all()
        assert all(row.day == days.today() for row in rows)
        return {row.article: (row.shown, row.pressed) for row in rows}


@pytest.mark.usefixtures("at_once")
def test_what_is_shown_and_pressed_is_added_up_by_article(client, newsroom: Newsroom):
    for what in ("shown", "shown", "pressed", "shown"):
        assert count(client, what) == 204
    assert count(client, "shown", f"{STORY}/2#end") == 204
    assert sums(newsroom) == {STORY: (3, 1), f"{STORY}/2": (1, 0)}


def test_a_crowd_is_written_together(client, newsroom: Newsroom, queries, monkeypatch):
    with queries() as asked:
        for _number in range(50):
            count(client, "shown")
    assert not [one for one in asked if "article_day" in one]
    monkeypatch.setattr(seen, "SECONDS", 0.0)
    count(client, "pressed")
    assert sums(newsroom) == {STORY: (50, 1)}


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("header", ["Sec-GPC", "DNT"])
def test_who_asks_not_to_be_followed_is_not_counted(client, newsroom: Newsroom, header):
    assert count(client, "shown", **{header: "1"}) == 204
    assert sums(newsroom) == {}


@pytest.mark.usefixtures("at_once")
def test_nothing_else_is_counted(client, newsroom: Newsroom):
    for what, at in [("shown", "https://evil.example/"), ("sold", STORY), ("", ""), ("shown", "")]:
        assert count(client, what, at) == 204
    assert client.post("/embed/seen", data=b"\xff").status_code == 204
    assert sums(newsroom) == {}


@pytest.mark.usefixtures("at_once")
def test_addresses_that_are_made_up_fill_no_table(client, newsroom: Newsroom, monkeypatch):
    monkeypatch.setattr(seen, "MOST_ARTICLES", 3)
    for number in range(6):
        count(client, "shown", f"{STORY}/{number}")
    for _reader in range(3):
        count(client, "shown")
    for number in range(6):
        count(client, "shown", f"{STORY}/{number}")
    found = sums(newsroom)
    assert len(found) == 3
    assert found[STORY] == (3, 0)


def test_what_is_seen_most_is_written_first(client, newsroom: Newsroom, monkeypatch):
    monkeypatch.setattr(seen, "MOST_ARTICLES", 2)
    for number in range(6):
        count(client, "shown", f"{STORY}/{number}")
    for what in ("shown", "pressed", "shown"):
        count(client, what)
    monkeypatch.setattr(seen, "SECONDS", 0.0)
    count(client, "shown", f"{STORY}/5")
    assert sums(newsroom) == {STORY: (2, 1), f"{STORY}/5": (2, 0)}


@pytest.mark.usefixtures("at_once")
def test_what_was_shown_once_in_all_is_let_go_after_a_week(client, newsroom: Newsroom):
    for what, at in [("shown", "once"), ("shown", "again"), ("pressed", "won")]:
        count(client, what, f"{STORY}/{at}")
    clock.advance(timedelta(days=5))
    count(client, "shown", f"{STORY}/again")
    count(client, "shown", f"{STORY}/new")
    assert articles_after_a_night(newsroom) == ["again", "again", "new", "once", "won"]
    clock.advance(timedelta(days=3))
    assert articles_after_a_night(newsroom) == ["again", "again", "new", "won"]


def articles_after_a_night(newsroom: Newsroom) -> list[str]:
    with newsroom.at_work():
        seen.forget_old()
        found = db.session.scalars(sa.select(ArticleDay.article)).all()
    return sorted(article.rpartition("/")[2] for article in found)


def test_a_process_that_ends_writes_what_it_has(newsroom: Newsroom, database_url, tmp_path):
    with serving(database_url, tmp_path) as server:
        for _reader in range(2):
            data = {"what": "shown", "at": STORY}
            assert requests.post(f"{server.address}/embed/seen", data, timeout=30).ok
        assert sums(newsroom) == {}
    assert sums(newsroom) == {STORY: (2, 0)}
