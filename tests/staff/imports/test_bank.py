"""Payments on a bank's statement are matched to people, and booked once somebody has said so."""

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from membership import days
from membership.books import offline
from membership.books.models import LedgerEntry
from membership.clock import clock
from membership.extensions import db
from membership.money import Money
from membership.patrons.models import MembershipPeriod, Person
from membership.staff.imports import keeping
from membership.staff.models import AuditEntry
from membership.staff.people import forgetting
from tests.factories import NOON, Newsroom
from tests.staff.imports.conftest import fates, form_on, rows_of

STATEMENT = """\
Дата операції;Сума;Валюта;Контрагент;Призначення платежу
02.02.2026;500,00;UAH;КОБИЛЯНСЬКА ОЛЬГА;Внесок
03.02.2026;100,00;UAH;ТОВ Пошта;Внесок taras@example.org, дякую
04.02.2026;-40,00;UAH;Банк;Комісія
05.02.2026;100,00;UAH;Хтось Інший;На журналістику
31.02.2026;100,00;UAH;Хтось Інший;На журналістику
05.02.2026;багато;UAH;Хтось Інший;На журналістику
"""


def read(desk: FlaskClient, text: str = STATEMENT, name: str = "bank.csv") -> str:
    """The address of a statement that is looked through."""
    data = {"file": (io.BytesIO(text.encode()), name), "encoding": ""}
    answer = desk.post("/staff/import/bank", data=data, content_type="multipart/form-data")
    address = answer.location
    form = form_on(desk.get(address).text)
    orders = {name: "dmy" for name in form if name.startswith("order_")}
    answer = desk.post(f"{address}/columns", data=form | orders)
    assert answer.status_code == 303, answer.text
    page = desk.get(address)
    assert page.status_code == 302
    return page.location


def confirm(desk: FlaskClient, address: str, line: int, email: str, months: str = "0") -> int:
    form = {f"line{line}-email": email, f"line{line}-months": months}
    return desk.post(f"{address}/{line}/confirm", data=form).status_code


def booked(newsroom: Newsroom) -> list[tuple[str, int, str, str | None]]:
    with newsroom.at_work():
        return [
            (one.person.email, one.amount, days.of(one.occurred_at).isoformat(), one.note)
            for one in db.session.scalars(sa.select(LedgerEntry).order_by(LedgerEntry.id))
        ]


@pytest.fixture
def olha(newsroom: Newsroom) -> Person:
    return named(newsroom, "olha@example.org", "Ольга Кобилянська")


def named(newsroom: Newsroom, email: str, name: str) -> Person:
    person = newsroom.person(email)
    with newsroom.at_work():
        db.session.get_one(Person, person.id).name = name
        db.session.commit()
    return person


def test_payments_in_are_matched_and_nothing_is_booked_before_somebody_says_so(
    newsroom: Newsroom, desk: FlaskClient, olha: Person
):
    taras = newsroom.person("taras@example.org")
    page = desk.get(read(desk)).text
    assert 'value="olha@example.org"' in page
    assert 'value="taras@example.org"' in page
    rows = rows_of(newsroom, 1)
    assert [row.person_id for row in rows] == [olha.id, taras.id, None, None, None, None]
    assert fates(newsroom, 1) == [
        (2, "asked", None),
        (3, "asked", None),
        (4, "aside", "outgoing"),
        (5, "asked", None),
        (6, "aside", "date"),
        (7, "aside", "amount"),
    ]
    assert booked(newsroom) == []


def test_what_somebody_says_is_booked_once(newsroom: Newsroom, desk: FlaskClient, olha: Person):
    address = read(desk)
    assert confirm(desk, address, 1, "olha@example.org", "12") == 303
    assert confirm(desk, address, 1, "olha@example.org", "12") == 303
    assert booked(newsroom) == [("olha@example.org", 50000, "2026-02-02", "bank.csv:2")]
    with newsroom.at_work():
        [period] = db.session.scalars(sa.select(MembershipPeriod)).all()
        assert (period.kind, days.of(period.ends_at)) == ("offline", days.date(2027, 2, 2))
        assert db.session.scalars(sa.select(AuditEntry.act)).all() == ["offline"]
    assert "Booked 1" in desk.get(address).text
    assert confirm(desk, address, 4, "new@example.org") == 303
    assert booked(newsroom)[-1][0] == "new@example.org"
    assert desk.post(f"{address}/2/dismiss").status_code == 303
    assert confirm(desk, address, 2, "taras@example.org") == 303
    assert len(booked(newsroom)) == 2
    assert "Nothing is left to be said." in desk.get(address).text


def test_what_another_statement_has_booked_meanwhile_is_not_booked_and_said_so(
    newsroom: Newsroom, desk: FlaskClient, olha: Person
):
    first, second = read(desk), read(desk, name="again.csv")
    confirm(desk, first, 1, "olha@example.org")
    assert "The gift is in the books." in desk.get(first).text
    counted = [newsroom.count(model) for model in (Person, LedgerEntry, AuditEntry)]
    assert confirm(desk, second, 1, "new@example.org", "12") == 303
    page = desk.get(f"{second}?fate=nothing").text
    assert page.count("It stands in the books already.") == 2
    assert "The gift is in the books." not in page
    row = rows_of(newsroom, 2)[0]
    assert (row.fate, row.person_id, row.is_taken) == ("nothing", olha.id, False)
    assert [newsroom.count(model) for model in (Person, LedgerEntry, AuditEntry)] == counted
    assert newsroom.count(MembershipPeriod) == 0


def test_whose_payment_it_was_goes_when_they_are_erased(
    newsroom: Newsroom, desk: FlaskClient, olha: Person
):
    address = read(desk)
    confirm(desk, address, 1, "olha@example.org")
    taras = newsroom.person("taras@example.org")
    read(desk, STATEMENT.replace(";500,00", ";501,00"), "later.csv")
    with newsroom.at_work():
        for erased in (olha, taras):
            forgetting.erase(db.session.get_one(Person, erased.id), by=None)
    told = [
        str((row.cells, row.about, row.does))
        for number in (1, 2)
        for row in rows_of(newsroom, number)
    ]
    assert not any("КОБИЛЯНСЬКА" in one for one in told)
    assert [note for _email, _amount, _day, note in booked(newsroom)] == ["bank.csv:2"]
    assert rows_of(newsroom, 2)[1].fate == "asked"
    again = address.replace("/1", "/2")
    assert "/2/2/confirm" not in desk.get(again).text
    assert confirm(desk, again, 2, "taras@example.org") == 303
    assert newsroom.count(LedgerEntry) == 1
    assert "/2/2/dismiss" in desk.get(again).text
    desk.post(f"{again}/2/dismiss")
    assert rows_of(newsroom, 2)[1].reason == "no_gift"


def test_whose_payments_they_were_is_forgotten_after_a_while(
    newsroom: Newsroom, desk: FlaskClient, olha: Person
):
    address = read(desk)
    confirm(desk, address, 1, "olha@example.org")
    desk.post(f"{address}/4/dismiss")
    clock.advance(timedelta(days=91))
    with newsroom.at_work():
        keeping.forget_old()
    rows = rows_of(newsroom, 1)
    assert [(row.cells, row.about, row.does) for row in rows] == [([], None, {})] * 6
    assert [row.fate for row in rows] == ["more", "asked", "aside", "aside", "aside", "aside"]
    desk = newsroom.signed_in(newsroom.person("later@example.org", role="finance"))
    assert "“…” is no amount." in desk.get(f"{address}?fate=all").text


def test_the_same_statement_a_second_time_is_told_once_a_line_of_it_is_booked(
    newsroom: Newsroom, desk: FlaskClient, olha: Person
):
    said = "This very file was taken in before"
    first = read(desk)
    second = read(desk)
    assert said not in desk.get(second).text
    confirm(desk, first, 1, "olha@example.org")
    assert said in desk.get(second).text
    assert said not in desk.get(first).text
    assert desk.get("/staff/import/1").location == first


@pytest.mark.parametrize("number", [2**31, 2**63, 10**19])
def test_numbers_that_no_file_and_no_line_can_have_are_not_found(
    newsroom: Newsroom, desk: FlaskClient, number: int
):
    address = read(desk)
    for page in ("/staff/import/{}", "/staff/import/{}.csv", "/staff/import/bank/{}"):
        assert desk.get(page.format(number)).status_code == 404
    for act in (f"/staff/import/bank/{number}/1", f"{address}/{number}"):
        assert desk.post(f"{act}/dismiss").status_code == 404


def test_a_later_statement_brings_only_what_is_new(
    newsroom: Newsroom, desk: FlaskClient, olha: Person
):
    confirm(desk, read(desk), 1, "olha@example.org")
    more = "02.02.2026;500,00;UAH;КОБИЛЯНСЬКА ОЛЬГА;Внесок\n"
    later = "02.03.2026;500,00;UAH;КОБИЛЯНСЬКА ОЛЬГА;Ще один\n"
    desk.get(read(desk, STATEMENT + more + later, "later.csv"))
    rows = rows_of(newsroom, 2)
    assert [row.fate for row in rows if row.fate != "aside"] == [
        "nothing",  # it is booked
        "asked",
        "asked",
        "asked",  # the same once more is another payment
        "asked",
    ]
    assert rows[-1].person_id == olha.id


def test_who_paid_before_is_known_by_how_the_bank_calls_them(newsroom: Newsroom, desk: FlaskClient):
    confirm(desk, read(desk), 4, "friend@example.org")
    later = STATEMENT.replace("05.02.2026", "05.03.2026")
    read(desk, later, "later.csv")
    with newsroom.at_work():
        friend = db.session.scalars(
            sa.select(Person.id).where(Person.email == "friend@example.org")
        ).one()
    assert rows_of(newsroom, 2)[3].person_id == friend


def test_of_two_with_one_name_who_gave_as_much_before_is_meant(
    newsroom: Newsroom, desk: FlaskClient, olha: Person
):
    other = named(newsroom, "other@example.org", "Ольга Кобилянська")
    assert rows_of(newsroom, statement_of(desk))[0].person_id is None
    with newsroom.at_work():
        giver = db.session.get_one(Person, other.id)
        money, at = Money(50000, "uah"), NOON - timedelta(days=60)
        offline.enter(giver, money, received_at=at, months=0, note="", key="k" * 16)
        db.session.commit()
    assert rows_of(newsroom, statement_of(desk))[0].person_id == other.id


def statement_of(desk: FlaskClient) -> int:
    return int(read(desk).rpartition("/")[2])


def test_a_statement_is_thrown_away_only_while_nothing_of_it_is_booked(
    newsroom: Newsroom, desk: FlaskClient, olha: Person
):
    first = read(desk)
    assert desk.post("/staff/import/1/drop").location == "/staff/import"
    second = read(desk)
    confirm(desk, second, 1, "olha@example.org")
    for act in ("drop", "take", "undo"):
        desk.post(f"{second.replace('/bank', '')}/{act}")
    assert desk.get(second).status_code == 200
    assert len(booked(newsroom)) == 1
    assert first.rpartition("/")[0] == "/staff/import/bank"


def test_its_page_costs_the_same_however_many_payments_there_are(
    newsroom: Newsroom, desk: FlaskClient, queries
):
    costs = []
    for count in (2, 40):
        for number in range(count):
            newsroom.person(f"p{count}-{number}@example.org")
        lines = [
            f"02.02.2026;{number + 1},00;UAH;Somebody;p{count}-{number}@example.org"
            for number in range(count)
        ]
        address = read(desk, "\n".join([STATEMENT.splitlines()[0], *lines]), f"{count}.csv")
        desk.get(address)
        with queries() as seen:
            assert desk.get(address).status_code == 200
        costs.append(len(seen))
    assert costs[0] == costs[1]
