"""From a file on somebody's disk to people at the desk, by its pages."""

import csv
import io

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from membership.extensions import db
from membership.mail.models import OutgoingMail
from membership.patrons import consent
from membership.patrons.models import MembershipPeriod, Person
from membership.staff.import_models import Import, ImportRow
from membership.staff.models import AuditEntry, PersonNote
from tests.factories import Newsroom
from tests.staff.imports.conftest import GHOST, form_on, send

ANSWERS = {"until": "2026-12-31", "consent_text": "Write to me.", "kind": ""}


def brought(desk: FlaskClient, text: str | bytes = GHOST, **answers: str) -> str:
    """The address of a file that is looked through."""
    address = send(desk, text).location
    form = form_on(desk.get(address).text) | ANSWERS | answers
    answer = desk.post(f"{address}/columns", data=form)
    assert answer.status_code == 303, answer.text
    return address


def test_a_file_is_looked_through_taken_in_and_taken_out_again(
    newsroom: Newsroom, desk: FlaskClient
):
    address = brought(desk)
    page = desk.get(address).text
    assert "Nothing has been taken in yet" in page
    assert "a new person; member from 18 October 2024 to 31 December 2026, given away" in page
    assert "“lesia@example” is no e-mail address." in page
    assert "It was deleted there" in page
    assert newsroom.count(Person) == 1
    assert desk.post(f"{address}/take").location == address
    assert "It is taken in" in desk.get(address).text
    with newsroom.at_work():
        olha = db.session.scalars(sa.select(Person).where(Person.email == "olha@example.org")).one()
        [period] = olha.periods
        agreed = consent.of(olha)
        assert (olha.name, period.kind, period.ends_at.isoformat()) == (
            "Olha",
            "comped",
            "2026-12-31T22:00:00+00:00",
        )
        assert (agreed.text, agreed.where) == ("Write to me.", "members.csv")
        assert agreed.given_at.isoformat() == "2024-10-18T06:34:08+00:00"
        assert db.session.scalars(sa.select(PersonNote.text)).all() == ["Wrote to us"]
        taras = db.session.scalars(
            sa.select(Person).where(Person.email == "taras@example.org")
        ).one()
        assert (taras.periods, consent.of(taras)) == ([], None)
        acts = db.session.scalars(sa.select(AuditEntry.act)).all()
        assert acts == ["import"]
    assert newsroom.count(OutgoingMail) == 0
    desk.post(f"{address}/undo")
    page = desk.get(address).text
    assert "It is taken out again" in page
    assert newsroom.count(Person) == 1
    assert newsroom.count(MembershipPeriod) == newsroom.count(PersonNote) == 0


def test_the_report_is_a_file_that_no_spreadsheet_runs(newsroom: Newsroom, desk: FlaskClient):
    address = brought(desk, GHOST + "5,=cmd@example.org,=1+1,,true,true,,2024-10-18,,,\n")
    sheet = desk.get(f"{address}.csv")
    rows = list(csv.DictReader(io.StringIO(sheet.text)))
    assert [(row["line"], row["what"]) for row in rows] == [
        ("2", "New people"),
        ("3", "New people"),
        ("4", "Set aside"),
        ("5", "Set aside"),
        ("6", "New people"),
    ]
    assert rows[4]["e-mail"] == "'=cmd@example.org"
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


def test_pages_cost_the_same_however_many_rows_there_are(
    newsroom: Newsroom, desk: FlaskClient, queries
):
    costs = []
    for count in (3, 120):
        lines = [f"person{number}@example.org,Somebody {number}" for number in range(count)]
        address = brought(desk, "\n".join(["email,name", *lines]))
        for at in (address, f"{address}/columns", "/staff/import"):
            desk.get(at)
            with queries() as seen:
                assert desk.get(at).status_code == 200
            costs.append(len(seen))
    assert costs[:3] == costs[3:]
    assert "person50@example.org" not in desk.get(address).text
    assert "person50@example.org" in desk.get(f"{address}?page=2").text


def test_what_is_not_matched_is_asked_for_where_it_is_missing(
    newsroom: Newsroom, desk: FlaskClient
):
    text = "Kontakt;Wann;Wieviel\nolha@example.org;05/06/2025;5,00\n"
    address = send(desk, text).location
    page = desk.get(address).text
    form = form_on(page)
    assert {name: value for name, value in form.items() if value} == {"field_email": "0"}
    assert "order_1" in form
    bad = form | {"field_amount": "2", "field_email": ""}
    answer = desk.post(f"{address}/columns", data=bad)
    assert answer.status_code == 422
    assert "Say which column has the e-mail addresses." in answer.text
    assert "Say which column has the day of the gift." in answer.text
    assert "Choose the currency of the gifts." in answer.text
    good = form | {"field_amount": "2", "field_given_on": "1", "currency": "eur"}
    answer = desk.post(f"{address}/columns", data=good)
    assert "Say which number is the day; the file does not." in answer.text
    assert desk.post(f"{address}/columns", data=good | {"order_1": "dmy"}).status_code == 303
    assert "a gift of €5 on 5 June 2025" in desk.get(address).text


def test_a_file_that_cannot_be_read_is_refused_with_what_to_do(
    newsroom: Newsroom, desk: FlaskClient
):
    for content, said in (
        (b"", "There is nothing in this file."),
        (b"PK\x03\x04 [Content_Types].xml", "This is a spreadsheet."),
        (b"a,b\n1,2\n", "No column has e-mail addresses in it."),
    ):
        answer = send(desk, content)
        assert answer.status_code == 422
        assert said in answer.text
    assert newsroom.count(Import) == newsroom.count(ImportRow) == 0


def test_a_file_may_be_large_where_staff_send_it_and_nowhere_else(
    newsroom: Newsroom, desk: FlaskClient
):
    lines = [f"person{number}@example.org,{'x' * 60}" for number in range(2000)]
    large = "\n".join(["email,name", *lines])
    assert send(desk, large).status_code == 303
    assert send(newsroom.app.test_client(), large).location.startswith("/sign-in")
    assert send(newsroom.signed_in(newsroom.member()), large).status_code == 403
    assert desk.post("/staff/people/1/note", data={"note-text": "x" * 100_000}).status_code == 413


def test_the_same_file_a_second_time_is_told_and_makes_nothing(
    newsroom: Newsroom, desk: FlaskClient
):
    first = brought(desk)
    desk.post(f"{first}/take")
    before = [newsroom.count(model) for model in (Person, MembershipPeriod, PersonNote)]
    second = brought(desk)
    page = desk.get(second).text
    assert "This very file was taken in before" in page
    assert "Nothing new 2" in page
    assert 'action="' + second + '/take"' not in page
    desk.post(f"{second}/take")
    assert [newsroom.count(model) for model in (Person, MembershipPeriod, PersonNote)] == before


def test_a_file_can_be_thrown_away_until_it_is_taken(newsroom: Newsroom, desk: FlaskClient):
    address = brought(desk)
    assert desk.post(f"{address}/drop").location == "/staff/import"
    assert newsroom.count(ImportRow) == 0
    taken = brought(desk)
    desk.post(f"{taken}/take")
    for act in ("drop", "take", "columns"):
        assert desk.post(f"{taken}/{act}").status_code == 303
    assert newsroom.count(ImportRow) == 4
    assert newsroom.count(Person) == 3


@pytest.mark.parametrize("act", ["take", "undo", "go-on"])
def test_no_act_is_done_twice(newsroom: Newsroom, desk: FlaskClient, act: str):
    address = brought(desk)
    desk.post(f"{address}/take")
    desk.post(f"{address}/{act}")
    desk.post(f"{address}/{act}")
    assert newsroom.count(Person) == (1 if act == "undo" else 3)
