"""The desk's page of which article won whom."""

import re
from itertools import product
from urllib.parse import quote, unquote

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from membership import days, modes
from membership.articles.elements import seen
from membership.books.models import Donation
from membership.extensions import db
from membership.figures import sources
from membership.figures.spans import Span
from membership.history import rebuild, sums
from membership.history.models import DailySum
from membership.history.origins import BY, CAME
from membership.history.sums import Key, Total
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


TYPED = f"https://slovo.example/2026/{quote('дороги-що-ведуть-до-школи' * 4)}/"
LONGEST = f"https://slovo.example/{''.join(map(chr, range(0x20000, 0x20000 + 478)))}"


@pytest.mark.parametrize("typed", [TYPED, LONGEST])
def test_an_address_with_long_words_is_kept_whole(
    newsroom: Newsroom, desk: FlaskClient, client: FlaskClient, till: Till, choose, typed
):
    """Of letters that an address encodes, and of those that are the longest in a database."""
    newsroom.tiers()
    newsroom.set(article_domains=["slovo.example"])
    box = client.get("/embed/support", query_string={"from": typed}).text
    to = re.search(r'href="([^"]*from=[^"]*)"', box)[1].replace("&amp;", "&")
    page = client.get(to).text
    source = re.search(r'name="source"[^>]*value="([^"]*)"', page)[1]
    assert source == typed
    till.pay(choose(client, source=source, first_source=source))
    till.deliver(client)
    with newsroom.at_work():
        sums.fold()
    its = unquote(typed).partition("://")[2]
    assert rows(desk)[its][3:] == ["1", "€5", "1"]
    sources = desk.get("/staff/figures/sources").text
    listed = re.search(r'href="([^"]*[?&;]source=[^"]+)"', sources)[1].replace("&amp;", "&")
    assert "olha@example.org" in desk.get(listed).text


def test_of_an_address_that_is_too_long_nothing_is_kept(
    newsroom: Newsroom, client: FlaskClient, choose
):
    newsroom.tiers()
    page = client.get("/support", query_string={"from": f"/{'a' * 1000}"}).text
    assert re.search(r'name="source"[^>]*value=""', page)
    choose(client, source="\U00020000" * 1000, first_source=f"/{'a' * 999}")
    with newsroom.at_work():
        found = db.session.execute(sa.select(Donation.source, Donation.first_source)).one()
    assert tuple(found) == (None, f"/{'a' * 999}")


def test_there_is_a_word_where_nothing_was_shown(desk: FlaskClient):
    assert "No article has shown an appeal" in desk.get("/staff/figures/articles").text
    wrong = desk.get("/staff/figures/articles?from=never")
    assert wrong.status_code == 422


def come(newsroom: Newsroom, articles: int) -> None:
    """By each article one more than by the one before it, in two currencies, and by none."""
    with newsroom.at_work():
        for number, currency in product(range(articles + 1), ("eur", "uah")):
            article = f"{ROADS}/{number:02}" if number else ""
            total = Total(amount=500 * number, people=number or 99, times=0)
            for by in BY:
                key = Key(modes.of_process(), CAME, currency, by, days.today(), article)
                db.session.execute(sa.insert(DailySum), key._asdict() | total._asdict())
        db.session.commit()


def test_of_very_many_articles_the_first_are_read_and_all_are_counted(
    newsroom: Newsroom, desk: FlaskClient, queries
):
    come(newsroom, 2)
    with queries() as few:
        rows(desk)
        desk.get("/staff/figures/sources")
    with newsroom.at_work():
        db.session.execute(sa.delete(DailySum))
        db.session.commit()
    come(newsroom, 60)
    with queries() as many:
        found = rows(desk)
        page = desk.get("/staff/figures/sources").text
    assert len(many) == len(few)
    assert len(found) == 50
    best = [f"slovo.example/roads/{number:02}" for number in range(60, 10, -1)]
    assert list(found) == best
    assert found[best[0]][3:] == ["60 60", "€300 UAH 300", "60 60"]
    assert page.count("The first 50 of 61") == 8
    with newsroom.at_work():
        its = sources.sources(modes.of_process(), Span(days.today(), days.today()), most=3)
    assert (its["uah"].whole.came, its["uah"].by["source"].count) == (99 + 30 * 61, 61)
    assert [one.came for one in its["uah"].by["source"].rows] == [60, 59, 58]


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
