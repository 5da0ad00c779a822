"""Every route of the desk, asked by everybody: the answers are those of docs/roles.md."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.conftest import MakeApp
from tests.factories import Newsroom

PAGE = Path(__file__).parents[2] / "docs" / "roles.md"
WHO = ("stranger", "member", "editor", "finance", "admin")
LINE = re.compile(r"^\| `(?P<route>[A-Z]+ \S+)` \| (?P<cells>.+) \|$", re.MULTILINE)
# What stands in the place of an address's variables: nothing that exists, so that nothing is done.
NOTHING = {"path": "nothing", "int": "999999", "default": "nothing"}
OFFERED = {"sees": {200, 404}, "may": {200, 303, 404, 409, 422, 503}}


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(sandbox_url="http://127.0.0.1:9")


def table() -> dict[str, dict[str, str]]:
    """What docs/roles.md says of each route, by who asks."""
    return {
        line["route"]: dict(zip(WHO, line["cells"].split(" | "), strict=True))
        for line in LINE.finditer(PAGE.read_text("utf-8"))
    }


def routes(app: Flask) -> dict[str, str]:
    """Each route as the table names it, and an address of it where nothing is."""
    return {
        f"{method} {re.sub('<[a-z]+:', '<', rule.rule)}": address(rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def address(rule: Rule) -> str:
    return re.sub(r"<(?:(\w+):)?\w+>", lambda found: NOTHING[found[1] or "default"], rule.rule)


def ask(browser: FlaskClient, route: str, at: str) -> TestResponse:
    return browser.open(at, method=route.partition(" ")[0])


def asks_to_sign_in(answer: TestResponse) -> bool:
    return answer.status_code == 303 and answer.location.startswith("/sign-in")


def is_as_said(answer: TestResponse, cell: str) -> bool:
    if cell == "sign in":
        return asks_to_sign_in(answer)
    if cell == "–":
        return answer.status_code == 403
    return answer.status_code in OFFERED[cell] and not asks_to_sign_in(answer)


def browser_of(newsroom: Newsroom, who: str) -> FlaskClient:
    if who == "stranger":
        return newsroom.app.test_client()
    person = newsroom.member() if who == "member" else newsroom.person(role=who)
    return newsroom.signed_in(person)


def test_the_table_names_every_route_of_the_desk_and_no_other(app: Flask):
    desk = {route for route in routes(app) if route.split()[1].startswith("/staff")}
    lines = [f"| `{route}` | sign in | – | ? | ? | ? |" for route in sorted(desk - set(table()))]
    assert lines == [], "docs/roles.md lacks these lines"
    assert set(table()) - set(routes(app)) == set(), "docs/roles.md names what is gone"


@pytest.mark.parametrize("who", WHO)
def test_everybody_gets_the_answer_that_the_table_says(app: Flask, newsroom: Newsroom, who: str):
    newsroom.tiers()
    browser, addresses = browser_of(newsroom, who), routes(app)
    wrong = {}
    for route, cells in table().items():
        answer = ask(browser, route, addresses[route])
        if not is_as_said(answer, cells[who]):
            wrong[route] = answer.status, cells[who]
    assert wrong == {}


def test_nothing_beside_the_desk_is_kept_from_members(app: Flask, newsroom: Newsroom):
    """A route for staff alone that stands elsewhere would need a line too."""
    newsroom.tiers()
    member = newsroom.member()
    kept = {
        route
        for route, at in routes(app).items()
        if route not in table()
        and ask(newsroom.signed_in(member), route, at.replace("<path:", "")).status_code == 403
    }
    assert kept == set()


@pytest.mark.parametrize(
    ("said", "is_wrong"),
    [("sign in", True), ("–", True), ("sees", False), ("may", False)],
)
def test_the_comparison_notices_a_wrong_answer(newsroom: Newsroom, said: str, is_wrong: bool):
    newsroom.tiers()
    answer = browser_of(newsroom, "admin").get("/staff/payments")
    assert is_as_said(answer, said) is not is_wrong


def test_nobody_is_led_where_they_may_not_go(newsroom: Newsroom):
    for who in ("editor", "finance", "admin"):
        browser = browser_of(newsroom, who)
        page = browser.get("/staff/payments").text
        for at in re.findall(r'<a href="(/staff[^"?]*)"', page):
            assert browser.get(at).status_code in (200, 503), (who, at)
