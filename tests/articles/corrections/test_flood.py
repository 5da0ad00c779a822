"""A script reports without end: the desk stays usable, and a true report among it is found."""

from datetime import timedelta

import pytest
from flask import Flask

from membership.articles.corrections import casework, deciding, forgetting, guard, reporting
from membership.articles.corrections.casework import Tab, Wanted
from membership.clock import clock
from membership.extensions import db
from membership.mail.models import OutgoingMail
from tests.articles.corrections.conftest import ARTICLE, Send
from tests.factories import NOON, Newsroom

FLOOD = 30


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "MOST_LISTED", 3)
    monkeypatch.setattr(guard, "MOST_LIFTED", 5)


@pytest.fixture
def flood(send: Send) -> Send:
    """Each from another address, of another passage, and leaving somebody's e-mail."""
    for number in range(FLOOD):
        sent = send(
            exact=f"noise {number}",
            paragraph="",
            right="Buy at buy.example!",
            email=f"victim{number}@example.org",
        )
        assert sent.status_code == 201
    return send


def listed(app: Flask, tab: Tab = Tab.open, **wanted: str) -> list[str]:
    with app.app_context():
        return [row.case.exact for row in casework.page(tab, Wanted(**wanted), limit=100, offset=0)]


def flooded(app: Flask, **wanted: str) -> list[tuple[str, int]]:
    with app.app_context():
        rows = casework.flood(Wanted(**wanted), limit=100, offset=0)
        return [(row.said, row.same) for row in rows]


def test_of_a_flood_so_many_come_before_the_editors_and_no_more(
    app: Flask, newsroom: Newsroom, flood: Send
):
    assert listed(app) == ["noise 0", "noise 1", "noise 2"]
    with app.app_context():
        assert casework.counts() == {Tab.open: 3, Tab.decided: 0, Tab.flood: FLOOD - 3}
    assert newsroom.count(OutgoingMail) == 0


def test_a_true_report_stands_out_by_saying_something_else(app: Flask, flood: Send):
    flood()
    for number in range(FLOOD):
        flood(exact=f"more {number}", paragraph="", right="buy AT “buy.example”!" + " " * number)
    assert flooded(app)[0] == ("It was built in 1879.", 1)
    assert len(flooded(app)) == 3


def test_it_is_found_by_words_and_by_article(app: Flask, flood: Send):
    flood(exact="Міст збудовано", paragraph="", right="У 1879 році.")
    flood(article=f"{ARTICLE}/other", right="Else.")
    assert flooded(app, words="МІСТ") == [("У 1879 році.", 1)]
    assert flooded(app, words="1879 збудовано") == [("У 1879 році.", 1)]
    assert flooded(app, words="100%") == []
    assert flooded(app, article=f"{ARTICLE}/other") == [("Else.", 1)]


def test_a_second_reader_lifts_a_case_out_of_it(app: Flask, flood: Send):
    flood(at="10.7.7.7")
    flood(at="10.7.7.7", right="I said so.")
    assert "built in 1897" not in listed(app)
    flood(at="10.7.7.8")
    assert listed(app)[0] == "built in 1897"


def test_a_script_lifts_no_more_than_the_editors_can_read(app: Flask, flood: Send):
    for number in range(FLOOD):
        flood(exact=f"noise {number}", paragraph="")
    assert len(listed(app)) == 5
    clock.set(NOON + timedelta(hours=2))
    flood(exact="after an hour", paragraph="")
    assert "after an hour" in listed(app)


def test_a_passage_that_was_decided_on_before_is_not_held_back(app: Flask, send: Send, cases):
    send()
    with app.app_context():
        case = reporting.by_code(cases()[0].code)
        assert case is not None
        deciding.mend(case, by=None, seen=0)
        db.session.commit()
    for number in range(4):
        send(exact=f"noise {number}", paragraph="")
    send(right="It still says so.")
    assert "built in 1897" in listed(app)
    assert "noise 3" not in listed(app)


def test_what_is_held_back_is_let_go_after_a_while_and_nothing_else(
    app: Flask, flood: Send, cases, monkeypatch
):
    monkeypatch.setattr(forgetting, "AT_ONCE", 10)
    clock.set(NOON + timedelta(days=31))
    flood(exact="new", paragraph="")
    with app.app_context():
        forgetting.forget_old()
    assert sorted(case.exact for case in cases()) == ["new", "noise 0", "noise 1", "noise 2"]


def test_what_says_the_same_is_thrown_away_at_once(app: Flask, flood: Send, cases):
    flood()
    key = cases()[-2].said_key
    with app.app_context():
        assert forgetting.let_same_go(key) == FLOOD - 3
        db.session.commit()
    assert [case.exact for case in cases()][3:] == ["built in 1897"]


def test_pages_of_a_flood_ask_as_much_as_an_empty_one(app: Flask, flood: Send, queries):
    with app.app_context(), queries() as asked:
        casework.page(Tab.open, Wanted(), limit=51, offset=0)
        casework.flood(Wanted(), limit=51, offset=0)
        casework.counts()
    assert len([one for one in asked if one.lower().startswith("select")]) == 6
