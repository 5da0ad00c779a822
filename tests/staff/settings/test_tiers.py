"""An admin says what tiers there are: readers, patrons, the books and the way back."""

import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from membership.books import tiers
from membership.books.models import Interval, Suggestion, Tier
from membership.books.offers import MOST_OFFERED
from membership.books.tiers import tier_for
from membership.clock import clock
from membership.extensions import db
from membership.money import Money
from membership.settings.models import Setting
from membership.staff.models import AuditEntry
from tests.conftest import MakeApp
from tests.factories import Newsroom
from tests.till import SECRET, Till, giving_form, till

__all__ = ["till"]  # fixtures

TIERS = "/staff/settings/tiers"
NEW = {
    "name_en": "Sponsor",
    "name_uk": "Меценат",
    "line_en": "A reporter for a week.",
    "amount_eur_month": "60",
    "amount_eur_year": "600,50",
}


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    newsroom.tiers()
    return newsroom


def typed(desk: FlaskClient, slug: str) -> dict[str, str]:
    """What stands in the form of a tier."""
    return stands(desk.get(f"{TIERS}/{slug}"))


def stands(page: TestResponse) -> dict[str, str]:
    found = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', page.text))
    return {name: value for name, value in found.items() if name != "csrf_token"}


def save(desk: FlaskClient, slug: str, **values: str) -> TestResponse:
    return desk.post(f"{TIERS}/{slug}", data=typed(desk, slug) | values)


def add(desk: FlaskClient, **values: str) -> TestResponse:
    return desk.post(f"{TIERS}/new", data=NEW | values)


def offered(newsroom: Newsroom, language: str = "en") -> str:
    reader = newsroom.app.test_client()
    return reader.get("/support?currency=eur", headers={"Accept-Language": language}).text


def undo_last(desk: FlaskClient) -> TestResponse:
    page = desk.get("/staff/settings/changes").text
    return desk.post(re.findall(r'action="(/staff/settings/changes/\d+/undo)"', page)[0])


def wrong(answer: TestResponse) -> str:
    assert answer.status_code == 422
    summary = answer.text.partition('class="problems')[2].partition("</div>")[0]
    return re.sub(r"<[^>]+>", " ", summary)


def test_a_new_tier_is_offered_in_each_language(newsroom: Newsroom, desk: FlaskClient):
    assert add(desk).status_code == 303
    assert "Sponsor" in offered(newsroom)
    assert "A reporter for a week." in offered(newsroom)
    assert "€600.50" in offered(newsroom)
    assert "Меценат" in offered(newsroom, "uk")
    with newsroom.at_work():
        tier = tiers.by_slug("sponsor")
        assert tier is not None
        assert tier.position == max(one.position for one in tiers.every())
        assert tier_for(Money(6000, "eur"), Interval.month) is tier
        assert tier_for(Money(5999, "eur"), Interval.month) is not tier


def test_what_comes_with_a_tier_is_told(newsroom: Newsroom, desk: FlaskClient):
    assert "What comes with it" not in offered(newsroom)
    come = {"benefits_en": "A letter on Sundays\n\n  <b>Tea</b> with us \n", "benefits_uk": "Чай"}
    assert save(desk, "patron", **come).status_code == 303
    page = offered(newsroom)
    assert "What comes with it" in page
    assert "<li>A letter on Sundays</li><li>&lt;b&gt;Tea&lt;/b&gt; with us</li>" in page
    assert "<li>Чай</li>" in offered(newsroom, "uk")
    assert "A letter on Sundays\n&lt;b&gt;Tea" in desk.get(f"{TIERS}/patron").text
    undo_last(desk)
    assert "What comes with it" not in offered(newsroom)


def test_what_readers_could_not_give_is_not_offered_again(newsroom: Newsroom, desk: FlaskClient):
    desk.post(f"{TIERS}/reader/retire")
    amounts = {"currencies": "eur, usd, uah", "intervals": "month", "first_interval": "month"}
    saved = desk.post("/staff/settings/amounts", data=amounts | {"seen": "0", "least_eur": "4"})
    assert saved.status_code == 303
    answer = desk.post(f"{TIERS}/reader/offer", follow_redirects=True)
    assert "less or more than you take" in answer.text
    with newsroom.at_work():
        tier = tiers.by_slug("reader")
        assert tier is not None
        assert tier.is_retired


def test_two_of_one_name_are_two(newsroom: Newsroom, desk: FlaskClient):
    add(desk)
    add(desk, amount_eur_month="70", amount_eur_year="")
    with newsroom.at_work():
        slugs = [tier.slug for tier in tiers.every()]
    assert len(slugs) == len(set(slugs)) == 6
    assert sum(slug.startswith("sponsor") for slug in slugs) == 2


def test_what_is_changed_is_changed_and_nothing_else(newsroom: Newsroom, desk: FlaskClient):
    before = typed(desk, "patron")
    save(desk, "patron", name_en="Friend", amount_eur_month="6", amount_usd_once="")
    assert typed(desk, "patron") | {"seen": ""} == before | {
        "name_en": "Friend", "amount_eur_month": "6", "amount_usd_once": "", "seen": ""
    }  # fmt: skip
    assert "Friend" in offered(newsroom)
    with newsroom.at_work():
        told = db.session.scalars(sa.select(AuditEntry.about)).all()
    assert len(told) == 1
    assert "tier patron" in told[0]
    save(desk, "patron")
    with newsroom.at_work():
        assert db.session.scalar(sa.select(sa.func.count(AuditEntry.id))) == 1


def test_a_currency_that_is_off_keeps_its_amounts(make_app: MakeApp):
    first = Newsroom(make_app())
    first.tiers()
    newsroom = Newsroom(make_app(currencies="eur", languages="en"))
    desk = newsroom.signed_in(newsroom.person(role="admin"))
    save(desk, "patron", name_en="Friend")
    with newsroom.at_work():
        tier = tiers.by_slug("patron")
        assert tier is not None
        assert {one.currency for one in tier.suggestions} == {"eur", "usd", "uah"}
        assert tier.name["uk"] == "Патрон"


def test_every_change_has_a_way_back(newsroom: Newsroom, desk: FlaskClient):
    before = typed(desk, "patron")
    save(desk, "patron", name_en="Friend", amount_eur_month="6")
    save(desk, "patron", name_en="Best friend")
    assert undo_last(desk).status_code == 303
    assert typed(desk, "patron")["name_en"] == "Friend"
    changes = re.findall(
        r"/staff/settings/changes/(\d+)/undo", desk.get("/staff/settings/changes").text
    )
    assert len(changes) == 3
    desk.post(f"/staff/settings/changes/{changes[-1]}/undo")
    assert typed(desk, "patron") | {"seen": ""} == before | {"seen": ""}
    assert "Friend" not in offered(newsroom)


def test_a_new_tier_has_no_way_back_but_can_be_retired(newsroom: Newsroom, desk: FlaskClient):
    add(desk)
    page = desk.get("/staff/settings/changes").text
    assert "Sponsor" in page
    assert "/undo" not in page
    desk.post(f"{TIERS}/sponsor/retire")
    assert "Sponsor" not in offered(newsroom)
    undo_last(desk)
    assert "Sponsor" in offered(newsroom)


def test_who_has_a_retired_tier_keeps_it(make_app: MakeApp, till: Till):
    newsroom = Newsroom(make_app(sandbox_url=till.url, stripe_webhook_secret=SECRET))
    newsroom.tiers()
    desk = newsroom.signed_in(newsroom.person(role="admin"))
    reader = newsroom.app.test_client()
    till.pay(reader.post("/support/checkout", data=giving_form()).location)
    till.deliver(reader)
    assert desk.post(f"{TIERS}/patron/retire").status_code == 303
    page = desk.get(TIERS).text
    assert re.search(r"Retired.*Patron.*tier=\d+\">1 person</a>", page, re.DOTALL)
    assert "Patron" not in offered(newsroom).partition("tiles")[2].partition("</fieldset>")[0]
    with newsroom.at_work():
        assert tier_for(Money(500, "eur"), Interval.month).slug == "reader"
    desk.post(f"{TIERS}/patron/offer")
    with newsroom.at_work():
        assert tier_for(Money(500, "eur"), Interval.month).slug == "patron"


def test_tiers_change_places(newsroom: Newsroom, desk: FlaskClient):
    def order() -> list[str]:
        return re.findall(r'href="/staff/settings/tiers/([\w-]+)"', desk.get(TIERS).text)[1:]

    before = order()
    desk.post(f"{TIERS}/{before[2]}/up")
    assert order() == [before[0], before[2], before[1], before[3]]
    desk.post(f"{TIERS}/{before[0]}/up")
    assert order() == [before[0], before[2], before[1], before[3]]
    undo_last(desk)
    assert order() == before


def test_between_two_who_offer_stands_none_that_is_retired(newsroom: Newsroom, desk: FlaskClient):
    desk.post(f"{TIERS}/patron/retire")
    assert desk.post(f"{TIERS}/co-creator/up").status_code == 303
    with newsroom.at_work():
        order = [tier.slug for tier in tiers.every() if not tier.is_retired]
    assert order[0] == "co-creator"


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"name_en": ""}, "needs a name"),
        ({"name_en": "  ", "name_uk": ""}, "needs a name"),
        ({"name_en": "x" * 61}, "60"),
        ({"amount_eur_month": "a lot"}, "as a number"),
        ({"amount_eur_month": "0.10"}, "smallest amount"),
        ({"amount_eur_month": "£7"}, "another currency"),
        ({"amount_eur_month": "5"}, "Another tier suggests the same"),
        ({"amount_eur_month": "", "amount_eur_year": " "}, "at least one amount"),
        ({"benefits_en": "\n".join("abcdefghi")}, "At most 8 lines"),
        ({"benefits_en": "x" * 121}, "At most 120 characters a line"),
    ],
)
def test_what_makes_no_sense_is_said_where_it_stands(
    newsroom: Newsroom, desk: FlaskClient, values: dict[str, str], why: str
):
    answer = add(desk, **values)
    assert why in wrong(answer)
    for typed in (NEW | values).values():
        assert not typed.strip() or typed in answer.text
    with newsroom.at_work():
        assert db.session.scalar(sa.select(sa.func.count(Tier.id))) == 4


def test_two_admins_who_change_the_same_tier_are_told(newsroom: Newsroom, desk: FlaskClient):
    other = newsroom.signed_in(newsroom.person("second@example.org", role="admin"))
    mine, theirs = typed(desk, "patron"), typed(other, "patron")
    assert desk.post(f"{TIERS}/patron", data=mine | {"name_en": "Mine"}).status_code == 303
    answer = other.post(f"{TIERS}/patron", data=theirs | {"name_en": "Theirs"})
    assert answer.status_code == 409
    assert "Somebody else has just changed this" in answer.text
    assert 'value="Theirs"' in answer.text
    assert "Mine" in offered(newsroom)
    assert other.post(f"{TIERS}/patron", data=stands(answer)).status_code == 303
    assert "Theirs" in offered(newsroom)


def test_without_a_tier_nobody_can_give_and_is_told_so(make_app: MakeApp, till: Till):
    newsroom = Newsroom(make_app(sandbox_url=till.url))
    answer = newsroom.app.test_client().post(
        "/support/checkout", data=giving_form(amount_month="own", own_amount="7")
    )
    assert answer.status_code == 503
    assert "not ready to take gifts yet" in answer.text
    assert "nobody can give" in newsroom.signed_in(newsroom.person(role="admin")).get(TIERS).text


def test_where_nothing_is_suggested_a_gift_goes_to_the_first_tier(newsroom: Newsroom):
    with newsroom.at_work():
        db.session.execute(sa.delete(Suggestion).where(Suggestion.currency == "usd"))
        db.session.commit()
        assert tier_for(Money(700, "usd"), Interval.month).slug == "reader"


def test_a_page_of_tiers_asks_the_same_however_many_there_are(
    newsroom: Newsroom, desk: FlaskClient, queries: Any
):
    desk.get(TIERS)
    with queries() as few:
        desk.get(TIERS)
    for number in range(5):
        added = add(
            desk, name_en=f"Sponsor {number}", amount_eur_month=f"{70 + number}", amount_eur_year=""
        )
        desk.post(f"{added.location}/sponsor-{number}/retire")
    with queries() as many:
        desk.get(TIERS)
    assert "Sponsor 4" in desk.get(TIERS).text
    assert len(many) == len(few) <= 8


def test_readers_are_offered_no_more_than_they_can_weigh(newsroom: Newsroom, desk: FlaskClient):
    with newsroom.at_work():
        room = MOST_OFFERED - len(tiers.every())
    for number in range(room):
        assert add(desk, amount_eur_month=str(70 + number), amount_eur_year="").status_code == 303
    refused = add(desk, name_en="One more", amount_eur_month="90", amount_eur_year="")
    assert refused.status_code == 422
    assert "6 tiers are offered" in refused.text
    assert 'value="One more"' in refused.text
    desk.post(f"{TIERS}/patron/retire")
    assert add(desk, amount_eur_month="90", amount_eur_year="").status_code == 303
    assert "6 tiers are offered" in desk.post(f"{TIERS}/patron/offer", follow_redirects=True).text


def test_a_name_of_long_letters_is_taken_twice(newsroom: Newsroom, desk: FlaskClient):
    for amount in ("70", "80"):
        answer = add(desk, name_en="Щ" * 60, amount_eur_month=amount, amount_eur_year="")
        assert answer.status_code == 303
    with newsroom.at_work():
        assert len(tiers.every()) == 6


def test_a_tier_of_another_hand_can_be_opened_and_shortened(newsroom: Newsroom, desk: FlaskClient):
    with newsroom.at_work():
        tier = Tier(slug="old", position=9, name={"en": "x" * 80}, line={}, is_retired=False)
        tier.suggestions = [
            Suggestion(currency="eur", interval=Interval.week, amount=300),
            Suggestion(currency="eur", interval=Interval.month, amount=7700),
        ]
        db.session.add(tier)
        db.session.commit()
    assert save(desk, "old", name_en="Old").status_code == 303
    with newsroom.at_work():
        tier = tiers.by_slug("old")
        assert tier is not None
        assert tier.name == {"en": "Old"}
        assert {one.interval for one in tier.suggestions} == {Interval.week, Interval.month}


def test_what_was_retired_is_not_offered_again_beside_its_like(
    newsroom: Newsroom, desk: FlaskClient
):
    desk.post(f"{TIERS}/patron/retire")
    add(desk, amount_eur_month="5", amount_eur_year="")
    answer = desk.post(f"{TIERS}/patron/offer", follow_redirects=True)
    assert "Another tier suggests one of its amounts by now" in answer.text
    page = desk.get("/staff/settings/changes").text
    [undo] = re.findall(r'action="(/staff/settings/changes/\d+/undo)"', page)
    assert "It cannot be put back" in desk.post(undo, follow_redirects=True).text
    with newsroom.at_work():
        tier = tiers.by_slug("patron")
        assert tier is not None
        assert tier.is_retired
        assert tier_for(Money(500, "eur"), Interval.month).slug == "sponsor"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tier patron", {"name": {"en": "X"}, "line": {}, "amounts": {}, "colour": "red"}),
        ("tier patron", 7),
        ("order of tiers", 7),
        ("words welcome", {"en": "Hello"}),
        ("words headline", "Hello"),
        ("words headline", None),
        ("languages", 7),
    ],
)
def test_what_another_program_set_breaks_no_page(
    newsroom: Newsroom, desk: FlaskClient, name: str, value: Any
):
    with newsroom.at_work():
        db.session.add(Setting(name=name, value=value, at=clock.now(), by_id=None))
        db.session.add(Setting(name=name, value=value, at=clock.now(), by_id=1))
        db.session.commit()
    for page in ("/support", TIERS, "/staff/settings/words", "/staff/settings/changes"):
        assert desk.get(page).status_code == 200
    page = desk.get("/staff/settings/changes").text
    for undo in re.findall(r'action="(/staff/settings/changes/\d+/undo)"', page):
        assert desk.post(undo).status_code == 303
