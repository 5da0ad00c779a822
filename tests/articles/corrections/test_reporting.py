"""A reader points something out: checked, counted, guarded, and answered in their language."""

import threading

import pytest
from flask import Flask
from flask.testing import FlaskClient

from membership.articles.corrections import guard, reporting
from membership.articles.corrections.models import Kind, State
from membership.clock import clock
from tests.articles.corrections.conftest import ARTICLE, PARAGRAPH, WRONG, Send, set_rules
from tests.conftest import MakeApp
from tests.factories import NOON


def test_an_articles_script_sends_it_and_hears_where_it_is_seen(send: Send, cases):
    answer = send(email="Olha@Example.org")
    [case] = cases()
    assert answer.status_code == 201
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers
    assert answer.json == {
        "code": case.code,
        "address": f"http://127.0.0.1:8000/corrections/reports/{case.code}",
        "note": "",
    }
    assert (case.article, case.exact, case.paragraph) == (ARTICLE, "built in 1897", PARAGRAPH)
    assert (case.kind, case.state, case.reports, case.reporters) == (Kind.fact, State.open, 1, 1)
    assert case.listed_at == case.first_at == NOON
    [said] = case.said
    assert (said.said, said.email, said.language) == (
        "It was built in 1879.",
        "olha@example.org",
        "en",
    )
    assert said.client
    assert "10.0" not in said.client


def test_a_page_takes_it_without_javascript(client: FlaskClient, cases):
    page = client.get("/corrections/new", query_string={"about": f"{ARTICLE}#x", "exact": "1897"})
    assert page.status_code == 200
    assert f'value="{ARTICLE}#x"' in page.text
    assert ">1897</textarea>" in page.text.replace("\r\n", "")
    form = {"article": ARTICLE, "exact": "in  1897", "kind": "slip", "website": ""}
    answer = client.post("/corrections/new", data=form)
    [case] = cases()
    assert answer.status_code == 303
    assert answer.location == f"/corrections/reports/{case.code}?sent=yes"
    thanks = client.get(answer.location)
    assert "Thank you." in thanks.text
    assert "in 1897" in thanks.text
    assert "have not decided yet" in thanks.text
    assert thanks.headers["X-Robots-Tag"] == "noindex"
    assert (case.exact, case.said[0].said, case.said[0].email) == ("in 1897", "", None)


def test_an_address_that_is_not_ours_is_refused_kindly(client: FlaskClient, send: Send, cases):
    page = client.get("/corrections/new?about=https://elsewhere.example/")
    assert "not the address of an article of ours" in page.text
    assert 'value="https://elsewhere.example/"' in page.text
    assert client.get("/corrections/new").text.count("Error") == 0
    form = WRONG | {"article": "javascript:alert(1)"}
    answer = client.post("/corrections/new", data=form)
    assert answer.status_code == 422
    assert "It was built in 1879." in answer.text
    answer = send(article="https://slovo.example.evil/x", lang="uk")
    assert answer.status_code == 422
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert list(answer.json["errors"]) == ["article"]
    assert cases() == []


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"exact": " \n"}, {"exact"}),
        ({"exact": "x" * 1001}, {"exact"}),
        ({"kind": "joke"}, {"kind"}),
        ({"kind": ""}, {"kind"}),
        ({"right": ""}, {"right"}),
        ({"right": "x" * 1001}, {"right"}),
        ({"email": "olha@"}, {"email"}),
        ({"website": "http://buy.example"}, {"website"}),
    ],
)
def test_what_is_wrong_is_said_at_its_field(send: Send, cases, changes, fields):
    changes = {"right": ""} | changes if changes.get("kind") == "" else changes
    answer = send(**changes)
    assert answer.status_code == 422
    assert set(answer.json["errors"]) == fields
    assert cases() == []


def test_what_the_script_knows_of_the_place_is_taken_as_far_as_it_makes_sense(send: Send, cases):
    answer = send(title="t" * 900, prefix="p " * 450, suffix=" s" * 450, paragraph="none of it")
    assert answer.status_code == 201
    [case] = cases()
    assert (len(case.article_title), len(case.prefix), len(case.suffix)) == (200, 64, 64)
    assert case.paragraph == ""


def test_another_site_cannot_send_the_page_s_form(client: FlaskClient, make_app: MakeApp):
    browser = make_app(csrf=True).test_client()
    answer = browser.post("/corrections/new", data=WRONG, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_the_same_passage_is_one_case_with_a_count(send: Send, cases):
    first = send().json
    clock.set(NOON.replace(hour=13))
    assert send(exact="built  in 1897", right="1879!").json == first
    assert send(exact="in 1897, and", prefix="was built ", suffix=" it has").json == first
    assert send(exact="built in 1897", paragraph="", prefix="", suffix="").json == first
    [case] = cases()
    assert (case.reports, case.reporters) == (4, 4)
    assert (case.first_at.hour, case.last_at.hour) == (12, 13)
    assert [one.exact for one in case.said][2] == "in 1897, and"


def test_another_passage_is_another_case(send: Send, cases):
    send()
    send(exact="1989", prefix="for it in ", suffix=".")
    send(article=ARTICLE + "?page=2")
    send(paragraph="It is a lie that it was built in 1897.", prefix="it was ", suffix=".")
    assert len(cases()) == 4


def test_a_double_click_counts_once(send: Send, cases):
    for _again in range(2):
        send(at="10.1.1.1")
    [case] = cases()
    assert (case.reports, case.reporters, len(case.said)) == (1, 1, 1)
    send(at="10.1.1.1", right="No, 1880.")
    send(at="10.1.1.1", right="No, 1880.", email="olha@example.org")
    [case] = cases()
    assert (case.reports, case.reporters) == (3, 1)


def test_of_a_case_that_many_report_only_the_first_are_kept(send: Send, cases, monkeypatch):
    monkeypatch.setattr(reporting, "MOST_KEPT", 3)
    for _reader in range(5):
        send()
    [case] = cases()
    assert (case.reports, len(case.said)) == (5, 3)


def test_beyond_them_those_are_kept_to_whom_we_may_write(send: Send, cases, monkeypatch):
    monkeypatch.setattr(reporting, "MOST_KEPT", 2)
    monkeypatch.setattr(reporting, "MOST_KEPT_WITH_ADDRESS", 4)
    for _reader in range(3):
        send()
    for name in ("olha", "petro", "ines"):
        send(email=f"{name}@example.org")
    [case] = cases()
    assert case.reports == 6
    assert [one.email for one in case.said] == [
        *(None, None),
        *("olha@example.org", "petro@example.org"),
    ]


def test_whose_address_is_not_kept_is_told_so(client: FlaskClient, send: Send, monkeypatch):
    monkeypatch.setattr(reporting, "MOST_KEPT", 0)
    monkeypatch.setattr(reporting, "MOST_KEPT_WITH_ADDRESS", 1)
    no_letter = "We will not write to the address that you left"
    assert send(email="olha@example.org").json["note"] == ""
    assert send(email="ines@example.org").json["note"].startswith(no_letter)
    assert send().json["note"] == ""
    for email, is_told in [("ines@example.org", False), ("olha@example.org", True), ("", True)]:
        answer = client.post("/corrections/new", data=WRONG | {"email": email})
        assert answer.status_code == 303
        assert (no_letter not in client.get(answer.location).text) is is_told


def test_who_sends_very_much_is_told_to_wait_and_loses_nothing(make_app: MakeApp, monkeypatch):
    app = make_app(rate_limits="on")
    set_rules(app, monkeypatch, most_reports_by_client=3)
    browser = app.test_client()
    for number in range(3):
        sent = browser.post("/embed/correction", data=WRONG | {"right": f"No. {number}"})
        assert sent.status_code == 201
    for _again in range(2):
        held = browser.post("/corrections/new", data=WRONG)
        assert held.status_code == 429
        assert "That was a lot in a short time." in held.text
        assert "It was built in 1879." in held.text
    held = browser.post("/embed/correction", data=WRONG)
    assert held.status_code == 429
    told = "That was a lot in a short time. Wait an hour, or write to desk@hromada.example."
    assert held.json == {"errors": {"": told}}
    other = {"REMOTE_ADDR": "10.9.9.9"}
    assert browser.post("/embed/correction", data=WRONG, environ_base=other).status_code == 201
    for _again in range(20):
        held = browser.post("/embed/correction", data=WRONG, environ_base=other)
    assert held.status_code == 429
    assert "" in held.json["errors"]


def all_at_once(app: Flask, *sent: list[dict]) -> list[int]:
    """Readers who report each their own, one after the other and beside the others; the answers."""
    gate = threading.Barrier(len(sent))
    seen: list[int] = []

    def reader(number: int) -> None:
        for place, data in enumerate(sent[number]):
            gate.wait()
            answer = app.test_client().post(
                "/embed/correction",
                data=WRONG | data,
                environ_base={"REMOTE_ADDR": f"10.0.{place}.{number}"},
            )
            seen.append(answer.status_code)

    readers = [threading.Thread(target=reader, args=(number,)) for number in range(len(sent))]
    for one in readers:
        one.start()
    for one in readers:
        one.join()
    return seen


def test_two_at_once_are_one_case(app: Flask, cases):
    """Many times over, with overlapping passages of one paragraph."""
    texts = ["built in 1897", "in 1897", "1897", "1897, and it"]
    sent = [
        [{"article": f"{ARTICLE}/{place}", "exact": text} for place in range(6)] for text in texts
    ]
    assert all_at_once(app, *sent) == [201] * 24
    assert [case.reports for case in cases()] == [4] * 6


def test_no_more_come_before_the_editors_however_many_articles_they_are_of(
    app: Flask, cases, monkeypatch
):
    monkeypatch.setattr(guard, "MOST_LISTED", 5)
    sent = [
        [{"article": f"{ARTICLE}/{reader}/{place}"} for place in range(6)] for reader in range(4)
    ]
    assert all_at_once(app, *sent) == [201] * 24
    assert sum(case.listed_at is not None for case in cases()) == 5
