"""Pages for everybody: the same for every stranger, bounded in number, and never old."""

import gzip
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask, session

from membership import kept
from membership.books.models import Tier
from membership.extensions import db
from membership.rounds.models import Round
from membership.topics.models import Topic
from tests.factories import Newsroom
from tests.till import Till, giving_form, till
from tests.votes import at_noon, open_round
from tests.waiting import until

__all__ = ["at_noon", "open_round", "till"]  # fixtures

PAGES = [
    "/",
    "/support",
    "/support/other-ways",
    "/topics",
    "/topics/roads",
    "/rounds/march-round",
    "/rounds/march-round/results",
    "/sign-in",
    "/embed/support",
    "/embed/topics/roads",
    "/embed/rounds/march-round/results",
]
DATA = [
    "/embed/en/newsroom.json",
    "/embed/uk/article.json",
    "/feeds/en/topics.atom",
    "/feeds/uk/outcomes.json",
    "/api/v1/topics",
    "/api/v1/rounds/march-round",
]
LONG = 3600


@pytest.fixture
def pages_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "SECONDS", LONG)


@pytest.fixture
def town(newsroom: Newsroom, open_round, at_noon) -> Newsroom:
    """A newsroom with tiers, topics and a round that is over."""
    newsroom.tiers()
    member = newsroom.member()
    votes = open_round()
    votes.cast(member, "Roads")
    votes.close()
    return newsroom


@pytest.mark.parametrize("page", [*PAGES, *DATA])
@pytest.mark.parametrize("sent", [{}, {"Accept-Encoding": "gzip"}, {"Accept-Language": "uk"}])
def test_the_door_answers_as_the_pages_do(pages_are_kept, town: Newsroom, page, sent):
    inside = town.app.test_client().get(page, headers=sent)
    town.app.view_functions.clear()  # from here on only the door can answer
    at_the_door = town.app.test_client().get(page, headers=sent)
    assert (at_the_door.data, list(at_the_door.headers)) == (inside.data, list(inside.headers))


@pytest.mark.parametrize(
    "brought", [{"Cookie": "hromada=x"}, {"Cookie": "language=uk"}, {"If-None-Match": '"x"'}]
)
def test_who_brings_something_of_their_own_goes_inside(pages_are_kept, town: Newsroom, brought):
    town.app.test_client().get("/topics")
    asked: list[str] = []
    town.app.before_request_funcs.setdefault(None, []).insert(0, lambda: asked.append("inside"))
    browser = town.app.test_client(use_cookies=False)
    browser.get("/topics")
    browser.get("/topics", headers=brought)
    browser.get("/topics?from=roads")
    browser.head("/topics")
    assert asked == ["inside"] * 3


@pytest.mark.parametrize("page", PAGES)
def test_strangers_get_the_same_bytes_and_no_cookie(town: Newsroom, page):
    answers = [town.app.test_client().get(page) for _ in range(2)]
    for answer in answers:
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "public, max-age=0, s-maxage=1"
        assert {"Accept-Language", "Cookie"} <= set(re.split(", ?", answer.headers["Vary"]))
    assert answers[0].data == answers[1].data
    assert answers[0].headers["ETag"] == answers[1].headers["ETag"]
    again = town.app.test_client().get(page, headers={"If-None-Match": answers[0].headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("page", PAGES)
def test_a_kept_page_asks_the_database_nothing(pages_are_kept, town: Newsroom, queries, page):
    first = town.app.test_client().get(page)
    with queries() as seen:
        second = town.app.test_client().get(page)
    assert seen == []
    assert second.data == first.data


def test_each_language_has_its_own(pages_are_kept, town: Newsroom):
    client = town.app.test_client(use_cookies=False)
    for _ in range(2):
        english = client.get("/", headers={"Accept-Language": "en"})
        ukrainian = client.get("/", headers={"Accept-Language": "uk"})
        chosen = client.get("/", headers={"Accept-Language": "en", "Cookie": "language=uk"})
        assert '<html lang="en">' in english.text
        assert '<html lang="uk">' in ukrainian.text
        assert chosen.data == ukrainian.data


def test_what_the_address_says_travels_with_the_form(pages_are_kept, town: Newsroom):
    client = town.app.test_client()
    for article in ("/2026/roads", '"><script>', "/2026/schools"):
        page = client.get(
            "/support",
            query_string={
                "from": article,
                "utm_source": "letter",
                "utm_medium": "e-mail",
                "referrer": "https://example.org/front",
                "amount": "7.50",
                "interval": "year",
                "currency": "usd",
            },
        ).text
        said = {
            name: value
            for name, value in re.findall(r'<input[^>]*name="([a-z_]+)"[^>]*value="([^"]*)"', page)
            if name in ("source", "campaign", "referrer", "own_amount", "currency")
        }
        assert said == {
            "source": article.replace('"', "&#34;").replace(">", "&gt;").replace("<", "&lt;"),
            "campaign": "utm_source=letter&amp;utm_medium=e-mail",
            "referrer": "https://example.org/front",
            "own_amount": "7.50",
            "currency": "usd",
        }
        assert re.search(r'<input[^>]*checked[^>]*name="interval"[^>]*value="year"', page)


def test_what_is_kept_stays_bounded_whatever_is_asked_for(
    pages_are_kept, town: Newsroom, monkeypatch
):
    client = town.app.test_client()
    pages = town.app.extensions["kept_pages"]
    for number in range(60):
        client.get(f"/?from=/{number}&utm_source={number}&amount={number}&x={number}")
        client.get(f"/sign-in?next=/{number}")
        client.get(f"/topics?q={number}")
        client.get(f"/topics/nothing-{number}")
    assert len(pages) <= 4
    monkeypatch.setattr(kept, "MOST", 3)
    for page in PAGES:
        client.get(page)
    assert len(pages) == 3


def test_a_person_sees_their_own_page_and_nobody_elses(pages_are_kept, town: Newsroom):
    olha, petro = (town.signed_in(town.person(f"{name}@example.org")) for name in ("olha", "petro"))
    for _ in range(2):
        mine, theirs = olha.get("/"), petro.get("/")
        assert "olha@example.org" in mine.text
        assert "petro@example.org" in theirs.text
        assert "petro@example.org" not in mine.text
        assert mine.headers["Cache-Control"] == "private, no-cache"
        stranger = town.app.test_client().get("/")
        assert "@example.org" not in stranger.text.replace("desk@", "")
        assert "csrf_token" not in stranger.text
        assert "csrf_token" in mine.text


def test_a_form_of_a_page_just_made_is_taken_and_so_is_one_of_a_page_kept(
    pages_are_kept, make_app, till: Till
):
    """Its token is that of who got the page, whoever it was made for."""
    app = make_app(sandbox_url=till.url)
    newsroom = Newsroom(app)
    newsroom.tiers()
    browsers = [newsroom.signed_in(newsroom.person()) for _ in range(2)]
    app.config["WTF_CSRF_ENABLED"] = True
    own = {"Sec-Fetch-Site": "same-origin"}
    for number, browser in enumerate(browsers * 2):
        token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/").text)
        assert token is not None
        form = giving_form(csrf_token=token[1], attempt=f"{number}" * 16)
        assert browser.post("/support/checkout", data=form, headers=own).status_code == 303


@pytest.mark.parametrize("page", DATA)
def test_what_is_for_machines_is_so_to_people_too(town: Newsroom, page):
    """As HTML it would be read with whatever people wrote in it."""
    stranger, person = town.app.test_client(), town.signed_in(town.person())
    assert person.get(page).content_type == stranger.get(page).content_type
    assert person.get(page).mimetype != "text/html"


def test_a_flashed_word_is_said_once_and_kept_for_nobody(pages_are_kept, town: Newsroom):
    client = town.app.test_client()
    with client.session_transaction() as session:
        session["_flashes"] = [("message", "Only for you.")]
    assert "Only for you." in client.get("/topics").text
    assert "Only for you." not in town.app.test_client().get("/topics").text


def test_pages_are_packed_for_who_takes_them(pages_are_kept, town: Newsroom):
    client = town.app.test_client()
    plain = client.get("/")
    packed = client.get("/", headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] != plain.headers["ETag"]
    refused = client.get("/", headers={"Accept-Encoding": "gzip;q=0, identity"})
    assert refused.data == plain.data
    assert "Accept-Encoding" in packed.headers["Vary"]


@pytest.fixture
def as_it_is_kept() -> None:
    """As long as in a newsroom, and not as in other tests."""


def reword_a_tier() -> None:
    db.session.query(Tier).first().name = {"en": "Something new"}


def retitle_a_topic() -> None:
    topic = db.session.query(Topic).filter_by(slug="roads").one()
    topic.title = "Something new"


def retitle_a_round() -> None:
    db.session.query(Round).one().title = "Something new"


@pytest.mark.parametrize(
    ("change", "pages"),
    [
        (reword_a_tier, ["/", "/support"]),
        (retitle_a_topic, ["/topics", "/topics/roads"]),
        (retitle_a_round, ["/topics", "/rounds/march-round", "/rounds/march-round/results"]),
    ],
)
def test_a_change_shows_on_every_process(as_it_is_kept, make_app, town: Newsroom, change, pages):
    """Two applications on one database, and nobody tells one what the other did."""
    clients = [town.app.test_client(), make_app().test_client()]
    for client in clients:
        for page in pages:
            assert "Something new" not in client.get(page).text
    with town.at_work():
        change()
        db.session.commit()
    for client in clients:
        for page in pages:
            until(lambda client=client, page=page: "Something new" in client.get(page).text)


def test_no_process_keeps_a_page_for_a_second_and_no_proxy_for_more(as_it_is_kept, town: Newsroom):
    """However it is set elsewhere: this is what a newsroom runs with."""
    said = town.app.test_client().get("/").headers["Cache-Control"]
    assert kept.SECONDS < 1
    assert int(re.search(r"s-maxage=(\d+)", said)[1]) == 1


def test_nothing_that_people_write_is_taken_for_a_hole(pages_are_kept, town: Newsroom):
    """A title with the mark that once stood at a hole's edge, which no editor can see."""
    with town.at_work():
        topic = db.session.query(Topic).filter_by(slug="roads").one()
        topic.title = "Roads \ue000token\ue000 and \ue000boom\ue000"
        db.session.commit()
    for page in ("/topics", "/topics/roads", "/topics?from=/2026"):
        answer = town.app.test_client().get(page)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers


def test_what_is_for_everybody_sets_no_cookie_whatever_a_view_does(pages_are_kept, app: Flask):
    def view() -> str:
        session["visitor"] = "me"
        return "<p>for everybody"

    app.add_url_rule("/everybody", view_func=kept.for_everybody()(view))
    for query in ("", "?x=1", "?x=2"):
        answer = app.test_client().get(f"/everybody{query}")
        assert "public" in answer.headers["Cache-Control"]
        assert "Set-Cookie" not in answer.headers


def test_many_threads_may_keep_more_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr(kept, "MOST", 3)
    pages: kept.Latest[int] = kept.Latest()

    def keep(number: int) -> None:
        for key in range(number, number + 3000):
            pages.keep(key % 7, key)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(keep, range(8)))
    assert len(pages) == 3


def test_many_at_once_get_whole_pages(town: Newsroom, monkeypatch):
    monkeypatch.setattr(kept, "SECONDS", 0.01)

    def read(number: int) -> bytes:
        return town.app.test_client().get("/topics", query_string={"n": number % 3}).data

    with ThreadPoolExecutor(8) as pool:
        pages = set(pool.map(read, range(200)))
    assert len({re.sub(rb"n%3D\d", b"", page) for page in pages}) == 1


def test_while_the_delay_switch_is_on_each_form_has_a_name_and_a_time(make_app):
    app: Flask = make_app(checkout_delay=5)
    Newsroom(app).tiers()
    pages = [app.test_client().get("/") for _ in range(2)]
    names = [re.search(r'name="attempt"[^>]*value="(\w{32})"', page.text) for page in pages]
    assert all(names)
    assert names[0][1] != names[1][1]
    assert all(page.headers["Cache-Control"] == "private, no-cache" for page in pages)
    assert all("Set-Cookie" not in page.headers for page in pages)


def test_addresses_that_are_made_up_make_no_pages(pages_are_kept, town: Newsroom, queries):
    """Each way to ask for what the newsroom does not have: an article, a list of it, a page of it.

    Of articles all that have nothing of their own are told the same, and ask nothing.
    """
    town.set(article_domains=["slovo.example"])
    client, pages = town.app.test_client(), town.app.extensions["kept_pages"]
    made_up = [f"https://slovo.example/{number}" for number in range(40)]
    told = {
        client.get("/embed/en/article.json", query_string={"at": [at, f"{at}/en"]}).data
        for at in made_up[:2]
    }
    client.get("/corrections")
    kept_before = len(pages)
    with queries() as seen:
        for at in made_up:
            told.add(client.get("/embed/en/article.json", query_string={"at": [at]}).data)
    assert [one for one in seen if "FROM " in one] == []
    assert len(told) == 1
    with queries() as seen:
        for number, at in enumerate(made_up):
            client.get("/corrections", query_string={"article": at})
            client.get("/corrections", query_string={"page": number})
    assert len([one for one in seen if "FROM correction" in one]) == 2 * len(made_up)
    assert len(pages) == kept_before
