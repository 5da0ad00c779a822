"""The pages of figures: each number leads to the list it is made of, and that to a sheet."""

import csv
import io
import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from config import Mode
from membership.books.models import Subscription
from membership.clock import clock
from membership.extensions import db
from membership.figures.spans import By, Span
from membership.history import revenue, sums
from membership.history.models import Movement, MovementKind
from membership.money import Money
from membership.patrons.models import Person
from membership.staff import sheets
from membership.staff.figures import figure_words, pictures
from membership.staff.figures.pictures import Point
from membership.writes import Writes
from tests.factories import NOON, Newsroom
from tests.staff.test_desk import subscribe

TODAY = NOON.date()


@pytest.fixture(autouse=True)
def noon():
    clock.set(NOON)


@pytest.fixture
def desk(newsroom: Newsroom) -> FlaskClient:
    newsroom.tiers()
    return newsroom.signed_in(newsroom.person(role="finance"))


def moves(newsroom: Newsroom, name: str, kind: str, amount: int, day: date = TODAY) -> None:
    """A movement that just stands there: pages read it, whatever it came from."""
    person = newsroom.person(f"{len(name)}-{kind}-{day}@example.org")
    subscribe(newsroom, person, 0)
    with newsroom.at_work():
        subscription = db.session.scalars(
            sa.select(Subscription).where(Subscription.person_id == person.id)
        ).one()
        db.session.get_one(Person, person.id).name = name
        db.session.add(
            Movement(
                mode=Mode.sandbox,
                person_id=person.id,
                currency="eur",
                at=NOON,
                kind=MovementKind(kind),
                day=day,
                amount=amount,
                people=0,
                began=day,
                tenure=3,
                subscription_id=subscription.id,
                tier_id=subscription.tier_id,
                interval=subscription.interval,
                reason="unused",
            )
        )
        db.session.commit()


def rows(answer: Any) -> list[list[str]]:
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    return list(csv.reader(io.StringIO(answer.get_data(as_text=True))))


def test_every_number_leads_to_a_list_of_just_those(newsroom: Newsroom, desk: FlaskClient):
    for amount in (500, 700, 900):
        subscribe(newsroom, newsroom.member(), amount)
    page = desk.get("/staff/figures/revenue").text
    assert "€21" in page
    address = unescape(
        re.findall(r'href="(/staff/figures/movements\?[^"]*kind=new[^"]*)"', page)[0]
    )
    listed = desk.get(address).text
    assert [f"+€{amount}" in listed for amount in (5, 7, 9)] == [True] * 3
    assert len(rows(desk.get(address.replace("movements?", "movements.csv?")))) == 1 + 3


def test_the_picture_has_no_style_and_no_script_and_leads_where_the_table_does(
    newsroom: Newsroom, desk: FlaskClient
):
    subscribe(newsroom, newsroom.member(), 500)
    page = desk.get("/staff/figures/revenue").text
    [bars, line] = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    for picture in (bars, line):
        assert not re.search(r"<style|<script|style=|onload|xlink|pygal", picture)
        assert 'aria-hidden="true"' in picture
    assert "<title>New, Mar: €5</title>" in bars
    assert 'href="/staff/figures/movements?currency=eur&amp;kind=new' in bars


def test_the_axis_stands_where_one_begins_to_read():
    was, ahead = (
        pictures.stacked_bars(["May"], [[Point(5, "five")]], written=str, is_ahead=is_ahead)
        for is_ahead in (False, True)
    )
    for picture, is_right in ((was, True), (ahead, False)):
        [place] = {float(x) for x in re.findall(r'<text x="(\S+)" y="[^"]+" class="">\d', picture)}
        assert (place > pictures.WIDTH / 2) is is_right


def test_there_is_no_picture_of_nothing(desk: FlaskClient):
    page = desk.get("/staff/figures/revenue").text
    assert "<svg" not in page
    assert "Nobody gives by the month or the year yet." in page
    assert pictures.lines(["a"], [[Point(0, "nothing")]], written=str) == ""


def test_the_span_before_stands_beside_it(newsroom: Newsroom, desk: FlaskClient):
    subscribe(newsroom, newsroom.member(), 500)
    clock.set(NOON + timedelta(days=31))
    page = desk.get("/staff/figures/revenue?from=2026-04-01&to=2026-04-30&by=month").text
    assert "+€5 in the span before" in page
    assert "€5" in page


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("from=2026-05-01&to=2026-03-01", "Choose a day that is not before the first one."),
        ("from=2006-05-01&to=2026-03-01&by=day", "That is too much for one page"),
        ("from=yesterday", "Not a valid date value."),
        ("from=0001-01-01", "Choose a day that is not before the first one."),
        ("by=decade", "Not a valid choice."),
    ],
)
def test_a_span_that_makes_no_sense_is_told_and_kept(desk: FlaskClient, asked, told):
    answer = desk.get(f"/staff/figures/revenue?{asked}")
    assert answer.status_code == 422
    assert told in unescape(answer.text)
    assert "There is a problem" in answer.text


@pytest.mark.parametrize(
    ("since", "until", "told"),
    [
        (date(2025, 11, 1), date(2026, 2, 28), ["Nov 2025", "Dec", "Jan 2026", "Feb"]),
        (date(2025, 12, 1), date(2026, 2, 28), ["Dec", "Jan 2026", "Feb"]),
        (date(2025, 12, 1), date(2025, 12, 31), ["Dec 2025"]),
    ],
)
def test_no_two_years_stand_side_by_side_under_a_picture(newsroom: Newsroom, since, until, told):
    with newsroom.app.test_request_context():
        parts = Span(since, until).cut(By.month)
        assert figure_words.short_labels(parts, By.month) == told


def test_why_people_left_leads_to_those_who_said_so(newsroom: Newsroom, desk: FlaskClient):
    moves(newsroom, "Olha", "churn", -750)
    moves(newsroom, "Ivan", "lapse", 0, TODAY - timedelta(days=1))
    with newsroom.at_work():
        writes = Writes()
        for row in db.session.scalars(sa.select(Movement)):
            sums.change(revenue.parts(revenue.MOVEMENTS.of_row(row)), (), writes)
        writes.send()
        row.reason = None
        db.session.commit()
    page = desk.get("/staff/figures/leaving").text
    assert "does not use it" in page
    address = unescape(re.findall(r'href="(/staff/figures/movements[^"]*reason=unused)"', page)[0])
    listed = desk.get(address).text
    assert "Olha" in listed
    assert "Ivan" not in listed
    assert "Ivan" in desk.get(address.replace("=unused", "=unknown")).text
    assert len(rows(desk.get(address.replace("movements?", "movements.csv?")))) == 1 + 1
    page = desk.get(address.replace("reason=unused", "tenure=3&interval=month")).text
    assert "3 to 6 months" in page
    assert "Olha" in page
    assert "Olha" not in desk.get(address.replace("reason=unused", "tenure=6")).text


def test_the_grid_of_who_stays_leads_to_who_they_are(newsroom: Newsroom, desk: FlaskClient):
    for amount in (500, 700):
        subscribe(newsroom, newsroom.member(), amount)
    clock.set(NOON + timedelta(days=31))
    page = desk.get("/staff/figures/retention").text
    assert "100%" in page
    addresses = re.findall(r'href="(/staff/figures/givers[^"]*)"', page)
    listed = desk.get(unescape(addresses[-1])).text
    assert "€7" in listed
    assert listed.index("€7") < listed.index("€5")
    sheet = rows(desk.get(unescape(addresses[-1]).replace("givers?", "givers.csv?")))
    assert [row[2:] for row in sheet[1:]] == [
        ["2026-03-10", "7.00", "eur"],
        ["2026-03-10", "5.00", "eur"],
    ]


@pytest.mark.parametrize(
    "asked",
    ["", "currency=eur", "currency=eur&on=never", "currency=eur&on=2026-01-01&began=9999-12"],
)
def test_a_list_of_givers_that_no_page_leads_to_is_not_there(desk: FlaskClient, asked):
    assert desk.get(f"/staff/figures/givers?{asked}").status_code == 404


@pytest.mark.parametrize(
    "asked", ["", "currency=eur&kind=nothing", "currency=eur&from=never", "currency=eur&to=0"]
)
def test_a_list_that_no_page_leads_to_is_not_there(desk: FlaskClient, asked):
    assert desk.get(f"/staff/figures/movements?{asked}").status_code == 404
    assert desk.get(f"/staff/figures/movements.csv?{asked}").status_code == 404


def test_a_sheet_has_decimals_days_and_no_formula(newsroom: Newsroom, desk: FlaskClient):
    moves(newsroom, "=1+2", "churn", -750)
    moves(newsroom, "Олена, “Лис”", "new", 500, TODAY - timedelta(days=1))
    heads, lost, new = rows(desk.get("/staff/figures/movements.csv?currency=eur"))
    assert heads[0] == "day"
    assert lost == [
        *("2026-03-10", "churn", "'=1+2", "4-churn-2026-03-10@example.org"),
        *("-7.50", "eur", "month", "unused"),
    ]
    assert new[:3] == ["2026-03-09", "new", "Олена, “Лис”"]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=SUM(A1)", "'=SUM(A1)"),
        ("+380", "'+380"),
        ("-x", "'-x"),
        ("@me", "'@me"),
        ("\tx", "'\tx"),
        (None, ""),
        (Money(-750, "eur").major, "-7.50"),
        (date(2026, 3, 1), "2026-03-01"),
        ("a=b", "a=b"),
    ],
)
def test_a_cell_is_what_it_says_and_never_a_formula(value, written):
    assert sheets.cell(value) == written


def test_a_long_list_has_pages(newsroom: Newsroom, desk: FlaskClient):
    for _ in range(51):
        subscribe(newsroom, newsroom.member(), 500)
    first = desk.get("/staff/figures/movements?currency=eur&kind=new").text
    assert first.count("<tr>") == 1 + 50
    older = unescape(re.findall(r'rel="next" href="([^"]*)"', first)[0])
    assert desk.get(older).text.count("<tr>") == 1 + 1
    assert len(rows(desk.get("/staff/figures/movements.csv?currency=eur&kind=new"))) == 1 + 51
