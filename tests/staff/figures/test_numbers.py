"""Every number of a page of figures is a link, and the list behind it comes to that number."""

import csv
import html
import io
import re
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from membership.books.models import Interval
from membership.clock import clock
from membership.seed import crowd
from membership.seed.lives import Gift, Plans
from tests.factories import NOON, Newsroom

PLANS = Plans(
    {
        Gift(1, "eur", Interval.month, 500): 4,
        Gift(2, "eur", Interval.month, 1000): 3,
        Gift(2, "eur", Interval.year, 12000): 1,
        Gift(1, "eur", Interval.once, 2500): 1,
        Gift(1, "uah", Interval.month, 20000): 2,
    }
)
CELL = re.compile(r'<td class="number[^"]*"[^>]*>\s*(.*?)\s*</td>', re.DOTALL)
LINK = re.compile(r'<a href="([^"]+)">(?:<span class="money">)?([^<]+)')
TOLD = re.compile(r"^([+\u2212]?)([€₴])?([\d,.]+)$")
PAGES = {
    "/staff": 8,
    "/staff/figures/revenue": 100,
    "/staff/figures/supporters": 40,
    "/staff/figures/retention": 20,
    "/staff/figures/leaving": 20,
    "/staff/figures/recovery": 20,
    "/staff/figures/coming": 10,
    "/staff/figures/sources": 20,
}
"""The least number of cells there must be to look at."""


@pytest.fixture
def desk(newsroom: Newsroom, app: Flask) -> FlaskClient:
    clock.set(NOON)
    newsroom.tiers()
    with app.app_context():
        crowd.write(PLANS, patrons=90, months=20, seed=7, progress=lambda *_: None)
    return newsroom.signed_in(newsroom.person("chief@example.org", role="admin"))


@pytest.mark.parametrize("page", PAGES)
def test_a_list_comes_to_the_number_that_leads_to_it(desk: FlaskClient, page: str):
    looked_at, wrong = 0, []
    for cell in CELL.findall(desk.get(page).text):
        link = LINK.search(cell)
        if link is None or not (told := TOLD.match(html.unescape(link[2]).strip())):
            continue
        looked_at += 1
        address = html.unescape(link[1])
        if "journal" in address:
            continue
        listed = _listed(desk, address, is_money=told[2] is not None)
        if abs(listed) != abs(_number(told)):
            wrong.append((link[2], listed, address))
    assert not wrong
    assert looked_at >= PAGES[page]


@pytest.mark.parametrize("page", [page for page in PAGES if page != "/staff"])
def test_no_number_stands_without_a_list(desk: FlaskClient, page: str):
    cells = CELL.findall(desk.get(page).text)
    assert cells
    without = [
        cell for cell in cells if re.search(r"\d", cell) and "%" not in cell and "<a " not in cell
    ]
    assert not without


def _number(told: re.Match[str]) -> Decimal:
    number = Decimal(told[3].replace(",", ""))
    return -number if told[1] == "\u2212" else number


def _listed(desk: FlaskClient, address: str, *, is_money: bool) -> Decimal:
    """How many rows the list's sheet has, or what they come to: what leaves may have a sign."""
    parts = urlsplit(address)
    answer = desk.get(f"{parts.path}.csv?{parts.query}")
    assert answer.status_code == 200, address
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    if not is_money:
        return Decimal(len(rows))
    [column] = {"amount", "change", "by the month"} & rows[0].keys()
    return sum((Decimal(row[column]) for row in rows), start=Decimal(0))
