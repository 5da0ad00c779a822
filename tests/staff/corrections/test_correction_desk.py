"""The editors' desk of corrections: what waits first, the passage in its place, four decisions."""

import csv
import io
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from membership.articles.corrections import guard
from membership.articles.corrections.models import State
from membership.clock import clock
from membership.extensions import db
from membership.mail.models import OutgoingMail
from membership.staff.models import AuditEntry
from tests.articles.corrections.conftest import ARTICLE, Send
from tests.factories import NOON, Newsroom

LIST = "/staff/corrections"


@pytest.fixture
def desk(newsroom: Newsroom, ours: None) -> FlaskClient:
    return newsroom.signed_in(newsroom.person("editor@example.org", role="editor"))


def told(page: str, figure: str) -> str:
    found = re.search(rf'data-figure="{figure}">(.*?)</dd>', page, re.DOTALL)
    assert found is not None
    return " ".join(re.sub("<[^>]+>", " ", found[1]).split())


def acts(newsroom: Newsroom) -> list[str]:
    with newsroom.at_work():
        return list(db.session.scalars(sa.select(AuditEntry.act).order_by(AuditEntry.id)))


def test_what_waits_is_on_the_overview_and_the_list(desk: FlaskClient, send: Send):
    assert "Nothing waits." in desk.get(LIST).text
    code = send().json["code"]
    clock.set(NOON + timedelta(days=2))
    send(exact="1989", prefix="for it in ", suffix=".", kind="slip", right="")
    overview = desk.get("/staff").text
    assert "2 corrections wait for an editor" in overview
    assert "the oldest since 10 Mar" in overview
    page = desk.get(LIST).text
    assert f"{LIST}/{code}" in page
    assert "It was built in 1879." in page
    assert told(page, "waiting") == "2 the oldest since 10 Mar"
    assert told(page, "decided") == "0 0 were mistakes"
    assert told(page, "median") == "–"


def test_the_passage_stands_in_its_paragraph_with_the_way_to_it(desk: FlaskClient, send: Send):
    code = send(email="olha@example.org").json["code"]
    page = desk.get(f"{LIST}/{code}").text
    assert "The bridge over the Tysa was <mark>built in 1897</mark>, and it has been" in page
    assert f'href="{ARTICLE}#:~:text=' in page
    assert "over%20the%20Tysa%20was-,built%20in%201897,-%2C%20and" in page
    assert "olha@example.org" in page
    assert "It was built in 1879." in page


@pytest.mark.parametrize(
    ("verb", "form", "state", "act"),
    [
        ("mend", {}, State.mended, "mend correction"),
        (
            "note",
            {"title": "Roads", "was": "1897", "now": "1879"},
            State.noted,
            "note correction",
        ),
        ("decline", {"reason": "The plate says so."}, State.declined, "decline correction"),
        ("ask", {"question": "How so?"}, State.asked, "ask about correction"),
    ],
)
def test_an_editor_decides(newsroom, desk, send, cases, verb, form, state, act):
    code = send(email="olha@example.org").json["code"]
    data = {f"{verb}-{name}": value for name, value in ({"seen": "0"} | form).items()}
    answer = desk.post(f"{LIST}/{code}/{verb}", data=data)
    assert answer.status_code == 303
    [case] = cases()
    assert case.state is state
    assert acts(newsroom) == [act]
    assert newsroom.count(OutgoingMail) == 1
    with newsroom.at_work():
        assert case.decisions[0].by_id is not None
    page = desk.get(answer.location).text
    assert "editor@example.org" in page or "Reader 1" in page
    again = desk.post(f"{LIST}/{code}/{verb}", data=data)
    assert again.status_code == 409
    assert "Somebody decided on it meanwhile" in again.text
    for value in form.values():
        assert value in again.text


def offered(page: str) -> list[tuple[str, str]]:
    """Which decisions there are, in their order, and the kind of button of each."""
    return re.findall(r'action="[^"]+/(mend|note|decline)".*?button-(\w+)', page, re.DOTALL)


def test_a_wrong_fact_is_told_to_everybody_before_all_else(desk: FlaskClient, send: Send):
    """No one press closes it in silence; a slip is closed by one."""
    fact = desk.get(f"{LIST}/{send().json['code']}").text
    assert offered(fact) == [("note", "main"), ("mend", "quiet"), ("decline", "quiet")]
    assert fact.count('<details class="step" open>') == 1
    sent = send(exact="1989", prefix="for it in ", suffix=".", kind="slip", right="")
    slip = desk.get(f"{LIST}/{sent.json['code']}").text
    assert offered(slip) == [("mend", "main"), ("note", "quiet"), ("decline", "quiet")]
    assert '<details class="step" open>' not in slip


def test_what_is_missing_is_said_at_its_field(desk: FlaskClient, send: Send, cases):
    code = send().json["code"]
    for verb, form in {
        "mend": {},
        "note": {"note-seen": "0", "note-title": "", "note-was": "kept", "note-now": ""},
        "decline": {"decline-seen": "0", "decline-reason": " "},
        "ask": {"ask-seen": "0"},
    }.items():
        assert desk.post(f"{LIST}/{code}/{verb}", data=form).status_code == 422
    assert cases()[0].state is State.open
    ask = desk.post(f"{LIST}/{code}/ask", data={"ask-seen": "0", "ask-question": "Who?"})
    assert ask.status_code == 409
    assert "Nobody left an address." in ask.text


def test_how_long_it_took_and_how_many_stood(desk: FlaskClient, send: Send):
    took = [("mend", 1), ("decline", 2), ("note", 6), ("mend", 40)]
    form = {"title": "t", "was": "w", "now": "n", "reason": "No.", "seen": "0"}
    for place, (verb, after) in enumerate(took):
        clock.set(NOON)
        code = send(exact=f"lie {place}", paragraph="").json["code"]
        clock.set(NOON + timedelta(hours=after))
        data = {f"{verb}-{name}": value for name, value in form.items()}
        assert desk.post(f"{LIST}/{code}/{verb}", data=data).status_code == 303
    page = desk.get(LIST).text
    assert told(page, "decided") == "4 3 were mistakes"
    assert told(page, "median") == "4 hours median"
    clock.set(NOON + timedelta(days=90, hours=3))
    assert told(desk.get(LIST).text, "decided").startswith("2 ")


def test_a_flood_is_apart_and_can_be_thrown_away(newsroom, desk, send, cases, monkeypatch):
    monkeypatch.setattr(guard, "MOST_LISTED", 1)
    for number in range(4):
        send(exact=f"noise {number}", paragraph="", right="Buy!")
    true = send().json["code"]
    page = desk.get(f"{LIST}?tab=flood").text
    assert "3 say the same" in page
    assert page.index("built in 1897") < page.index("Buy!")
    assert true in desk.get(f"{LIST}?tab=flood&words=1879").text
    key = cases()[1].said_key
    same = desk.get(f"{LIST}?tab=flood&same={key}").text
    assert same.count("Buy!") == 3
    assert "Throw away all that say the same" in same
    assert desk.post(f"{LIST}/let-go", data={"same": key}).status_code == 303
    assert [case.exact for case in cases()] == ["noise 0", "built in 1897"]
    assert "held back" in desk.get(f"{LIST}/{true}").text
    assert desk.post(f"{LIST}/{true}/lift").status_code == 303
    assert "built in 1897" in desk.get(LIST).text
    assert acts(newsroom) == ["let corrections go", "lift correction"]


def test_what_nobody_meant_is_thrown_away_without_a_letter(newsroom, desk, send, cases):
    code = send(email="victim@example.org").json["code"]
    other = send(exact="1989", prefix="for it in ", suffix=".").json["code"]
    assert desk.post(f"{LIST}/{code}/drop").status_code == 303
    assert [case.code for case in cases()] == [other]
    assert newsroom.count(OutgoingMail) == 0
    assert acts(newsroom) == ["let corrections go"]
    assert desk.post(f"{LIST}/{other}/mend", data={"mend-seen": "0"}).status_code == 303
    assert desk.post(f"{LIST}/{other}/drop").status_code == 404


def test_the_list_is_narrowed_by_article_and_words(desk: FlaskClient, send: Send):
    send()
    send(article=f"{ARTICLE}/other", exact="another passage", paragraph="")
    narrowed = desk.get(LIST, query_string={"article": f"{ARTICLE}/other#x"}).text
    assert "another passage" in narrowed
    assert "built in 1897" not in narrowed
    assert "another passage" not in desk.get(f"{LIST}?words=TYSA+1879+roads").text
    wrong = desk.get(f"{LIST}?article=https://elsewhere.example/").text
    assert "not the address of an article of yours" in wrong


def test_every_page_asks_as_much_for_many_as_for_few(newsroom, desk, send, queries, monkeypatch):
    monkeypatch.setattr(guard, "MOST_LISTED", 60)
    code = send(email="olha@example.org").json["code"]
    addresses = (LIST, f"{LIST}?tab=flood", f"{LIST}?tab=decided", f"{LIST}/{code}", "/staff")
    for address in addresses:
        desk.get(address)
    few = []
    for address in addresses:
        with queries() as seen:
            desk.get(address)
        few.append(len(seen))
    for number in range(130):
        send(exact=f"lie {number}", paragraph="", right=f"No. {number % 9}")
        if number < 40:
            send(right=f"And {number}", email=f"r{number}@example.org")
    many = []
    for address in addresses:
        with queries() as seen:
            desk.get(address)
        many.append(len(seen))
    assert many == few or many == [few[0], few[1] + 2, *few[2:]]


NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "{{7*7}}${7*7}",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "'; drop table correction; --",
    "\u202egnp.exe",
    "%0d%0aSet-Cookie:x=1",
]


def test_nothing_that_a_stranger_types_runs_at_the_desk(
    app: Flask, desk: FlaskClient, client: FlaskClient, send: Send
):
    for number, nasty in enumerate(NASTY):
        sent = send(
            exact=nasty, title=nasty, prefix=nasty, suffix=nasty, right=nasty, paragraph=nasty * 2
        )
        assert sent.status_code == 201, number
    codes = re.findall(rf'href="{LIST}/([\w-]+)"', desk.get(LIST).text)
    assert len(codes) == len(NASTY)
    pages = [desk.get(LIST).text, desk.get("/staff").text]
    for code in codes:
        pages += [desk.get(f"{LIST}/{code}").text, client.get(f"/corrections/reports/{code}").text]
        form = {"title": NASTY[0], "was": NASTY[1], "now": NASTY[2], "seen": "0"}
        data = {f"note-{name}": value for name, value in form.items()}
        assert desk.post(f"{LIST}/{code}/note", data=data).status_code == 303
    pages += [client.get("/corrections").text, desk.get(f"{LIST}?tab=decided").text]
    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert 'href="javascript:' not in page
        assert "49$49" not in page
    sheet = list(csv.DictReader(io.StringIO(desk.get(f"{LIST}.csv").text)))
    assert len(sheet) == len(NASTY)
    for row in sheet:
        for cell in row.values():
            assert not cell.startswith(("=", "+", "-", "@")) or cell[1:].isdigit()
