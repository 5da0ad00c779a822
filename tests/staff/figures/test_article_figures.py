"""The desk's page of which article won whom."""

import re

import pytest
from flask.testing import FlaskClient

from membership.articles.elements import seen
from membership.history import rebuild
from tests.factories import Newsroom
from tests.till import Till, app, choose, till

__all__ = ["app", "choose", "till"]  # fixtures

ROADS, SCHOOLS = "https://slovo.example/roads", "https://slovo.example/schools"


@pytest.fixture
def desk(newsroom: Newsroom) -> FlaskClient:
    return newsroom.signed_in(newsroom.person("editor@example.org", role="editor"))


def rows(desk: FlaskClient) -> dict[str, list[str]]:
    page = desk.get("/staff/figures/articles").text
    found = re.findall(r'<th scope="row" class="address">(.*?)</th>(.*?)</tr>', page, re.DOTALL)
    return {
        article: [
            " ".join(re.sub(r"<[^>]+>", " ", cell).split())
            for cell in re.findall(r"<td[^>]*>(.*?)</td>", cells, re.DOTALL)
        ]
        for article, cells in found
    }


def test_an_article_is_told_with_what_it_showed_and_whom_it_won(
    newsroom: Newsroom, desk: FlaskClient, client: FlaskClient, till: Till, choose, monkeypatch
):
    monkeypatch.setattr(seen, "SECONDS", 0.0)
    newsroom.tiers()
    newsroom.set(article_domains=["slovo.example"])
    for what, at in [("shown", ROADS)] * 4 + [("pressed", ROADS), ("shown", SCHOOLS)]:
        client.post("/embed/seen", data={"what": what, "at": at})
    till.pay(choose(client, source=f"{ROADS}#top", first_source=SCHOOLS))
    till.deliver(client)
    assert rows(desk) == {
        "slovo.example/roads": ["4", "1", "25%", "1", "€5", "–"],
        "slovo.example/schools": ["1", "–", "0%", "–", "–", "1"],
    }
    page = desk.get("/staff/figures/articles").text
    first = re.search(r'href="([^"]*first_source=[^"]*)"', page)[1].replace("&amp;", "&")
    assert "olha@example.org" in desk.get(first).text
    before = rows(desk)
    with newsroom.at_work():
        rebuild.rebuild()
    assert rows(desk) == before


def test_there_is_a_word_where_nothing_was_shown(desk: FlaskClient):
    assert "No article has shown an appeal" in desk.get("/staff/figures/articles").text
    wrong = desk.get("/staff/figures/articles?from=never")
    assert wrong.status_code == 422


def test_it_takes_the_same_queries_however_many_articles_there_are(
    newsroom: Newsroom, desk: FlaskClient, client: FlaskClient, queries, monkeypatch
):
    monkeypatch.setattr(seen, "SECONDS", 0.0)
    newsroom.set(article_domains=["slovo.example"])
    desk.get("/staff/figures/articles")
    with queries() as few:
        desk.get("/staff/figures/articles")
    for number in range(60):
        client.post("/embed/seen", data={"what": "shown", "at": f"{ROADS}/{number}"})
    with queries() as many:
        page = desk.get("/staff/figures/articles").text
    assert len(many) == len(few)
    assert page.count('scope="row"') == 50
