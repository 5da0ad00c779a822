"""The pages of figures about people: each number leads to its list, and that to a sheet."""

import csv
import io
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from membership.books.models import Donation, FailedPayment, Subscription
from membership.clock import clock
from membership.extensions import db
from membership.history import rebuild
from membership.patrons.models import MembershipKind
from tests.factories import NOON, Newsroom
from tests.staff.test_desk import subscribe


@pytest.fixture(autouse=True)
def noon():
    clock.set(NOON)


@pytest.fixture
def desk(newsroom: Newsroom) -> FlaskClient:
    newsroom.tiers()
    return newsroom.signed_in(newsroom.person(role="finance"))


def rows(answer: Any) -> list[list[str]]:
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.get_data(as_text=True))))


def address(page: str, wanted: str) -> str:
    """The first link to a list whose address has all that is `wanted`."""
    for link in map(unescape, re.findall(r'href="(/staff/figures/lists/[^"]*)"', page)):
        if all(part in link for part in wanted.split()):
            return link
    raise AssertionError(f"no link with {wanted}")


def listed(desk: FlaskClient, link: str) -> list[str]:
    """Who is in a list, on its page and in its sheet alike."""
    page, sheet = desk.get(link), rows(desk.get(link.replace("?", ".csv?", 1)))
    assert page.text.count("<tr>") == len(sheet)
    return [row[1] for row in sheet[1:]]


def test_each_supporter_counts_once_and_leads_to_the_list_of_their_kind(
    newsroom: Newsroom, desk: FlaskClient
):
    patron = newsroom.member("patron@example.org")
    newsroom.member("comped@example.org", kind=MembershipKind.comped)
    newsroom.member("gone@example.org", until=NOON - timedelta(days=1))
    subscribe(newsroom, patron, 500)
    with newsroom.at_work():
        rebuild.rebuild()
    page = desk.get("/staff/figures/supporters").text
    assert set(listed(desk, address(page, "supporters on=2026-03-10"))) == {
        "patron@example.org",
        "comped@example.org",
    }
    assert listed(desk, address(page, "kind=comped")) == ["comped@example.org"]
    assert listed(desk, address(page, "changes move=lost")) == ["gone@example.org"]
    assert "invited" in page


def test_nothing_to_show_is_said_and_drawn_as_nothing(desk: FlaskClient):
    for name, said in {
        "supporters": "Nobody supports the newsroom yet.",
        "recovery": "No renewal has fallen due yet.",
        "coming": "Nothing is due in the next ninety days",
        "sources": "Nobody gave for the first time in these days.",
    }.items():
        page = desk.get(f"/staff/figures/{name}").text
        assert said in page
        assert "<svg" not in page


def test_a_renewal_that_failed_is_in_recovery_until_it_is_decided(
    newsroom: Newsroom, desk: FlaskClient
):
    person = newsroom.member("failing@example.org")
    subscribe(newsroom, person, 700, status="past_due")
    page = desk.get("/staff/figures/recovery").text
    assert listed(desk, address(page, "in-recovery")) == ["failing@example.org"]
    assert listed(desk, address(page, "outcome=failed refusal=unknown")) == ["failing@example.org"]
    assert "not known" in page
    with newsroom.at_work():
        db.session.execute(
            sa.update(FailedPayment).values(
                recovered_at=NOON + timedelta(days=4), refusal="expired_card"
            )
        )
        rebuild.rebuild()
    clock.set(NOON + timedelta(days=5))
    page = desk.get("/staff/figures/recovery").text
    assert "in-recovery" not in page
    assert "the card has expired" in page
    assert listed(desk, address(page, "outcome=recovered took=3")) == ["failing@example.org"]
    assert rows(desk.get(address(page, "outcome=recovered").replace("?", ".csv?", 1)))[1][2:] == [
        *("2026-03-14", "7.00", "eur", "expired_card")
    ]


def test_renewals_are_expected_again_and_again_and_what_is_set_to_end_is_not(
    newsroom: Newsroom, desk: FlaskClient
):
    subscribe(newsroom, newsroom.member("stays@example.org"), 500)
    subscribe(
        newsroom,
        newsroom.member("goes@example.org"),
        900,
        cancel_at_period_end=True,
        current_period_end=NOON + timedelta(days=9),
    )
    page = desk.get("/staff/figures/coming").text
    assert "€10" in page, "twice €5 in ninety days"
    assert listed(desk, address(page, "due kind=end")) == ["goes@example.org"]
    assert listed(desk, address(page, "due kind=renewal from=2026-04-06")) == ["stays@example.org"]


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "past_due"},
        {"is_paused": True},
        {"status": "canceled", "ended_at": NOON},
    ],
)
def test_what_fails_is_paused_or_over_is_not_expected(
    newsroom: Newsroom, desk: FlaskClient, changes: dict[str, Any]
):
    subscribe(newsroom, newsroom.member(), 500, **changes)
    assert "Nothing is due" in desk.get("/staff/figures/coming").text


def test_a_source_shows_who_came_through_it_and_what_they_gave(
    newsroom: Newsroom, desk: FlaskClient
):
    for number, source in enumerate(["/dam", "/dam", None]):
        person = newsroom.member(f"giver{number}@example.org")
        subscribe(newsroom, person, 500 + number)
        if source:
            with newsroom.at_work():
                subscription = db.session.scalars(
                    sa.select(Subscription).where(Subscription.person_id == person.id)
                ).one()
                db.session.add(
                    Donation(
                        public_id=f"d{number}",
                        attempt=f"attempt{number}",
                        mode=subscription.mode,
                        email=person.email,
                        person_id=person.id,
                        language="en",
                        interval=subscription.interval,
                        amount=500,
                        currency="eur",
                        tier_id=subscription.tier_id,
                        source=source,
                        campaign="utm_source=letter",
                        created_at=NOON,
                        paid_at=NOON,
                    )
                )
                db.session.commit()
    with newsroom.at_work():
        rebuild.rebuild()
    page = desk.get("/staff/figures/sources").text
    assert "€10.01" in page
    assert sorted(listed(desk, address(page, "came source=/dam"))) == [
        "giver0@example.org",
        "giver1@example.org",
    ]
    unknown = address(page, "came source=/dam").replace("source=/dam", "source=")
    assert listed(desk, unknown) == ["giver2@example.org"]


@pytest.mark.parametrize(
    "asked",
    [
        "nothing",
        "supporters",
        "supporters?on=never",
        "changes?move=nothing&from=2026-03-01&to=2026-03-31",
        "changes?move=new&from=2026-03-31&to=2026-03-01",
        "renewals?currency=eur&outcome=eaten&from=2026-03-01&to=2026-03-31",
        "due?kind=renewal",
        "came?currency=eur",
    ],
)
def test_a_list_that_no_page_leads_to_is_not_there(desk: FlaskClient, asked: str):
    assert desk.get(f"/staff/figures/lists/{asked}").status_code == 404


def test_the_page_of_revenue_tells_what_came_in_beside_it(newsroom: Newsroom, desk: FlaskClient):
    subscribe(newsroom, newsroom.member(), 750)
    with newsroom.at_work():
        rebuild.rebuild()
    page = desk.get("/staff/figures/revenue").text
    assert "What came in" in page
    assert "Average gift: Again and again" in page
    assert "€7.50" in page
