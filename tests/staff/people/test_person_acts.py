"""What staff do from a person's page: each by who may, each in the audit log."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from membership.books import customers
from membership.books.models import Customer, Interval, LedgerEntry, Subscription
from membership.clock import clock
from membership.extensions import db
from membership.mail.models import OutgoingMail
from membership.patrons import memberships
from membership.patrons.models import AddressChange, MembershipPeriod, Person
from membership.staff.models import AuditEntry, PersonNote
from tests.conftest import MakeApp
from tests.factories import Newsroom
from tests.staff.test_desk import subscribe
from tests.till import Till, app, giving_form, till

__all__ = ["app", "till"]  # fixtures

KEY = "k" * 32


@pytest.fixture
def finance(newsroom: Newsroom) -> FlaskClient:
    return newsroom.signed_in(newsroom.person("finance@example.org", role="finance"))


@pytest.fixture
def patron(newsroom: Newsroom, client: FlaskClient, till: Till) -> str:
    """The address of the page of somebody who gives five euros a month."""
    till.pay(client.post("/support/checkout", data=giving_form()).location)
    till.deliver(client)
    with newsroom.at_work():
        return page_of(db.session.scalars(sa.select(Person)).one())


def page_of(person: Person) -> str:
    return f"/staff/people/{person.id}"


def gift(newsroom: Newsroom) -> Subscription:
    with newsroom.at_work():
        return db.session.scalars(sa.select(Subscription)).one()


def acts(newsroom: Newsroom) -> list[str]:
    with newsroom.at_work():
        return list(db.session.scalars(sa.select(AuditEntry.act).order_by(AuditEntry.id)))


def letters(newsroom: Newsroom, about: str) -> dict[str, str]:
    """The link in each letter about it, by whom it went to."""
    with newsroom.at_work():
        wanted = sa.select(OutgoingMail).where(OutgoingMail.about.startswith(about))
        return {
            letter.recipient: re.search(r"http://[^/]*(/\S+)", letter.text)[1]
            for letter in db.session.scalars(wanted)
        }


def person(newsroom: Newsroom, person_id: int) -> Person:
    with newsroom.at_work():
        return db.session.get_one(Person, person_id)


ACTS = [
    "export",
    "link",
    "comp",
    "name",
    "address",
    "erase",
    "gifts/sub_1/amount",
    "gifts/sub_1/pause",
]
ACTS += ["gifts/sub_1/resume", "gifts/sub_1/end", "gifts/sub_1/keep", "comp/1/take-back"]


@pytest.mark.parametrize("act", ACTS)
def test_an_editor_looks_and_notes_and_does_no_more(newsroom: Newsroom, act):
    olha = newsroom.person("olha@example.org")
    editor = newsroom.signed_in(newsroom.person(role="editor"))
    assert editor.post(f"{page_of(olha)}/{act}").status_code == 403
    assert f"{page_of(olha)}/{act}" not in editor.get(page_of(olha)).text
    assert newsroom.count(AuditEntry) == 0


def test_a_sign_in_link_goes_to_their_own_address(newsroom: Newsroom, finance: FlaskClient):
    olha = newsroom.person("olha@example.org")
    finance.post(f"{page_of(olha)}/link")
    browser = newsroom.app.test_client()
    assert browser.post(letters(newsroom, "sign-in")["olha@example.org"]).status_code == 303
    assert "olha@example.org" in browser.get("/account").text
    assert acts(newsroom) == ["send link"]


def test_a_membership_is_given_away_once_and_taken_back(newsroom: Newsroom, finance: FlaskClient):
    source = newsroom.person("source@example.org")
    form = {"comp-key": KEY, "comp-months": "6", "comp-why": "Told us of the wells."}
    for _ in "double click":
        assert finance.post(f"{page_of(source)}/comp", data=form).status_code == 303
    with newsroom.at_work():
        period = db.session.scalars(sa.select(MembershipPeriod)).one()
        assert period.ends_at - period.starts_at > timedelta(days=180)
        assert memberships.is_member(source)
    back = f"{page_of(source)}/comp/{period.id}/take-back"
    assert back in finance.get(page_of(source)).text
    assert [finance.post(back).status_code for _ in range(2)] == [303, 404]
    with newsroom.at_work():
        assert not memberships.is_member(source)
    assert acts(newsroom) == ["comp", "take back comp"]


def test_a_gift_for_no_time_or_no_reason_is_refused_where_it_is_typed(
    newsroom: Newsroom, finance: FlaskClient
):
    source = newsroom.person()
    form = {"comp-key": KEY, "comp-months": "99", "comp-why": ""}
    answer = finance.post(f"{page_of(source)}/comp", data=form)
    assert answer.status_code == 422
    assert "between 1 and 36" in answer.text
    assert "Say why." in answer.text
    assert newsroom.count(MembershipPeriod) == 0


def test_a_paid_membership_is_not_taken_back_as_a_present(newsroom: Newsroom, finance: FlaskClient):
    member = newsroom.member()
    assert finance.post(f"{page_of(member)}/comp/1/take-back").status_code == 404


def test_a_name_is_corrected(newsroom: Newsroom, finance: FlaskClient):
    olha = newsroom.person("olha@example.org")
    finance.post(f"{page_of(olha)}/name", data={"name-name": " Olha  Petrenko "})
    assert person(newsroom, olha.id).name == "Olha Petrenko"
    assert "Olha Petrenko" in finance.get(page_of(olha)).text
    assert acts(newsroom) == ["name"]


@pytest.mark.parametrize("first", ["olha@example.org", "new@example.org"])
def test_an_address_changes_once_both_have_agreed(
    newsroom: Newsroom, finance: FlaskClient, client: FlaskClient, first
):
    olha = newsroom.person("olha@example.org")
    finance.post(f"{page_of(olha)}/address", data={"address-email": "New@example.org"})
    links = letters(newsroom, "address")
    second = ({*links} - {first}).pop()
    assert client.get(links[first]).status_code == 200  # a scanner looked at it
    assert "as soon as the other one has agreed" in client.post(links[first]).text
    assert client.post(links[first]).status_code == 410
    assert person(newsroom, olha.id).email == "olha@example.org"
    assert "the address is changed" in client.post(links[second]).text
    assert person(newsroom, olha.id).email == "new@example.org"
    story = finance.get(page_of(olha)).text
    assert "Address changed from olha@example.org to new@example.org" in story
    assert story.count("Your address with us") == 2  # what went to the old one is theirs as well


def agree(newsroom: Newsroom, client: FlaskClient, finance: FlaskClient, page: str, to: str):
    finance.post(f"{page}/address", data={"address-email": to})
    for link in letters(newsroom, f"address:{newsroom.count(AddressChange)}:").values():
        assert client.post(link).status_code == 200


def readdressed(newsroom: Newsroom) -> int:
    with newsroom.at_work():
        return customers.readdress_due()


def test_stripe_writes_to_the_new_address_as_soon_as_it_can_be_told(
    newsroom: Newsroom,
    client: FlaskClient,
    till: Till,
    patron: str,
    finance: FlaskClient,
    make_app: MakeApp,
):
    agree(newsroom, client, finance, patron, "new@example.org")
    agree(newsroom, client, finance, patron, "newest@example.org")
    assert readdressed(Newsroom(make_app(sandbox_url="http://127.0.0.1:9"))) == 1
    assert till.newest("customers").email == "olha@example.org"
    assert readdressed(newsroom) == 1
    assert till.newest("customers").email == "newest@example.org"
    assert readdressed(newsroom) == 0


def test_a_customer_gone_from_stripe_holds_no_other_address_up(
    newsroom: Newsroom, client: FlaskClient, till: Till, patron: str, finance: FlaskClient
):
    till.sdk.v1.customers.delete(till.newest("customers").id)
    agree(newsroom, client, finance, patron, "new@example.org")
    assert readdressed(newsroom) == 1
    assert readdressed(newsroom) == 0


def test_a_link_to_an_address_is_over_after_three_days_and_with_a_later_wish(
    newsroom: Newsroom, finance: FlaskClient, client: FlaskClient
):
    olha = newsroom.person("olha@example.org")
    finance.post(f"{page_of(olha)}/address", data={"address-email": "one@example.org"})
    finance.post(f"{page_of(olha)}/address", data={"address-email": "two@example.org"})
    links = letters(newsroom, "address")
    assert client.get(links["one@example.org"]).status_code == 410
    clock.set(clock.now() + timedelta(days=4))
    assert client.get(links["two@example.org"]).status_code == 410
    assert client.post(links["two@example.org"]).status_code == 410
    assert newsroom.count(AddressChange) == 2


def test_staff_are_told_that_an_address_is_taken_and_a_stranger_is_not(
    newsroom: Newsroom, finance: FlaskClient, client: FlaskClient
):
    olha = newsroom.person("olha@example.org")
    newsroom.person("petro@example.org")
    taken = finance.post(f"{page_of(olha)}/address", data={"address-email": "petro@example.org"})
    assert taken.status_code == 422
    assert "Somebody has this address already." in taken.text
    finance.post(f"{page_of(olha)}/address", data={"address-email": "new@example.org"})
    newsroom.person("new@example.org")  # came meanwhile
    links = letters(newsroom, "address")
    client.post(links["olha@example.org"])
    answer = client.post(links["new@example.org"])
    assert answer.status_code == 410
    assert answer.text == client.post("/address/nonsense").text
    assert person(newsroom, olha.id).email == "olha@example.org"


def test_an_old_mailbox_lets_nobody_in_any_more(
    newsroom: Newsroom, finance: FlaskClient, client: FlaskClient
):
    olha = newsroom.person("olha@example.org")
    finance.post(f"{page_of(olha)}/link")
    finance.post(f"{page_of(olha)}/address", data={"address-email": "new@example.org"})
    for link in letters(newsroom, "address").values():
        client.post(link)
    assert client.post(letters(newsroom, "sign-in")["olha@example.org"]).status_code == 410


def test_the_amount_of_a_gift_is_changed_as_the_patron_could(
    newsroom: Newsroom, patron: str, finance: FlaskClient, till: Till
):
    address = f"{patron}/gifts/{gift(newsroom).stripe_id}"
    assert address in finance.get(patron).text
    form = {"attempt": KEY, "amount": "7.50", "interval": "month"}
    assert finance.post(f"{address}/amount", data=form).status_code == 303
    assert gift(newsroom).amount == 750
    bad = finance.post(f"{address}/amount", data=form | {"amount": "0.01"})
    assert bad.status_code == 422
    assert "The smallest amount" in bad.text
    yearly = form | {"attempt": "y" * 32, "amount": "60", "interval": "year"}
    preview = finance.post(f"{address}/amount", data=yearly)
    assert "From today on it is €60 a year." in " ".join(preview.text.split())
    assert gift(newsroom).interval is Interval.month
    confirmed = re.search(r'name="confirmed" value="(\d+)"', preview.text)[1]
    finance.post(f"{address}/amount", data=yearly | {"confirmed": confirmed})
    assert gift(newsroom).interval is Interval.year
    assert acts(newsroom) == ["change gift", "change gift"]


def test_a_gift_is_paused_resumed_ended_and_kept(
    newsroom: Newsroom, patron: str, finance: FlaskClient
):
    address = f"{patron}/gifts/{gift(newsroom).stripe_id}"
    finance.post(f"{address}/pause", data={"attempt": "1" * 32, "months": "3"})
    assert gift(newsroom).is_paused
    finance.post(f"{address}/resume", data={"attempt": "2" * 32})
    assert not gift(newsroom).is_paused
    finance.post(f"{address}/end", data={"end-attempt": "3" * 32, "end-feedback": "too_expensive"})
    assert gift(newsroom).cancel_at_period_end
    assert gift(newsroom).cancel_feedback == "too_expensive"
    assert "ends on" in finance.get(patron).text
    finance.post(f"{address}/keep", data={"attempt": "4" * 32})
    assert not gift(newsroom).cancel_at_period_end
    assert acts(newsroom) == ["pause gift", "resume gift", "end gift", "keep gift"]


def test_what_is_another_persons_gift_is_not_there(
    newsroom: Newsroom, patron: str, finance: FlaskClient
):
    other = newsroom.person()
    assert finance.get(f"{page_of(other)}/gifts/{gift(newsroom).stripe_id}").status_code == 404


def test_a_stripe_that_is_away_changes_and_erases_nothing(make_app: MakeApp, newsroom: Newsroom):
    away = Newsroom(make_app(sandbox_url="http://127.0.0.1:9"))
    olha = away.person("olha@example.org")
    subscribe(away, olha, 500)
    with away.at_work():
        db.session.add(Customer(person_id=olha.id, mode="sandbox", stripe_id="cus_1"))
        db.session.commit()
    browser = away.signed_in(away.person(role="finance"))
    answer = browser.post(f"{page_of(olha)}/gifts/sub_1/pause", data={"attempt": KEY})
    assert answer.status_code == 503
    assert "Nothing was changed" in answer.text
    answer = browser.post(f"{page_of(olha)}/erase")
    assert answer.status_code == 503
    assert person(away, olha.id).email == "olha@example.org"
    assert acts(away) == []


def test_all_that_is_kept_is_taken_out_but_for_keys(
    newsroom: Newsroom, patron: str, finance: FlaskClient
):
    finance.post(f"{patron}/note", data={"note-text": "Rang up."})
    kept = finance.post(f"{patron}/export").get_json()
    assert kept["person"][0]["email"] == "olha@example.org"
    assert "fs_uniquifier" not in kept["person"][0]
    assert [row["amount"] for row in kept["ledger_entry"] if row["kind"] == "charge"] == [500]
    assert [row["text"] for row in kept["person_note"]] == ["Rang up."]
    assert len(kept["letter"]) == 1
    assert {"card", "naming_consent"} <= kept.keys()
    assert acts(newsroom)[-1] == "take out"


def test_somebody_is_erased_after_it_was_asked_again(
    newsroom: Newsroom, patron: str, finance: FlaskClient, till: Till
):
    finance.post(f"{patron}/note", data={"note-text": "Rang up."})
    assert "Erase" in finance.get(f"{patron}/erase").text
    assert finance.post(f"{patron}/erase").status_code == 303
    assert till.newest("subscriptions", status="all").status == "canceled"
    page = finance.get(patron).text
    assert "olha@example.org" not in page
    assert newsroom.count(PersonNote) == 0
    assert newsroom.count(LedgerEntry) > 0
    assert acts(newsroom)[-1] == "erase"


def test_only_an_admin_erases_somebody_of_the_staff(newsroom: Newsroom, finance: FlaskClient):
    chief = newsroom.person("chief@example.org", role="admin")
    assert finance.post(f"{page_of(chief)}/erase").status_code == 403
    assert person(newsroom, chief.id).email == "chief@example.org"


def test_an_offline_gift_begins_with_who_gave_it(newsroom: Newsroom, finance: FlaskClient):
    olha = newsroom.person("olha@example.org")
    address = f"/staff/payments/offline?person={olha.id}"
    assert address in finance.get(page_of(olha)).text
    assert 'value="olha@example.org"' in finance.get(address).text
