"""The newsroom says in its own words what readers read of it, in each of its languages."""

import re
from html import unescape

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from membership.extensions import db
from membership.settings import words
from membership.settings.models import Setting
from tests.conftest import MakeApp
from tests.factories import Newsroom
from tests.staff.settings.conftest import NEWSROOM, seen

WORDS, GOAL = "/staff/settings/words", "/staff/settings/goal"
OURS = "Journalism that answers to its readers"
PUBLIC = ("/support", "/support/other-ways", "/topics", "/sign-in", "/nowhere")


def say(desk: FlaskClient, name: str, *, at: str | None = None, **more: str) -> TestResponse:
    version = seen(desk, f"{WORDS}/{name}") if at is None else at
    return desk.post(f"{WORDS}/{name}", data={"seen": version} | more)


def read(newsroom: Newsroom, page: str = "/support", language: str = "en") -> str:
    return newsroom.app.test_client().get(page, headers={"Accept-Language": language}).text


def open_to_all(newsroom: Newsroom) -> list[str]:
    """Every address of the site that needs nothing to be known beforehand."""
    rules = newsroom.app.url_map.iter_rules()
    asked = [str(rule) for rule in rules if "GET" in (rule.methods or ()) and not rule.arguments]
    found = [address for address in asked if not address.startswith(("/staff", "/dev"))]
    assert len(found) > 10
    return found


def states(desk: FlaskClient, name: str) -> list[str]:
    """What the list says of each language."""
    row = desk.get(WORDS).text.partition(f'href="{WORDS}/{name}"')[2].partition("</tr>")[0]
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row.split("<td>")[1:]]


def changes(newsroom: Newsroom) -> int:
    with newsroom.at_work():
        return db.session.scalar(sa.select(sa.func.count(Setting.id))) or 0


def test_what_comes_along_is_read_in_each_language(newsroom: Newsroom, desk: FlaskClient):
    assert OURS in read(newsroom)
    assert "The Test Courier is free to read" in read(newsroom)
    assert "Журналістика, що відповідає" in read(newsroom, language="uk")
    assert states(desk, "appeal") == ["as it comes along"] * 2


def test_own_words_are_read_where_there_are_some(newsroom: Newsroom, desk: FlaskClient):
    answer = say(desk, "appeal", text_en="**{newsroom}** needs [you](https://example.org).")
    assert answer.status_code == 303
    page = read(newsroom)
    assert "<strong>The Test Courier</strong> needs" in page
    assert '<a href="https://example.org"' in page
    assert "cup of coffee" not in page
    assert "однієї кави" in read(newsroom, language="uk")
    assert states(desk, "appeal") == ["your own", "missing readers get what comes along"]
    say(desk, "headline", text_en="Hello, {newsroom}", text_uk="Вітаємо")
    assert "<h1>Hello, The Test Courier</h1>" in read(newsroom)
    assert "<h1>Вітаємо</h1>" in read(newsroom, language="uk")


def test_nobody_reads_of_another_newsroom(newsroom: Newsroom, desk: FlaskClient):
    newsroom.tiers()
    desk.post("/staff/settings", data=NEWSROOM | {"asks_consent": "y", "seen": "0"})
    goal = {"aim": "patrons", "number": "5", "first": "2026-01-01", "last": "2099-12-31"}
    desk.post(GOAL, data=goal | {"seen": seen(desk, GOAL)})
    nonsense = {name: f"Blorp {place}" for place, name in enumerate(words.DEFAULTS)}
    for name, text in nonsense.items():
        say(desk, name, text_en=text, text_uk=text)
    for language in ("en", "uk"):
        with newsroom.app.test_request_context(headers={"Accept-Language": language}):
            ours = [words.default(name, language) for name in words.DEFAULTS]
        sentences = {
            sentence.strip(" #*-\n")
            for text in ours
            for sentence in re.split(r"[.\n]|\{\w+\}", text)
            if len(sentence.strip(" #*-\n")) > 20
        }
        assert len(sentences) > 10
        for page in PUBLIC:
            assert "Blorp" in read(newsroom, page, language)
        for page in {*PUBLIC, *open_to_all(newsroom)}:
            told = unescape(read(newsroom, page, language))
            assert [sentence for sentence in sentences if sentence in told] == [], page


@pytest.mark.parametrize(
    ("typed", "never", "read_as"),
    [
        ("<script>alert(1)</script>", "<script>alert", "&lt;script&gt;"),
        ("[a](javascript:alert(1))", 'href="javascript', "[a]"),
        ("![a](https://elsewhere.example/pixel.png)", "<img", "elsewhere"),
        ("# One\n\n#### Four", "<h4", "<h2>One</h2>\n<h3>Four</h3>"),
        ("a\n\n<div onclick=x>b</div>", "<div onclick", "&lt;div onclick=x&gt;"),
        ("[{contact}](mailto:{contact})", "{contact}", 'href="mailto:desk@hromada.example"'),
        ("[a](https://example.org/?q={newsroom})", "%7B", "q=The%20Test%20Courier"),
    ],
)
def test_words_are_words_and_nothing_that_acts(
    newsroom: Newsroom, desk: FlaskClient, typed: str, never: str, read_as: str
):
    say(desk, "appeal", text_en=typed)
    told = read(newsroom).partition('class="lede"')[2].partition("<form")[0]
    assert never not in told
    assert read_as in told


def test_a_name_is_a_name_whatever_it_looks_like(make_app: MakeApp):
    newsroom = Newsroom(make_app(newsroom_name="<b>*The*</b> _Daily_ & Co"))
    page = read(newsroom)
    assert "&lt;b&gt;*The*&lt;/b&gt; _Daily_ &amp; Co is free to read" in page
    assert "<b>" not in page


def test_to_look_at_it_keeps_nothing(newsroom: Newsroom, desk: FlaskClient):
    answer = say(desk, "appeal", text_en="A *draft*", preview="yes")
    assert answer.status_code == 200
    assert "A <em>draft</em>" in answer.text
    assert re.search(r">\s*A \*draft\*</textarea>", answer.text)
    assert changes(newsroom) == 0
    answer = say(desk, "appeal", text_en="A *draft*", text_uk="Чернетка", fill="en")
    assert "cup of coffee" in answer.text
    assert "Чернетка" in answer.text
    assert changes(newsroom) == 0


def test_what_comes_along_need_not_be_kept(newsroom: Newsroom, desk: FlaskClient):
    say(desk, "headline", text_en=OURS, text_uk="")
    assert changes(newsroom) == 0
    say(desk, "headline", text_en="Ours", text_uk="")
    say(desk, "headline", text_en="  ", text_uk="")
    assert OURS in read(newsroom)
    assert states(desk, "headline") == ["as it comes along"] * 2


def test_every_change_has_a_way_back(newsroom: Newsroom, desk: FlaskClient):
    say(desk, "headline", text_en="First")
    say(desk, "headline", text_en="Second")
    for expected in ("First", OURS):
        page = desk.get("/staff/settings/changes").text
        undo = re.findall(r'action="(/staff/settings/changes/\d+/undo)"', page)
        assert "Headline" in page
        desk.post(undo[0] if expected == "First" else undo[-1])
        assert expected in read(newsroom)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"text_en": "Dear {reader}"}, "“{reader}” cannot be filled in"),
        ({"text_en": "{ newsroom"}, None),
        ({"text_en": "x" * 6001}, "6000"),
    ],
)
def test_what_makes_no_sense_is_said_where_it_stands(
    newsroom: Newsroom, desk: FlaskClient, values: dict[str, str], why: str | None
):
    answer = say(desk, "appeal", **values)
    assert answer.status_code == (422 if why else 303)
    if why:
        assert why in unescape(answer.text)
        assert values["text_en"] in unescape(answer.text)
        assert changes(newsroom) == 0


def test_two_admins_who_word_the_same_are_told(newsroom: Newsroom, desk: FlaskClient):
    other = newsroom.signed_in(newsroom.person("second@example.org", role="admin"))
    at = seen(other, f"{WORDS}/headline")
    say(desk, "headline", text_en="Mine")
    answer = say(other, "headline", at=at, text_en="Theirs")
    assert answer.status_code == 409
    assert "Somebody else has just changed this" in answer.text
    assert 'value="Theirs"' in answer.text
    [again] = re.findall(r'name="seen"[^>]* value="(\d+)"', answer.text)
    assert say(other, "headline", at=again, text_en="Theirs").status_code == 303
    assert "<h1>Theirs</h1>" in read(newsroom)


def test_a_language_that_is_off_keeps_its_words(make_app: MakeApp):
    first = Newsroom(make_app())
    say(first.signed_in(first.person(role="admin")), "headline", text_uk="Наше")
    less = Newsroom(make_app(languages="en"))
    say(less.signed_in(less.person("b@example.org", role="admin")), "headline", text_en="Ours")
    assert "<h1>Ours</h1>" in read(less)
    again = Newsroom(make_app())
    assert "<h1>Наше</h1>" in read(again, language="uk")


def test_there_are_no_other_words(desk: FlaskClient):
    assert desk.get(f"{WORDS}/horoscope").status_code == 404
