"""The desk's page of one person: who they are, and one story by date."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from config import Mode
from membership.books.models import EntryKind, FailedPayment, LedgerEntry
from membership.clock import clock
from membership.extensions import db
from membership.mail.models import MailState, OutgoingMail
from membership.patrons.models import Person
from membership.staff.models import AuditEntry, PersonNote
from membership.topics import proposals
from tests.factories import NOON, Newsroom
from tests.staff.test_desk import subscribe
from tests.votes import Votes, open_round

__all__ = ["open_round"]  # a fixture


@pytest.fixture(autouse=True)
def noon():
    clock.set(NOON)


def page_of(person: Person) -> str:
    return f"/staff/people/{person.id}"


def words(page: str) -> str:
    """What a page says, without its markup."""
    return " ".join(re.sub("<[^>]*>", " ", page).split())


def book(newsroom: Newsroom, person: Person, **changes: object) -> None:
    number = newsroom.count(LedgerEntry) + 1
    row = {
        "kind": EntryKind.charge,
        "stripe_source": f"pi_{number}",
        "mode": Mode.sandbox,
        "person_id": person.id,
        "amount": 500,
        "currency": "eur",
        "occurred_at": NOON,
    }
    with newsroom.at_work():
        db.session.add(LedgerEntry(**(row | changes)))
        db.session.commit()


def queue_letter(newsroom: Newsroom, person: Person, subject: str, state: MailState) -> None:
    with newsroom.at_work():
        db.session.add(
            OutgoingMail(
                about=f"{subject}:{person.id}",
                recipient=person.email,
                subject=subject,
                text="",
                html="",
                state=state,
                created_at=NOON,
                next_try_at=NOON,
            )
        )
        db.session.commit()


def test_what_somebody_gave_is_told_by_year_and_currency_less_what_went_back(newsroom: Newsroom):
    olha = newsroom.person("olha@example.org")
    book(newsroom, olha, amount=10000, occurred_at=NOON - timedelta(days=365))
    book(newsroom, olha, amount=3000)
    book(newsroom, olha, kind=EntryKind.refund, amount=-1000, parent_id=2)
    book(newsroom, olha, kind=EntryKind.fee, amount=-77)
    book(newsroom, olha, amount=20000, currency="uah")
    book(newsroom, olha, amount=99900, mode=Mode.live)
    browser = newsroom.signed_in(newsroom.person(role="finance"))
    said = words(browser.get(page_of(olha)).text)
    assert "Euro €20 €120" in said
    assert "Ukrainian Hryvnia UAH 200 UAH 200" in said.replace("₴", "UAH ")
    assert "€999" not in said


def test_one_story_tells_of_money_letters_votes_proposals_and_notes(
    newsroom: Newsroom, open_round: Callable[..., Votes]
):
    newsroom.tiers()
    olha = newsroom.member("olha@example.org")
    editor = newsroom.person("editor@example.org", role="editor")
    subscribe(newsroom, olha, 700, status="past_due")
    queue_letter(newsroom, olha, "Your bank refused a payment", MailState.failed)
    with newsroom.at_work():
        failure = db.session.scalars(sa.select(FailedPayment)).one()
        failure.reason = "expired_card"
        proposals.propose("Wells", "Who digs them?", by=db.session.get_one(Person, olha.id))
        db.session.commit()
    round = open_round()
    round.cast(olha, "Roads")
    browser = newsroom.signed_in(editor)
    browser.post(f"{page_of(olha)}/note", data={"note-text": "Called; <b>wants</b> an invoice."})
    said = words(browser.get(page_of(olha)).text)
    for line in (
        "Member as a patron until 10 March 2027.",
        "Regular gift €7",
        "Renewal refused : the card has expired €7".replace(" :", ":"),
        "New change by the month +€7",
        "Letter: Your bank refused a payment could not be delivered",
        "Proposed Wells waiting for an editor",
        "Called; &lt;b&gt;wants&lt;/b&gt; an invoice. note of",
    ):
        assert line in said, (line, said)
    assert "Voted in" not in said  # the round is open: nobody may watch who votes when
    round.close()
    page = browser.get(page_of(olha)).text
    assert "Voted in March round" in words(page)
    assert "Roads" not in page


def test_a_story_is_told_a_page_at_a_time_and_costs_the_same_queries(
    newsroom: Newsroom, queries: Callable
):
    olha = newsroom.member("olha@example.org")
    browser = newsroom.signed_in(newsroom.person(role="admin"))

    def cost() -> int:
        with queries() as seen:
            assert browser.get(page_of(olha)).status_code == 200
        return len(seen)

    few = cost()
    for number in range(60):
        book(newsroom, olha, amount=100 + number, occurred_at=NOON - timedelta(days=number))
    assert cost() == few
    assert "€1.59" not in browser.get(page_of(olha)).text
    assert "€1.59" in browser.get(f"{page_of(olha)}?page=2").text


def test_what_is_left_of_a_payment_can_be_refunded_from_the_story_by_who_may(newsroom: Newsroom):
    olha = newsroom.member("olha@example.org")
    book(newsroom, olha, amount=500)
    address = "/staff/payments/1/refund"
    finance = newsroom.signed_in(newsroom.person(role="finance"))
    assert address in finance.get(page_of(olha)).text
    editor = newsroom.signed_in(newsroom.person(role="editor"))
    assert address not in editor.get(page_of(olha)).text
    book(newsroom, olha, kind=EntryKind.refund, amount=-500, parent_id=1)
    assert address not in finance.get(page_of(olha)).text


def test_an_empty_note_is_refused_and_a_written_one_is_in_the_audit_log(newsroom: Newsroom):
    olha = newsroom.person("olha@example.org")
    browser = newsroom.signed_in(newsroom.person(role="editor"))
    answer = browser.post(f"{page_of(olha)}/note", data={"note-text": "  "})
    assert answer.status_code == 422
    assert "Write something down first." in answer.text
    assert newsroom.count(PersonNote) == newsroom.count(AuditEntry) == 0
    browser.post(f"{page_of(olha)}/note", data={"note-text": "Rang up."})
    assert newsroom.count(PersonNote) == newsroom.count(AuditEntry) == 1


def test_nobody_has_a_page_who_is_not_there(newsroom: Newsroom):
    browser = newsroom.signed_in(newsroom.person(role="editor"))
    assert browser.get("/staff/people/999").status_code == 404


@pytest.mark.parametrize(
    "page",
    [
        "/staff",
        "/staff/people",
        "/staff/payments",
        "/staff/figures/movements?currency=eur",
        "/staff/figures/givers?currency=eur&on=2026-03-10",
    ],
)
def test_every_list_leads_to_the_person(newsroom: Newsroom, page):
    newsroom.tiers()
    olha = newsroom.member("olha@example.org")
    subscribe(newsroom, olha, 500, status="past_due")
    browser = newsroom.signed_in(newsroom.person(role="admin"))
    assert f'href="{page_of(olha)}"' in browser.get(page).text
