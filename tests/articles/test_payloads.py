"""What people type runs nowhere: in no feed, no answer of the API, no frame."""

from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from membership.articles.feeds import atom
from membership.extensions import db
from membership.rounds import rounds
from membership.topics.models import Topic
from tests.articles.town import PAYLOADS, at_noon, check_harmless, corrected, open_round, town
from tests.factories import Newsroom

__all__ = ["at_noon", "open_round", "town"]  # fixtures

SITE = "http://127.0.0.1:8000"
FRAMES = [
    "/embed/topics/roads",
    "/embed/rounds/april-round",
    "/embed/rounds/march-round",
    "/embed/rounds/march-round/results",
]


@pytest.fixture(params=PAYLOADS)
def payload(request: pytest.FixtureRequest, town: Newsroom) -> str:
    """In every text of every topic and vote."""
    its: str = request.param
    with town.at_work():
        for topic in db.session.query(Topic):
            topic.title = topic.why = topic.description = topic.reason = its
            topic.links = [its, f"javascript:alert('{its}')", f"https://a.example/{its}"]
            topic.link = its
            for step in topic.steps:
                step.reason = step.link = its
        for slug in ("march-round", "april-round"):
            round = rounds.by_slug(slug)
            round.title = round.close_reason = its
            for entry in round.entries:
                entry.title = its
                if round.closed_at is None and entry.position:
                    entry.withdrawn_at, entry.withdrawn_reason = round.opened_at, its
            if round.result:
                topics = [row | {"name": its} for row in round.result["topics"]]
                round.result = round.result | {"topics": topics}
        db.session.commit()
    corrected(town, 2, article_title=its, was=its, now=its)
    town.set(newsroom_name=its[:80])
    return its


def test_nothing_that_people_type_runs(client: FlaskClient, town: Newsroom, payload: str):
    possible = atom.IMPOSSIBLE.sub("\ufffd", payload)
    for name in ("topics", "rounds", "outcomes", "corrections"):
        root = ElementTree.fromstring(client.get(f"/feeds/en/{name}.atom").data)
        names = {element.tag.partition("}")[2] for element in root.iter()}
        assert names == {
            *("feed", "id", "title", "updated", "link", "author", "name", "uri"),
            *("entry", "published", "summary", "content"),
        }
        assert any(possible in (text or "") for text in root.itertext())
        for content in root.iter(f"{{{atom.NAMESPACE}}}content"):
            assert check_harmless(content.text or "")
        for item in client.get(f"/feeds/en/{name}.json").json["items"]:
            assert check_harmless(item["content_html"])
        first = client.get(f"/feeds/en/{name}.json").json["items"][0]
        assert payload in first["title"]
        assert payload in check_harmless(first["content_html"]).text
    for path in ("topics", "topics/roads", "rounds", "outcomes", "corrections", "openapi.json"):
        answer = client.get(f"/api/v1/{path}")
        assert answer.mimetype == "application/json"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    topic = client.get("/api/v1/topics/roads").json
    assert topic["title"] == payload
    assert topic["story"] is None
    assert topic["links"] == [f"https://a.example/{payload}"]
    for frame in FRAMES:
        assert payload in check_harmless(client.get(frame).text).text
        page = frame.removeprefix("/embed")
        its = client.get("/oembed", query_string={"url": SITE + page}).json
        [(tag, attributes)] = check_harmless(its["html"]).found
        assert tag == "iframe"
        assert payload in (attributes["title"] or "")
        assert client.get(page).status_code == 200
