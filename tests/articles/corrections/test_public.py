"""Everybody reads what was wrong and what is right now, with the newsroom's policy above."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from membership.articles.corrections import deciding, published, reporting
from membership.clock import clock
from membership.extensions import db
from tests.articles.corrections.conftest import ARTICLE, Send
from tests.factories import NOON

OTHER = "https://slovo.example/2026/дахи"


@pytest.fixture
def noted(app: Flask, send: Send):
    def publishing(article: str, was: str, *, now: str = "The right one.") -> str:
        with app.app_context():
            case = reporting.by_code(send(article=article, exact=was, paragraph="").json["code"])
            assert case is not None
            deciding.note(case, by=None, seen=0, title="Roads & <b>roofs</b>", was=was, now=now)
            db.session.commit()
            clock.set(clock.now() + timedelta(hours=1))
            return case.code

    return publishing


def test_an_empty_page_has_the_policy(client: FlaskClient, ours):
    page = client.get("/corrections")
    assert page.status_code == 200
    assert "A slip of the pen is mended silently." in page.text
    assert "Nothing so far." in page.text
    assert "Set-Cookie" not in page.headers
    assert "s-maxage=1" in page.headers["Cache-Control"]


def test_only_notes_are_listed_the_latest_first(client: FlaskClient, app: Flask, send: Send, noted):
    noted(ARTICLE, "first wrong")
    noted(OTHER, "second wrong", now="<script>alert(1)</script>")
    send(exact="open wrong", paragraph="")
    page = client.get("/corrections").text
    assert page.index("second wrong") < page.index("first wrong")
    assert "open wrong" not in page
    assert "It was built in 1879." not in page
    assert "<script>alert" not in page
    assert "Roads &amp; &lt;b&gt;roofs&lt;/b&gt;" in page
    with app.app_context():
        [second, first] = published.latest(10)
        assert (first.article, first.was, first.at) == (ARTICLE, "first wrong", NOON)
        assert published.of_article(OTHER) == [second]


def test_of_one_article_its_own_are_listed(client: FlaskClient, noted):
    noted(ARTICLE, "first wrong")
    noted(OTHER, "second wrong")
    encoded = "https://slovo.example/2026/%D0%B4%D0%B0%D1%85%D0%B8#top"
    page = client.get("/corrections", query_string={"article": encoded}).text
    assert "second wrong" in page
    assert "first wrong" not in page
    whole = client.get("/corrections", query_string={"article": "javascript:alert(1)"}).text
    assert "first wrong" in whole
    assert "javascript:" not in whole


def test_a_page_costs_the_same_however_many_there_are(client: FlaskClient, noted, queries):
    noted(ARTICLE, "wrong 0")
    with queries() as few:
        client.get("/corrections")
    for number in range(1, 60):
        noted(ARTICLE, f"wrong {number}")
    with queries() as many:
        page = client.get("/corrections").text
    assert len(many) == len(few)
    assert page.count('class="corrected"') == 50
    assert "wrong 9<" in client.get("/corrections?page=2").text


def test_a_page_of_a_report_says_what_became_of_it(client: FlaskClient, app: Flask, send, noted):
    code = noted(ARTICLE, "first wrong", now="first right")
    page = client.get(f"/corrections/reports/{code}").text
    assert "first right" in page
    declined = send(exact="as it is", paragraph="").json["code"]
    with app.app_context():
        case = reporting.by_code(declined)
        assert case is not None
        deciding.decline(case, by=None, seen=0, reason="The register says so.")
        db.session.commit()
    assert "The register says so." in client.get(f"/corrections/reports/{declined}").text
    assert client.get("/corrections/reports/nothing").status_code == 404


def test_a_page_of_a_report_names_the_article_by_what_may_be_shown(
    client: FlaskClient, app: Flask, send: Send, noted
):
    """A title that a stranger typed is no link before an editor has read it."""
    told = [("Where did the road money go?", True), ("Buy at shop.example", False)]
    for number, (title, is_shown) in enumerate(told):
        code = send(exact=f"open {number}", title=title, paragraph="").json["code"]
        page = client.get(f"/corrections/reports/{code}").text
        assert (title in page) is is_shown
        assert (f">{ARTICLE}</a>" in page) is not is_shown
    code = noted(ARTICLE, "first wrong")
    assert (
        "Roads &amp; &lt;b&gt;roofs&lt;/b&gt;</a>"
        in client.get(f"/corrections/reports/{code}").text
    )
