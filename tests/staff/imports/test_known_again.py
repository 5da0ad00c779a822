"""What stands in the books is known again, whoever moves; and what was only tried is not."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from config import Mode
from membership.books.models import LedgerEntry
from membership.extensions import db
from membership.patrons.models import Person
from tests.conftest import MakeApp
from tests.factories import Newsroom
from tests.staff.imports.conftest import ELSEWHERE, REAL, bring_to, fates, rows_of
from tests.staff.imports.test_bank import confirm, read

GIFT = "email,amount,currency,date\nolha@example.org,5.00,EUR,2025-06-05\n"
NUMBERED = "email,amount,currency,date,Transaction ID\nolha@example.org,5.00,EUR,2025-06-05,A-1\n"


@pytest.mark.parametrize("text", [GIFT, NUMBERED])
def test_a_gift_that_was_brought_along_to_try_it_comes_along_for_real(
    newsroom: Newsroom,
    finance: Person,
    bring: Callable[..., int],
    make_app: MakeApp,
    text: str,
):
    bring(text)
    real = Newsroom(make_app(**REAL))
    for _again in range(2):
        bring_to(real, finance, text)
    assert modes_booked(newsroom) == [Mode.sandbox, Mode.test]


def test_a_payment_that_was_booked_to_try_it_is_booked_for_real(
    newsroom: Newsroom, desk: FlaskClient, finance: Person, make_app: MakeApp
):
    confirm(desk, read(desk), 1, "olha@example.org")
    real = Newsroom(make_app(**REAL))
    its_desk = real.signed_in(finance)
    address = read(its_desk)
    assert rows_of(real, 2)[0].fate == "asked"
    confirm(its_desk, address, 1, "olha@example.org")
    assert modes_booked(newsroom) == [Mode.sandbox, Mode.test]


def modes_booked(newsroom: Newsroom) -> list[Mode]:
    with newsroom.at_work():
        return list(db.session.scalars(sa.select(LedgerEntry.mode).order_by(LedgerEntry.id)))


@pytest.mark.parametrize("day", ["2025-06-05", "2025-06-05 18:30", "2025-06-05T18:30:00+02:00"])
def test_another_time_zone_makes_no_gift_new(
    newsroom: Newsroom,
    finance: Person,
    bring: Callable[..., int],
    make_app: MakeApp,
    day: str,
):
    text = GIFT.replace("2025-06-05", day)
    bring(text)
    moved = Newsroom(make_app(**ELSEWHERE))
    again = bring_to(moved, finance, text)
    assert fates(newsroom, again) == [(2, "nothing", None)]
    assert newsroom.count(LedgerEntry) == 1


def test_another_time_zone_makes_no_payment_new(
    newsroom: Newsroom, desk: FlaskClient, finance: Person, make_app: MakeApp
):
    confirm(desk, read(desk), 1, "olha@example.org")
    moved = Newsroom(make_app(**ELSEWHERE))
    read(moved.signed_in(finance), name="again.csv")
    assert [row.fate for row in rows_of(newsroom, 2)][:2] == ["nothing", "asked"]


@pytest.mark.parametrize(
    "change",
    [
        {"olha@": "kobylianska@"},
        {"5.00": "6.00"},
        {"EUR": "USD"},
        {"2025-06-05": "2025-06-06"},
        {"email,amount,": "email,sum,"},
    ],
)
def test_a_gift_with_a_number_is_known_by_it_alone(
    newsroom: Newsroom, bring: Callable[..., int], change: dict[str, str]
):
    bring(NUMBERED)
    text = NUMBERED
    for old, new in change.items():
        text = text.replace(old, new)
    places: dict[str, Any] = {"email": 0, "amount": 1, "currency": 2, "given_on": 3, "reference": 4}
    [row] = rows_of(newsroom, bring(text, "later.csv", matched=places))
    assert "gift" not in row.does
    assert newsroom.count(LedgerEntry) == 1
    bring(text.replace("A-1", "A-2"), "last.csv", matched=places)
    assert newsroom.count(LedgerEntry) == 2


def test_two_programs_may_give_the_same_number(newsroom: Newsroom, bring: Callable[..., int]):
    bring(NUMBERED)
    bring(NUMBERED.replace("Transaction ID", "Receipt Number"), "other.csv")
    assert newsroom.count(LedgerEntry) == 2


def test_long_numbers_are_told_apart_to_their_end(newsroom: Newsroom, bring: Callable[..., int]):
    long = "9" * 200
    row = NUMBERED.splitlines()[1]
    bring(NUMBERED.replace("A-1", f"{long}1") + row.replace("A-1", f"{long}2") + "\n")
    assert newsroom.count(LedgerEntry) == 2
