"""A pasted address becomes a frame on another site."""

import re

import pytest
from flask.testing import FlaskClient

from membership.extensions import db
from membership.topics import proposals
from tests.articles.town import Elements, another_round, at_noon, check_harmless, open_round, town
from tests.factories import Newsroom

__all__ = ["at_noon", "open_round", "town"]  # fixtures

SITE = "http://127.0.0.1:8000"
PAGES = {
    "/topics/roads": "/embed/topics/roads",
    "/rounds/april-round": "/embed/rounds/april-round",
    "/rounds/march-round": "/embed/rounds/march-round",
    "/rounds/march-round/results": "/embed/rounds/march-round/results",
}


def told(client: FlaskClient, url: str, **asked: object):
    return client.get("/oembed", query_string={"url": url, **asked})


@pytest.mark.parametrize(("page", "frame"), PAGES.items())
def test_a_page_says_which_frame_shows_it(client: FlaskClient, town: Newsroom, page, frame):
    html = client.get(page).text
    [at] = re.findall(r'type="application/json\+oembed"[^>]* href="([^"]+)"', html)
    answer = client.get(at.replace("&amp;", "&"))
    its = answer.json
    assert (its["version"], its["type"]) == ("1.0", "rich")
    assert its["provider_name"] == "The Test Courier"
    assert isinstance(its["width"], int)
    assert isinstance(its["height"], int)
    [(tag, attributes)] = Elements(its["html"]).found
    assert (tag, attributes["src"], attributes["title"]) == ("iframe", SITE + frame, its["title"])
    assert its["html"].startswith("<iframe ")
    assert its["html"].endswith("</iframe>")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "max-age=60" in answer.headers["Cache-Control"]
    assert client.get(attributes["src"]).status_code == 200


def test_a_frame_is_as_large_as_there_is_room_for(client: FlaskClient, town: Newsroom):
    for asked, size in [
        ({}, (600, 280)),
        ({"maxwidth": 400}, (400, 280)),
        ({"maxheight": 200}, (600, 200)),
        ({"maxwidth": 10_000, "maxheight": 10_000}, (600, 280)),
        ({"maxwidth": 320, "dnt": 1, "format": "json"}, (320, 280)),
    ]:
        its = told(client, f"{SITE}/topics/roads", **asked).json
        assert (its["width"], its["height"]) == size
        assert f'width="{size[0]}" height="{size[1]}"' in its["html"]


def test_an_address_is_known_however_it_is_written(client: FlaskClient, town: Newsroom):
    for url in (
        f"{SITE}/topics/roads?utm_source=letter#life",
        f"  {SITE}/topics/roads ",
        "https://127.0.0.1:8000/topics/roads",
    ):
        assert told(client, url).json["title"] == "Roads"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "roads",
        "https://evil.example/topics/roads",
        "http://127.0.0.1:8000@evil.example/topics/roads",
        "http://127.0.0.1:8000.evil.example/topics/roads",
        "javascript://127.0.0.1:8000/topics/roads",
        "//127.0.0.1:8000/topics/roads",
        "http://[/topics/roads",
        f"{SITE}/topics",
        f"{SITE}/support",
        f"{SITE}/topics/none",
        f"{SITE}/topics/unread",
        f"{SITE}/rounds/april-round/results",
        f"{SITE}/rounds/april-round/ballot",
        f"{SITE}/topics/../staff",
    ],
)
def test_what_is_not_ours_or_not_public_is_not_there(client: FlaskClient, town: Newsroom, url):
    member = town.member()
    with town.at_work():
        proposals.propose("Unread", "Not read yet", by=member)
        db.session.commit()
    answer = told(client, url)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_what_it_cannot_do_it_says(client: FlaskClient, town: Newsroom):
    url = f"{SITE}/topics/roads"
    assert told(client, url, format="xml").status_code == 501
    for wrong in ("-1", "0", "wide", "²", "9" * 30):
        answer = told(client, url, maxwidth=wrong)
        assert answer.status_code == 422
        assert answer.json["errors"][0]["parameter"] == "maxwidth"


@pytest.mark.parametrize("frame", PAGES.values())
def test_a_frame_stands_anywhere_and_runs_our_script_alone(
    client: FlaskClient, town: Newsroom, frame
):
    town.set(article_domains=[])
    answer = client.get(frame)
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    assert "script-src 'self';" in policy
    assert "X-Frame-Options" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    its = check_harmless(answer.text)
    scripts = [attributes for tag, attributes in its.found if tag == "script"]
    # A module would need an origin, and a sandboxed frame has none.
    assert [one.get("type") for one in scripts] == [None]
    assert ("base", {"target": "_top"}) in its.found
    town.set(article_domains=["slovo.example"])
    policy = client.get(frame).headers["Content-Security-Policy"]
    assert "frame-ancestors 'self' https://slovo.example" in policy


def test_what_nobody_may_see_is_in_no_frame(client: FlaskClient, town: Newsroom):
    for frame in ("/embed/topics/none", "/embed/rounds/none", "/embed/rounds/april-round/results"):
        assert client.get(frame).status_code == 404
    votes = another_round(town, "May round", "Trams")
    with town.at_work():
        votes.row.join_by = votes.row.closes_at
        db.session.commit()
    before = client.get("/embed/rounds/may-round").data
    votes.cast(town.member(), "Trams")
    assert client.get("/embed/rounds/may-round").data == before


def test_few_queries_however_much_there_is(client: FlaskClient, town: Newsroom, queries):
    def asked(path: str) -> int:
        with queries() as seen:
            client.get(path)
        return len(seen)

    paths = [*PAGES.values(), f"/oembed?url={SITE}/topics/roads"]
    few = [asked(path) for path in paths]
    another_round(town, "Round", *(f"T{n}" for n in range(20)))
    assert [asked(path) for path in paths] == few
    assert max(few) <= 6
