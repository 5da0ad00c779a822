"""Who left an address is told of each decision, asked back, and forgotten after ninety days."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from membership.articles.corrections import deciding, forgetting, reporting, telling
from membership.articles.corrections.deciding import MovedOn, NobodyToAsk
from membership.articles.corrections.models import Correction, State
from membership.clock import clock
from membership.extensions import db
from membership.mail.models import OutgoingMail
from tests.articles.corrections.conftest import ARTICLE, Send
from tests.factories import NOON, Newsroom

Decide = Callable[..., None]


@pytest.fixture
def decide(app: Flask, cases: Callable[[], list[Correction]]) -> Decide:
    def deciding_on(
        verb: Callable[..., object], *, place: int = 0, seen: int | None = None, **said: str
    ) -> None:
        its = cases()[place]
        with app.app_context():
            case = reporting.by_code(its.code)
            assert case is not None
            known = len(its.decisions) if seen is None else seen
            verb(case, by=None, seen=known, **said)
            db.session.commit()

    return deciding_on


@pytest.fixture
def letters(app: Flask) -> Callable[[], list[OutgoingMail]]:
    def found() -> list[OutgoingMail]:
        with app.app_context():
            rows = db.session.scalars(sa.select(OutgoingMail).order_by(OutgoingMail.id)).all()
            db.session.expunge_all()
            return list(rows)

    return found


def test_nobody_is_written_to_for_reporting(send: Send, letters):
    send(email="olha@example.org")
    assert letters() == []


def test_each_who_left_an_address_is_told_once_of_a_decision(send: Send, decide, letters, cases):
    send(email="olha@example.org")
    send(email="petro@example.org", lang="uk")
    send(email="olha@example.org", right="And by others.")
    send()
    decide(
        deciding.note,
        title="Roads",
        was="It was built in *1897*.",
        now="It was built in <b>1879</b>.",
    )
    first, second = letters()
    assert (first.recipient, second.recipient) == ("olha@example.org", "petro@example.org")
    assert first.subject == "Corrected, thanks to you: Where did the road money go?"
    assert "It should say: It was built in <b>1879</b>." in first.text
    assert "It was built in &lt;b&gt;1879&lt;/b&gt;." in first.html
    assert "It was built in *1897*." in first.html
    [case] = cases()
    assert f"/corrections/reports/{case.code}" in first.text
    assert (case.state, case.was, case.now) == (
        State.noted,
        "It was built in *1897*.",
        "It was built in <b>1879</b>.",
    )


def test_an_editor_may_decide_again_and_the_last_decision_holds(send, decide, letters, cases):
    send(email="olha@example.org")
    clock.set(NOON + timedelta(hours=3))
    decide(deciding.decline, reason="The plate says so.")
    clock.set(NOON + timedelta(hours=5))
    decide(deciding.mend)
    [case] = cases()
    assert [one.verdict for one in case.decisions] == [State.declined, State.mended]
    assert (case.state, case.took) == (State.mended, 3 * 3600)
    assert case.decided_at == NOON + timedelta(hours=5)
    assert [one.about.split(":")[0] for one in letters()] == ["correction"] * 2
    assert "Why: The plate says so." in letters()[0].text


def test_who_decides_on_what_has_moved_on_is_told(send: Send, decide):
    send()
    decide(deciding.mend)
    with pytest.raises(MovedOn):
        decide(deciding.decline, seen=0, reason="No.")


def test_nobody_can_be_asked_who_left_no_address(send: Send, decide):
    send()
    with pytest.raises(NobodyToAsk):
        decide(deciding.ask, question="How do you know?")


def test_one_address_gets_so_many_letters_a_day_and_no_more(send: Send, decide, letters):
    for number in range(7):
        send(exact=f"lie {number}", paragraph="", email="victim@example.org")
        decide(deciding.decline, place=number, reason="No.")
    assert len(letters()) == telling.MOST_IN_A_DAY
    clock.set(NOON + timedelta(days=2))
    decide(deciding.mend, place=6)
    assert len(letters()) == telling.MOST_IN_A_DAY + 1


@pytest.mark.parametrize(
    "typed", ["Win at http://x.example", "mail boss@bank", "go to bank-login.com now", "www.x"]
)
def test_what_a_mail_program_would_link_is_not_quoted(send: Send, decide, letters, typed):
    send(exact=typed, title=typed, paragraph="", email="victim@example.org")
    decide(deciding.decline, reason="This is no part of the article.")
    [letter] = letters()
    assert typed not in letter.subject + letter.text + letter.html
    assert ARTICLE in letter.text


def test_a_passage_is_plain_text_in_a_letter(send: Send, decide, letters):
    send(exact="[a](//x) **b** <script> {contact}", paragraph="", email="olha@example.org")
    decide(deciding.mend)
    [letter] = letters()
    assert "“[a](//x) **b** &lt;script&gt; {contact}”" in letter.html
    assert "<script>" not in letter.html
    assert 'href="//x"' not in letter.html


def ask(decide, letters) -> str:
    decide(deciding.ask, question="Where is it written?")
    found = re.search(r"/corrections/answer/\S+", letters()[-1].text)
    assert found is not None
    return found[0]


def test_a_question_is_answered_without_an_account(
    client: FlaskClient, send: Send, decide, letters, cases
):
    send(email="olha@example.org")
    address = ask(decide, letters)
    assert cases()[0].state is State.asked
    page = client.get(address).text
    assert "Where is it written?" in page
    assert client.post(address, data={"answer": " "}).status_code == 422
    answer = client.post(address, data={"answer": "On the plate.\nAt the bridge."})
    assert answer.status_code == 303
    [case] = cases()
    assert (case.state, case.reports) == (State.open, 1)
    assert case.said[-1].said == "On the plate.\nAt the bridge."
    assert case.said[-1].answers_id == case.decisions[-1].id
    assert "is answered" in client.get(address).text
    assert client.post(address, data={"answer": "Again."}).status_code == 409
    decide(deciding.mend)
    assert [one.recipient for one in letters()] == ["olha@example.org"] * 2


def test_a_link_that_is_not_ours_or_too_old_leads_nowhere(
    client: FlaskClient, send: Send, decide, letters
):
    send(email="olha@example.org")
    address = ask(decide, letters)
    for wrong in (address + "x", "/corrections/answer/nothing", "/corrections/answer/W10.x"):
        assert client.get(wrong).status_code == 404
    clock.set(NOON + timedelta(days=91))
    assert client.get(address).status_code == 404


def test_after_ninety_days_nobody_knows_who_it_was(app: Flask, send: Send, cases):
    send(email="old@example.org")
    clock.set(NOON + timedelta(days=89))
    send(email="new@example.org")
    clock.set(NOON + timedelta(days=91))
    with app.app_context():
        forgetting.forget_old()
    [case] = cases()
    old, new = case.said
    assert (old.email, old.client) == (None, None)
    assert (new.email, new.client is None) == ("new@example.org", False)
    assert (old.said, case.reporters) == ("It was built in 1879.", 2)


def test_an_answer_begins_no_ninety_days_anew_but_another_report_does(
    client: FlaskClient, app: Flask, send: Send, decide, letters, cases
):
    send(email="olha@example.org")
    clock.set(NOON + timedelta(days=60))
    first = ask(decide, letters)
    assert client.post(first, data={"answer": "On the plate."}).status_code == 303
    for day, known in [(89, "olha@example.org"), (91, None)]:
        clock.set(NOON + timedelta(days=day))
        assert client.get(first).status_code == (200 if known else 404)
        with app.app_context():
            forgetting.forget_old()
        assert [one.email for one in cases()[0].said] == [known, known]
        assert all((one.client is None) is (known is None) for one in cases()[0].said)
    send(email="olha@example.org", right="And by others.")
    client.post(ask(decide, letters), data={"answer": "In the register."})
    with app.app_context():
        forgetting.forget_old()
    assert [one.email for one in cases()[0].said] == [None, None, *["olha@example.org"] * 2]


def test_who_is_erased_is_forgotten_here_too(newsroom: Newsroom, app: Flask, send: Send, cases):
    send(email="reader@example.org")
    answer = app.test_cli_runner().invoke(args=["people", "erase", "Reader@example.org", "--yes"])
    assert answer.exit_code == 0, answer.output
    assert cases()[0].said[0].email is None
    again = app.test_cli_runner().invoke(args=["people", "erase", "reader@example.org", "--yes"])
    assert again.exit_code == 1
