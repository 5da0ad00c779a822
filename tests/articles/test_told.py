"""What the elements on an article are told, by the addresses they ask."""

import gzip
import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from membership import kept
from membership.articles.elements.nodes import nodes
from membership.clock import clock
from membership.extensions import db
from membership.settings.words import rendered
from membership.topics import life
from membership.topics.models import Topic, TopicState
from tests.articles.town import corrected
from tests.factories import Newsroom
from tests.votes import at_noon, open_round

__all__ = ["at_noon", "open_round"]  # fixtures

STORY = "https://slovo.example/2026/%D0%B4%D0%BE%D1%80%D0%BE%D0%B3%D0%B8"
ELEMENTS = Path(__file__).parents[2] / "static" / "elements"
MOST_BYTES = 12 * 1024


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    newsroom.tiers()
    newsroom.set(article_domains=["slovo.example"])
    return newsroom


def told(client: FlaskClient, language: str = "en") -> dict:
    return client.get(f"/embed/{language}/newsroom.json").json


def about(client: FlaskClient, address: str = STORY, language: str = "en") -> dict:
    return client.get(f"/embed/{language}/article.json", query_string={"at": address}).json


def test_the_script_has_every_element_and_is_light(client: FlaskClient):
    answer = client.get("/embed/hromada.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.cache_control.max_age == 3600
    defined = set(re.findall(r'customElements\.define\("([a-z-]+)"', answer.text))
    assert defined == {f"hromada-{path.stem}" for path in ELEMENTS.glob("*.js")} - {"hromada-base"}
    assert len(gzip.compress(answer.data)) < MOST_BYTES
    again = client.get("/embed/hromada.js", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_script_and_words_together_are_light(client: FlaskClient, newsroom):
    newsroom.set(currencies=["eur", "uah", "usd", "pln"])
    sizes = [
        len(client.get(path, headers={"Accept-Encoding": "gzip"}).data)
        for path in ("/embed/hromada.js", "/embed/uk/newsroom.json")
    ]
    assert sum(sizes) < MOST_BYTES, sizes


def test_what_is_told_is_in_the_language_of_its_address(client: FlaskClient, newsroom):
    client.set_cookie("language", "en")
    ukrainian = told(client, "uk")
    assert ukrainian["language"] == "uk"
    assert ukrainian["words"]["become"] == "Стати патроном"
    answer = client.get("/embed/uk/newsroom.json", headers={"Accept-Language": "pl"})
    assert answer.json == ukrainian
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert "max-age=60" in answer.headers["Cache-Control"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(("wished", "nearest"), [("uk-UA", "uk"), ("de", "en"), ("..", "en")])
def test_another_language_leads_to_the_nearest(client: FlaskClient, newsroom, wished, nearest):
    answer = client.get(f"/embed/{wished}/article.json", query_string={"at": STORY})
    assert answer.status_code == 307
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert client.get(answer.location).status_code == 200
    assert answer.location.startswith(f"/embed/{nearest}/article.json?at=https")


def test_amounts_lead_to_the_giving_page_filled_in(client: FlaskClient, newsroom):
    newsroom.set(currencies=["eur", "uah"])
    its = told(client)
    assert list(its["amounts"]) == ["eur", "uah"]
    assert [one["said"] for one in its["amounts"]["eur"]] == [
        "€3 a month",
        "€5 a month",
        "€10 a month",
    ]
    asks = its["amounts"]["uah"][1]["asks"] | {"currency": "uah", "from": STORY}
    page = client.get("/support", query_string=asks).text
    assert f'name="own_amount" type="text" value="{asks["amount"]}"' in page
    assert its["regions"]["UA"] == "uah"
    assert its["regions"]["DE"] == "eur"
    assert "US" not in its["regions"]


def test_appeals_of_sections_say_what_they_have_of_their_own(client: FlaskClient, newsroom):
    newsroom.set(appeals=["border-towns"])
    first, named = (told(client)["appeals"][name] for name in ("", "border-towns"))
    assert named == first
    newsroom.set(**{"appeal border-towns": {"en": {"text": "Ours are **{newsroom}**’s."}}})
    its = told(client)["appeals"]["border-towns"]
    assert its["headline"] == first["headline"]
    assert its["text"] == [["p", "", ["Ours are ", ["strong", "", ["The Test Courier"]], "’s."]]]
    assert told(client, "uk")["appeals"]["border-towns"]["text"] != its["text"]


def test_an_admin_words_the_appeal_of_a_section(client: FlaskClient, newsroom):
    newsroom.set(appeals=["border-towns"])
    desk = newsroom.signed_in(newsroom.person(role="admin"))
    page = desk.get("/staff/settings/articles").text
    assert "/staff/settings/appeals/border-towns" in page
    at = re.search(
        r'name="seen"[^>]*value="(\d+)"', desk.get("/staff/settings/appeals/border-towns").text
    )
    typed = {"seen": at[1], "headline_en": "Towns at the border", "text_en": "They are ours."}
    assert desk.post("/staff/settings/appeals/border-towns", data=typed).status_code == 303
    its = told(client)["appeals"]["border-towns"]
    assert (its["headline"], its["text"]) == (
        "Towns at the border",
        [["p", "", ["They are ours."]]],
    )
    assert "Towns at the border" in desk.get("/staff/settings/changes").text
    assert desk.get("/staff/settings/appeals/none").status_code == 404


def test_what_a_newsroom_wrote_becomes_data_and_no_html():
    html = rendered(
        "One & <b>two</b> [three](https://a.example/?b=1&c=2)\n\n- x\n\n"
        "[bad](javascript:alert(1)) <script>alert(1)</script>"
    )
    assert nodes(html) == [
        ["p", "", ["One & <b>two</b> ", ["a", "https://a.example/?b=1&c=2", ["three"]]]],
        ["ul", "", ["\n", ["li", "", ["x"]], "\n"]],
        ["p", "", ["[bad](javascript:alert(1)) <script>alert(1)</script>"]],
    ]


def test_a_chosen_story_is_told_who_asked_for_it(
    client: FlaskClient, newsroom: Newsroom, open_round, at_noon
):
    members = newsroom.members(3)
    votes = open_round()
    for member in members:
        votes.cast(member, "Roads")
    votes.close()
    with newsroom.at_work():
        topic = db.session.query(Topic).where(Topic.title == "Roads").one()
        life.move(topic, TopicState.published, link="https://slovo.example/2026/дороги/")
        db.session.commit()
    its = about(client)["topic"]
    assert its["said"].startswith("3 patrons asked for this on ")
    assert its["outcome"] == "rounds/march-round/results"
    assert its["path"] == "topics/roads"
    assert its["related"] == []
    assert client.get(f"/{its['outcome']}").status_code == 200
    assert about(client, "https://slovo.example/other")["topic"] is None
    assert about(client, "https://evil.example/")["topic"] is None
    assert told(client)["round"] is None


def test_the_open_round_is_told_and_how_long_it_is_open(
    client: FlaskClient, newsroom: Newsroom, open_round, at_noon
):
    open_round()
    its = told(client)["round"]
    assert its["title"] == "March round"
    assert its["said"].startswith("closes in ")
    assert client.get(f"/{its['path']}").status_code == 200


def test_how_many_carry_it_and_the_goal_are_told(client: FlaskClient, newsroom: Newsroom):
    assert told(client)["carried"] is None
    newsroom.members(2)
    today = clock.now().date()
    goal = {"aim": "patrons", "number": 10, "first": str(today), "last": str(today + timedelta(9))}
    newsroom.set(goal=goal)
    its = told(client)
    assert its["carried"] == "2 patrons carry our work."
    assert its["goal"]["said"].startswith("2 of 10 patrons, until ")
    assert (its["goal"]["shown"], its["goal"]["number"]) == (2, 10)


def test_it_takes_few_queries_however_much_there_is(
    client: FlaskClient, newsroom: Newsroom, queries, open_round, at_noon
):
    open_round()
    with queries() as few:
        told(client)
        about(client)
    newsroom.members(3)
    clock.advance(timedelta(seconds=5))
    with queries() as more:
        told(client)
        about(client)
    assert len(more) == len(few) <= 10


def test_what_an_article_has_of_its_own_is_told_of_it_alone(
    client: FlaskClient, newsroom: Newsroom, open_round, at_noon, monkeypatch
):
    """However its address is written, and while what others are told is kept."""
    member = newsroom.member()
    votes = open_round()
    votes.cast(member, "Roads")
    votes.close()
    with newsroom.at_work():
        topic = db.session.query(Topic).where(Topic.title == "Roads").one()
        life.move(topic, TopicState.published, link=f"{STORY}/")
        db.session.commit()
    corrected(newsroom, article="https://slovo.example/2026/дороги")
    monkeypatch.setattr(kept, "SECONDS", 3600)
    other = "https://slovo.example/2026/дахи"
    assert about(client, other) == {"topic": None, "corrections": [], "ours": True}
    for address in (STORY, f"{STORY}//", "https://slovo.example/2026/дороги/#top"):
        its = about(client, address)
        assert its["topic"]["path"] == "topics/roads"
        assert [one["now"] for one in its["corrections"]] == ["Built in 1879."]
    translated = client.get("/embed/en/article.json", query_string={"at": [other, STORY]}).json
    assert translated["topic"]["path"] == "topics/roads"
    assert translated["corrections"] == []
    assert about(client, other) == {"topic": None, "corrections": [], "ours": True}
    assert len(newsroom.app.extensions["kept_pages"]) == 3


def test_an_article_on_no_domain_of_ours_is_told_so_before_anybody_writes(client, newsroom):
    assert about(client, "https://elsewhere.example/roads")["ours"] is False
    assert about(client)["ours"] is True
