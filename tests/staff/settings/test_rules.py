"""How a vote goes, what is held back, and whose pages may show our box."""

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from membership.clock import clock
from membership.extensions import settings
from membership.patrons import memberships
from membership.patrons.models import MembershipKind
from tests.factories import Newsroom
from tests.staff.settings.conftest import seen
from tests.till import Till, app, giving_form, till

__all__ = ["app", "till"]  # fixtures

AS_IT_IS: dict[str, dict[str, Any]] = {
    "voting": {
        "voting_kinds": ["gift", "comped", "offline"],
        "proposals_per_month": "5",
        "reporting_bands": "4, 8, 16, 24, 40, 80",
        "round_days": "14",
        "round_hours": "40",
        "round_quorum": "0",
        "round_remind": "2",
    },
    "abuse": {
        "checkout_delay": "0",
        "most_unpaid_by_email": "6",
        "most_unpaid_by_visitor": "10",
        "most_unpaid_by_client": "20",
        "most_small_by_client": "6",
        "most_reports_by_client": "12",
    },
    "articles": {"article_domains": "", "appeals": "", "most_quoted": "500"},
}


def save(desk: FlaskClient, page: str, *, at: str | None = None, **values: Any) -> Any:
    version = seen(desk, f"/staff/settings/{page}") if at is None else at
    data = AS_IT_IS[page] | values | {"seen": version}
    return desk.post(f"/staff/settings/{page}", data=data)


@pytest.mark.parametrize("page", AS_IT_IS)
def test_what_is_saved_as_it_stands_changes_nothing(desk: FlaskClient, page: str):
    answer = save(desk, page)
    assert answer.status_code == 303
    assert "Nothing was different" in desk.get(answer.location).text
    assert seen(desk, f"/staff/settings/{page}") == "0"


def test_who_votes_is_what_the_newsroom_says(newsroom: Newsroom, desk: FlaskClient):
    guest = newsroom.member("guest@example.org", kind=MembershipKind.comped)
    save(desk, "voting", voting_kinds=["gift"])
    with newsroom.at_work():
        assert not memberships.may_vote(guest)
    save(desk, "voting", voting_kinds=["comped"])
    with newsroom.at_work():
        assert memberships.may_vote(guest)
    save(desk, "voting", voting_kinds=[])
    with newsroom.at_work():
        assert not memberships.may_vote(guest)
    page = unescape(desk.get("/staff/settings/changes").text)
    assert "Who was given one by the newsroom" in page


def test_a_round_is_planned_as_the_newsroom_mostly_does(newsroom: Newsroom, desk: FlaskClient):
    save(
        desk, "voting", round_days="7", round_hours="12", round_quorum="15", round_remind="1",
        reporting_bands="12 3,3", proposals_per_month="1",
    )  # fmt: skip
    page = desk.get("/staff/rounds/new").text
    assert re.search(r'name="budget"[^>]* value="12"', page)
    assert re.search(r'name="quorum"[^>]* value="15"', page)
    [closes] = re.findall(r'name="closes_at"[^>]* value="([^"]+)"', page)
    with newsroom.at_work():
        week = clock.now() + timedelta(days=7)
        assert abs(datetime.fromisoformat(closes) - week.replace(tzinfo=None)) < timedelta(days=1)
        assert settings.reporting_bands == (3, 12)
        assert settings.proposals_per_month == 1
    assert 'value="3, 12"' in desk.get("/staff/settings/voting").text


def test_what_was_held_back_is_counted_by_day_and_why(
    newsroom: Newsroom, till: Till, desk: FlaskClient, reader: FlaskClient
):
    assert "Nothing was." in desk.get("/staff/settings/abuse").text
    with newsroom.at_work():
        newsroom.app.extensions["settings"].rate_limits = "on"
    save(desk, "abuse", most_unpaid_by_email="2")
    for attempt in range(4):
        answer = reader.post(
            "/support/checkout", data=giving_form(attempt=f"attempt number {attempt}")
        )
        assert answer.status_code == (303 if attempt < 2 else 429)
    trapped = reader.post("/support/checkout", data=giving_form(website="https://spam.example"))
    assert trapped.status_code == 422
    save(desk, "abuse", checkout_delay="30")
    assert reader.post("/support/checkout", data=giving_form()).status_code == 422
    page = " ".join(re.sub(r"<[^>]+>", " ", desk.get("/staff/settings/abuse").text).split())
    assert "too many tries that were not paid 2" in page
    assert "a field filled in that nobody sees 1" in page
    assert "sent faster than one can type 1" in page


def test_our_box_stands_where_the_newsroom_says(desk: FlaskClient, reader: FlaskClient):
    def allowed() -> str:
        policy = reader.get("/embed/support").headers["Content-Security-Policy"]
        return policy.partition("frame-ancestors ")[2].partition(";")[0]

    assert allowed() == "*"
    typed = "https://Slovo.example/news/\n*.slovo.example, slovo.example слово.укр"
    assert save(desk, "articles", article_domains=typed).status_code == 303
    assert allowed() == (
        "'self' https://slovo.example https://*.slovo.example https://xn--b1arjbl.xn--j1amh"
    )
    assert "frame-ancestors 'self'" in reader.get("/").headers["Content-Security-Policy"]
    save(desk, "articles", article_domains="")
    assert allowed() == "*"


@pytest.mark.parametrize(
    ("page", "wrong", "told"),
    [
        ("voting", {"proposals_per_month": "0"}, "At least 1"),
        ("voting", {"proposals_per_month": "101"}, "At most 100"),
        ("voting", {"proposals_per_month": "many"}, "Not a valid integer value"),
        ("voting", {"round_days": ""}, "Enter a number"),
        ("voting", {"round_quorum": "101"}, "At most 100"),
        ("voting", {"round_remind": "9"}, "Not a valid choice"),
        ("voting", {"reporting_bands": "four"}, "Enter whole hours up to 2000"),
        ("voting", {"reporting_bands": ""}, "Enter whole hours up to 2000"),
        ("voting", {"reporting_bands": "0, 4"}, "Enter whole hours up to 2000"),
        ("voting", {"reporting_bands": "1 2 3 4 5 6 7 8 9 10 11 12 13"}, "At most 12 steps"),
        ("voting", {"voting_kinds": ["patron"]}, "not a valid choice"),
        ("abuse", {"checkout_delay": "61"}, "At most 60"),
        ("abuse", {"checkout_delay": "-1"}, "At least 0"),
        ("abuse", {"most_small_by_client": "0"}, "At least 1"),
        ("articles", {"article_domains": "slovo"}, "“slovo” is no domain"),
        ("articles", {"article_domains": "*"}, "“*” is no domain"),
        ("articles", {"article_domains": "a.example; script-src *"}, "is no domain"),
        ("articles", {"article_domains": f"{'a' * 64}.example"}, "is no domain"),
        ("articles", {"appeals": "Border towns!"}, "“towns!” cannot be a name here"),
        ("articles", {"appeals": "\n".join(f"a{n}" for n in range(21))}, "At most 20 appeals"),
        ("articles", {"most_quoted": "0"}, "At least 1"),
        ("articles", {"article_domains": " ".join(f"a{n}.example" for n in range(21))}, "At most"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field_and_changes_nothing(
    desk: FlaskClient, page: str, wrong: dict[str, Any], told: str
):
    answer = save(desk, page, **wrong)
    assert answer.status_code == 422
    assert told in unescape(answer.text)
    assert "There is a problem" in answer.text
    assert seen(desk, f"/staff/settings/{page}") == "0"


def test_two_admins_are_told_what_the_other_set(newsroom: Newsroom, desk: FlaskClient):
    other = newsroom.signed_in(newsroom.person("other@example.org", role="admin"))
    both_saw = seen(desk, "/staff/settings/voting")
    save(other, "voting", at=both_saw, reporting_bands="5, 10", round_days="20")
    refused = save(desk, "voting", at=both_saw, reporting_bands="6, 12")
    assert refused.status_code == 409
    page = unescape(refused.text)
    assert "Somebody else has just set this to: 5, 10" in page
    assert 'value="6, 12"' in page
    assert re.search(r'name="round_days"[^>]* value="20"', page)
