"""Feeds: what they have, in which order, and that programs can read them whatever people typed."""

import re
from datetime import datetime, timedelta
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from membership.articles.feeds import atom, json_feed
from membership.articles.feeds.entries import NEVER, Entry, Feed
from membership.clock import clock
from membership.extensions import db
from membership.rounds import rounds
from membership.staff.figures import pictures
from membership.staff.figures.pictures import Point
from membership.topics import life, proposals
from membership.topics.models import Topic, TopicState
from tests.articles.town import another_round, at_noon, corrected, open_round, town
from tests.factories import NOON, Newsroom

__all__ = ["at_noon", "open_round", "town"]  # fixtures

NAMES = ["topics", "rounds", "outcomes", "corrections"]
IN = {"": atom.NAMESPACE}


def entries(client: FlaskClient, name: str, language: str = "en") -> list[ElementTree.Element]:
    answer = client.get(f"/feeds/{language}/{name}.atom")
    assert answer.mimetype == "application/atom+xml"
    root = ElementTree.fromstring(answer.data)
    for feed_or_entry in (root, *root.findall("entry", IN)):
        for wanted in ("id", "title", "updated", "author/name"):
            assert len(feed_or_entry.findall(wanted, IN)) == 1, wanted
        for at in feed_or_entry.findall("updated", IN):
            assert datetime.fromisoformat(at.text).tzinfo is not None
        assert feed_or_entry.find("link[@rel='alternate']", IN) is not None
    assert root.find("link[@rel='self']", IN).get("href").endswith(f"/{name}.atom")
    ids = [one.findtext("id", "", IN) for one in root.iterfind("entry", IN)]
    assert len(set(ids)) == len(ids)
    return root.findall("entry", IN)


def items(client: FlaskClient, name: str, language: str = "en") -> list[dict]:
    answer = client.get(f"/feeds/{language}/{name}.json")
    assert answer.mimetype == "application/feed+json"
    its = answer.json
    assert its["version"] == "https://jsonfeed.org/version/1.1"
    assert its["feed_url"].endswith(f"/{name}.json")
    assert {"title", "home_page_url", "language", "authors"} <= its.keys()
    for item in its["items"]:
        assert {"id", "url", "title", "content_html", "date_published", "authors"} <= item.keys()
    return its["items"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["en", "uk"])
def test_both_kinds_say_the_same(client: FlaskClient, town: Newsroom, name, language):
    both = [
        (
            entry.findtext("id", "", IN),
            entry.findtext("title", "", IN),
            entry.findtext("content", "", IN),
            entry.findtext("updated", "", IN),
        )
        for entry in entries(client, name, language)
    ]
    assert both == [
        (item["id"], item["title"], item["content_html"], item["date_modified"])
        for item in items(client, name, language)
    ]
    assert both
    for address, *_rest in both:
        assert client.get(address).status_code == 200


def test_the_latest_news_of_topics_come_first(client: FlaskClient, town: Newsroom):
    clock.advance(timedelta(hours=1))
    with town.at_work():
        topic = db.session.query(Topic).filter_by(slug="roads").one()
        life.move(topic, TopicState.published, link="https://slovo.example/roads")
        db.session.commit()
    first = items(client, "topics")[0]
    assert first["title"] == "Roads"
    assert "published" in first["content_html"]
    assert 'href="https://slovo.example/roads"' in first["content_html"]
    assert first["date_modified"] == clock.now().isoformat(timespec="seconds")
    assert first["date_published"] == NOON.isoformat(timespec="seconds")


def test_an_outcome_says_what_was_chosen_and_why(client: FlaskClient, town: Newsroom):
    [only] = items(client, "outcomes")
    assert only["title"] == "March round: the outcome"
    assert only["summary"] == "Roads · Buses"
    assert "ticked by 2 voters" in only["content_html"]
    assert "each of its voters paid" in only["content_html"]
    assert "Hospitals" not in only["content_html"]


def test_an_open_vote_says_what_is_voted_on_and_until_when(client: FlaskClient, town: Newsroom):
    [only] = items(client, "rounds")
    assert only["title"] == "April round"
    assert "Why Ponds?" in only["content_html"]
    assert "open until 18 March 2026" in only["content_html"]
    clock.advance(timedelta(days=8))
    assert items(client, "rounds") == []
    assert len(items(client, "outcomes")) == 1


def test_a_correction_says_what_was_wrong_and_what_is_right(client: FlaskClient, town: Newsroom):
    corrected(town, 2, state="open", code="unread")
    corrected(town, 3, state="mended", code="silent")
    [only] = items(client, "corrections")
    assert only["title"] == "Where did the road money go?"
    assert "Built in 1897." in only["content_html"]
    assert "Built in 1879." in only["content_html"]
    assert 'id="code1"' in client.get(only["url"]).text
    assert only["url"].endswith("#code1")


def test_what_is_withdrawn_is_said_and_counts_as_news(client: FlaskClient, town: Newsroom):
    clock.advance(timedelta(hours=2))
    with town.at_work():
        round = rounds.by_slug("april-round")
        rounds.withdraw(round.ballot[0], reason="Somebody else has it.")
        db.session.commit()
    [only] = items(client, "rounds")
    assert "Somebody else has it." in only["content_html"]
    assert only["date_modified"] == clock.now().isoformat(timespec="seconds")


def test_nothing_of_how_an_open_vote_stands_is_in_any_feed(client: FlaskClient, town: Newsroom):
    """What is in them does not change, however many vote."""

    def everything() -> list[bytes]:
        kinds = ("atom", "json")
        return [client.get(f"/feeds/en/{name}.{kind}").data for name in NAMES for kind in kinds]

    votes = another_round(town, "May round", "Trams", "Trains")
    before = everything()
    for member in town.members(3):
        with town.at_work():
            votes.row.join_by = votes.row.closes_at
            db.session.commit()
        votes.cast(member, "Trams")
    assert everything() == before


def test_what_nobody_may_see_is_in_no_feed(client: FlaskClient, town: Newsroom):
    member = town.member()
    with town.at_work():
        proposals.propose("Unread", "Not read yet", by=member)
        hidden = proposals.suggest("Hidden", "Abuse")
        hidden.hidden = True
        db.session.commit()
    titles = {item["title"] for item in items(client, "topics")}
    assert titles == {"Roads", "Buses", "Hospitals", "Parks", "Ponds"}


def test_who_proposed_a_topic_is_not_told(client: FlaskClient, town: Newsroom):
    member = town.member("olha@example.org")
    with town.at_work():
        topic = proposals.propose("Bridges", "Which will fall?", by=member)
        life.move(topic, TopicState.in_review)
        db.session.commit()
    answer = client.get("/feeds/en/topics.atom")
    assert "Bridges" in answer.text
    assert "olha" not in answer.text
    assert "Reader " not in answer.text


def test_an_empty_feed_is_one_and_stays_the_same(client: FlaskClient, newsroom: Newsroom):
    for name in NAMES:
        assert entries(client, name) == []
        first = client.get(f"/feeds/en/{name}.atom")
        clock.advance(timedelta(days=1))
        assert client.get(f"/feeds/en/{name}.atom").headers["ETag"] == first.headers["ETag"]


def test_feeds_are_for_everybody_and_asked_for_again_cheaply(client: FlaskClient, town: Newsroom):
    first = client.get("/feeds/en/topics.atom", headers={"Accept-Language": "uk"})
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert first.headers["Vary"] == "Accept-Encoding"
    assert "max-age=60" in first.headers["Cache-Control"]
    assert "Set-Cookie" not in first.headers
    again = client.get("/feeds/en/topics.atom", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_feed_is_a_feed_to_who_is_signed_in_as_well(client: FlaskClient, town: Newsroom):
    patron = town.signed_in(town.person())
    assert patron.get("/feeds/en/topics.atom").mimetype == "application/atom+xml"
    assert patron.get("/feeds/en/topics.json").mimetype == "application/feed+json"


@pytest.mark.parametrize("name", NAMES)
def test_without_a_language_the_readers_is_chosen(client: FlaskClient, town: Newsroom, name):
    for kind in ("atom", "json"):
        answer = client.get(f"/{name}.{kind}?_external=1", headers={"Accept-Language": "uk"})
        assert answer.location == f"/feeds/uk/{name}.{kind}"
        assert "Accept-Language" in answer.headers["Vary"]
        elsewhere = client.get(f"/feeds/de/{name}.{kind}")
        assert (elsewhere.status_code, elsewhere.location) == (307, f"/feeds/en/{name}.{kind}")


def test_pages_lead_to_their_feeds(client: FlaskClient, town: Newsroom):
    led = {}
    for page in ("/topics", "/rounds/april-round", "/rounds/march-round/results", "/corrections"):
        html = client.get(page).text
        found = re.findall(
            r'<link rel="alternate" type="(application/[a-z]+\+[a-z]+)"[^>]*'
            r' href="([^"]+)"',
            html,
        )
        led[page] = [at for kind, at in found if "oembed" not in kind]
        for kind, at in found:
            assert client.get(at.replace("&amp;", "&")).status_code == 200
            assert kind in ("application/json+oembed", client.get(at).mimetype)
    assert [len(led[page]) for page in led] == [6, 2, 2, 2]


def test_few_queries_however_much_there_is(client: FlaskClient, town: Newsroom, queries):
    def asked(name: str) -> int:
        with queries() as seen:
            client.get(f"/feeds/en/{name}.atom")
        return len(seen)

    few = [asked(name) for name in NAMES]
    for number in range(4):
        votes = another_round(town, f"Round {number}", *(f"T{number}{n}" for n in range(15)))
        if number % 2:
            votes.close()
        corrected(town, number + 2)
    more = [asked(name) for name in NAMES]
    assert more == few
    assert max(more) <= 6
    assert len(entries(client, "topics")) == 50


def feed_of(title: str) -> Feed:
    entry = Entry("https://join.example/topics/x", title, title, title, NOON, NOON)
    here = {kind: f"https://join.example/feeds/en/topics.{kind}" for kind in ("atom", "json")}
    return Feed(
        title, "https://join.example/topics", here, "en", title, "https://j.example", [entry]
    )


@given(st.text(min_size=1))
def test_whatever_is_typed_arrives_as_it_was_typed(title: str):
    its = feed_of(title)
    root = ElementTree.fromstring(atom.written(its).encode())
    possible = atom.IMPOSSIBLE.sub("\ufffd", title).replace("\r\n", "\n").replace("\r", "\n")
    for path in ("title", "author/name", "entry/title", "entry/summary", "entry/content"):
        assert root.findtext(path, "", IN) == possible
    assert its.updated == NOON


def test_a_feed_of_nothing_says_a_time():
    here = {"atom": "https://a.example/", "json": "https://a.example/"}
    assert Feed("", "", here, "en", "", "", []).updated == NEVER


def test_json_has_what_was_typed(app):
    with app.app_context():
        assert '"title": "<b>\\u0000' in json_feed.written(feed_of("<b>\x00"))


def test_a_feed_and_a_picture_of_the_desk_leave_one_another_alone():
    """The same in one process, whichever comes first."""

    def picture() -> str:
        return pictures.lines(["May"], [[Point(5, "five")]], written=str)

    feed, chart = atom.written(feed_of("Roads")), picture()
    assert f'<feed xmlns="{atom.NAMESPACE}"' in feed
    assert chart.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert (atom.written(feed_of("Roads")), picture()) == (feed, chart)
