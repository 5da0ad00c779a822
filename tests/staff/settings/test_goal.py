"""A goal that readers see: what counts towards it, from its first day to its last."""

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from membership import days
from membership.clock import clock
from membership.patrons.models import MembershipKind
from tests.factories import Newsroom
from tests.staff.settings.conftest import seen
from tests.till import Till, app, giving_form, till

__all__ = ["app", "till"]  # fixtures

ADDRESS = "/staff/settings/goal"


@pytest.fixture
def today(newsroom: Newsroom) -> date:
    with newsroom.at_work():
        return days.today()


def save(desk: FlaskClient, *, at: str | None = None, **values: Any) -> Any:
    typed = {"aim": "patrons", "number": "500", "first": "2026-01-01", "last": "2099-12-31"}
    version = seen(desk, ADDRESS) if at is None else at
    return desk.post(ADDRESS, data=typed | values | {"seen": version})


def told(reader: FlaskClient) -> str:
    """What the giving page says of the goal, without its tags; nothing without one."""
    found = re.search(r'<section class="goal".*?</section>', reader.get("/support").text, re.S)
    return " ".join(re.sub(r"<[^>]+>", "", unescape(found[0])).split()) if found else ""


def give(reader: FlaskClient, till: Till, **changes: str) -> None:
    form = giving_form(**changes)
    form["attempt"] = f"attempt of {form['email']}"
    till.pay(reader.post("/support/checkout", data=form).location)
    till.deliver(reader)


def test_patrons_count_who_are_there_today(
    newsroom: Newsroom, till: Till, desk: FlaskClient, reader: FlaskClient
):
    give(reader, till, email="olha@example.org")
    give(newsroom.app.test_client(), till, email="once@example.org", interval="once")
    newsroom.member("guest@example.org", kind=MembershipKind.comped)
    assert told(reader) == ""
    assert save(desk).status_code == 303
    page = told(reader)
    assert page.startswith("What we want to reach together 1 of 500 patrons until 31 December 2099")
    assert "Everybody counts who is a patron today" in page
    assert told(reader) in " ".join(
        re.sub(r"<[^>]+>", "", unescape(desk.get(ADDRESS).text)).split()
    )


def test_new_patrons_count_from_the_first_day_on(
    newsroom: Newsroom, till: Till, desk: FlaskClient, reader: FlaskClient, today: date
):
    give(reader, till)
    save(desk, aim="joined", number="10", first=today.isoformat())
    assert "1 of 10 patrons" in told(reader)
    tomorrow = today + timedelta(days=1)
    till.let_pass(till.now() + timedelta(days=1))
    clock.set(clock.now() + timedelta(days=1))
    save(desk, aim="joined", number="10", first=tomorrow.isoformat())
    assert "0 of 10 patrons" in told(reader)
    save(desk, aim="patrons", number="10", first=tomorrow.isoformat())
    assert "1 of 10 patrons" in told(reader)


def test_money_counts_in_the_currency_of_the_goal(
    newsroom: Newsroom, till: Till, desk: FlaskClient, reader: FlaskClient, today: date
):
    give(reader, till)
    give(newsroom.app.test_client(), till, email="second@example.org", interval="once")
    give(
        newsroom.app.test_client(), till, email="third@example.org", currency="usd",
        amount_month="own", own_amount="90",
    )  # fmt: skip
    save(desk, aim="received", number="1 000", currency="eur", first=today.isoformat())
    page = told(reader)
    assert "€30 of €1,000" in page
    assert "All that was given in EUR from" in page
    save(desk, aim="received", number="20", currency="eur", first=today.isoformat())
    assert "€30 of €20" in told(reader)
    assert 'value="2000" max="2000"' in reader.get("/support").text


def test_it_is_seen_from_its_first_day_to_its_last(
    desk: FlaskClient, reader: FlaskClient, today: date
):
    day = timedelta(days=1)
    for first, last, is_seen in (
        (today, today, True),
        (today + day, today + 9 * day, False),
        (today - 9 * day, today - day, False),
    ):
        save(desk, first=first.isoformat(), last=last.isoformat())
        assert bool(told(reader)) is is_seen
        assert 'value="500"' in desk.get(ADDRESS).text
    assert "it has not begun yet, or is over" in desk.get(ADDRESS).text
    save(desk, aim="none")
    assert "How readers see it" not in desk.get(ADDRESS).text


def test_its_words_are_the_newsrooms_own(desk: FlaskClient, reader: FlaskClient):
    save(desk)
    desk.post(
        "/staff/settings/words/goal",
        data={"seen": "0", "text_en": "A desk for the courts", "text_uk": ""},
    )
    assert told(reader).startswith("A desk for the courts 0 of 500 patrons")


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"number": "many"}, "Enter how many people"),
        ({"number": "0"}, "Enter how many people"),
        ({"number": "-5"}, "Enter how many people"),
        ({"number": "٣"}, ""),
        ({"aim": "received", "number": "lots", "currency": "eur"}, "Enter an amount as a number"),
        ({"aim": "received", "number": "-1", "currency": "eur"}, "Enter an amount above zero"),
        ({"aim": "received", "number": "9", "currency": "xyz"}, "Not a valid choice"),
        ({"first": ""}, "Enter the day as year-month-day"),
        ({"last": "tomorrow"}, "Not a valid date"),
        ({"last": "1999-01-01"}, "Enter a day of this century"),
        ({"first": "2026-02-02", "last": "2026-02-01"}, "This is before its first day"),
        ({"aim": "glory"}, "Not a valid choice"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(
    desk: FlaskClient, wrong: dict[str, str], problem: str
):
    answer = save(desk, **wrong)
    if not problem:
        assert answer.status_code == 303
        return
    assert answer.status_code == 422
    assert problem in answer.text
    assert seen(desk, ADDRESS) == "0"


def test_two_admins_and_the_way_back(newsroom: Newsroom, desk: FlaskClient, reader: FlaskClient):
    other = newsroom.signed_in(newsroom.person("other@example.org", role="admin"))
    both_saw = seen(desk, ADDRESS)
    save(other, at=both_saw, number="700")
    refused = save(desk, at=both_saw, number="600")
    assert refused.status_code == 409
    assert "Somebody else has just changed this" in refused.text
    [now] = re.findall(r'name="seen"[^>]* value="(\d+)"', refused.text)
    assert save(desk, at=now, number="600").status_code == 303
    assert "of 600 patrons" in told(reader)
    page = unescape(desk.get("/staff/settings/changes").text)
    assert "Patrons: 600, Jan 1, 2026 – Dec 31, 2099" in page
    for number in re.findall(r"/staff/settings/changes/(\d+)/undo", page):
        desk.post(f"/staff/settings/changes/{number}/undo")
    assert told(reader) == ""


def test_it_costs_readers_two_queries_at_the_most(desk: FlaskClient, reader: FlaskClient, queries):
    reader.get("/support")
    with queries() as without:
        reader.get("/support")
    save(desk, aim="received", number="20", currency="eur")
    reader.get("/support")
    with queries() as having:
        reader.get("/support")
    assert len(having) - len(without) == 2
