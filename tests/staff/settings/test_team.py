"""An admin says who is on the staff; nobody is locked out of the settings."""

import contextlib
import re
import threading

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from membership.extensions import db
from membership.mail.models import OutgoingMail
from membership.patrons.models import Person
from membership.staff import team
from membership.staff.models import AuditEntry
from tests.factories import Newsroom

STAFF = "/staff/settings/staff"


@pytest.fixture
def chief(newsroom: Newsroom) -> Person:
    return newsroom.person("chief@example.org", role="admin")


@pytest.fixture
def desk(newsroom: Newsroom, chief: Person) -> FlaskClient:
    return newsroom.signed_in(chief)


def listed(desk: FlaskClient) -> dict[str, str]:
    """The roles that the page says, by address."""
    rows = re.findall(r'<th scope="row".*?</tr>', desk.get(STAFF).text, re.DOTALL)
    told = [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]
    return {re.findall(r"\S+@\S+", line)[0]: line for line in told}


def give(desk: FlaskClient, person: Person, *roles: str) -> TestResponse:
    return desk.post(f"{STAFF}/{person.id}", data={"roles": list(roles)})


def acts(newsroom: Newsroom) -> list[str]:
    with newsroom.at_work():
        return list(db.session.scalars(sa.select(AuditEntry.act).order_by(AuditEntry.id)))


def test_who_is_invited_gets_a_letter_and_gets_in_by_it(newsroom: Newsroom, desk: FlaskClient):
    answer = desk.post(STAFF, data={"email": " Olha@Example.org ", "roles": ["editor", "finance"]})
    assert answer.status_code == 303
    assert "not yet" in listed(desk)["olha@example.org"]
    with newsroom.at_work():
        letter = db.session.scalars(sa.select(OutgoingMail)).one()
    assert letter.recipient == "olha@example.org"
    [token] = re.findall(r"/sign-in/(\S+)", letter.text)
    olha = newsroom.app.test_client()
    assert olha.post(f"/sign-in/{token}").status_code == 303
    assert olha.get("/staff/payments").status_code == 200
    assert olha.get("/staff/rounds/new").status_code == 200
    assert olha.get("/staff/settings").status_code == 403
    assert "Editor, Finance" in listed(desk)["olha@example.org"]
    assert "not yet" not in listed(desk)["olha@example.org"]


def test_who_is_there_already_is_not_there_twice(newsroom: Newsroom, desk: FlaskClient):
    newsroom.person("olha@example.org", role="editor")
    desk.post(STAFF, data={"email": "olha@example.org", "roles": ["finance"]})
    assert "Editor, Finance" in listed(desk)["olha@example.org"]
    assert len(listed(desk)) == 2


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({"email": "olha@", "roles": ["editor"]}, "does not look like an e-mail address"),
        ({"email": "", "roles": ["editor"]}, "Enter an e-mail address"),
        ({"email": "olha@example.org"}, "Say what they are to do"),
    ],
)
def test_nobody_is_invited_to_nothing(newsroom: Newsroom, desk: FlaskClient, sent, why):
    answer = desk.post(STAFF, data=sent)
    assert answer.status_code == 422
    assert why in answer.text
    assert f'value="{sent["email"]}"' in answer.text
    assert len(listed(desk)) == 1
    with newsroom.at_work():
        assert db.session.scalar(sa.select(sa.func.count(OutgoingMail.id))) == 0


def test_other_roles_open_and_close_doors_at_once(newsroom: Newsroom, desk: FlaskClient):
    olha = newsroom.person("olha@example.org", role="editor")
    hers = newsroom.signed_in(olha)
    assert hers.get("/staff/rounds/new").status_code == 200
    assert give(desk, olha, "finance").status_code == 303
    assert hers.get("/staff/rounds/new").status_code == 403
    assert hers.get("/staff/payments/offline").status_code == 200
    assert give(desk, olha, "finance").status_code == 303
    assert acts(newsroom) == ["change roles"]


def test_who_is_off_the_staff_is_signed_out_and_stays_a_patron(
    newsroom: Newsroom, desk: FlaskClient
):
    olha = newsroom.member("olha@example.org")
    desk.post(STAFF, data={"email": "olha@example.org", "roles": ["editor"]})
    hers = newsroom.signed_in(olha)
    assert hers.get("/staff").status_code == 200
    give(desk, olha)
    assert hers.get("/staff").location.startswith("/sign-in")
    assert "olha@example.org" not in listed(desk)
    again = newsroom.signed_in(olha)
    assert again.get("/account").status_code == 200
    assert again.get("/staff").status_code == 403


def test_sessions_end_on_every_machine(newsroom: Newsroom, desk: FlaskClient):
    olha = newsroom.person("olha@example.org", role="editor")
    machines = [newsroom.signed_in(olha) for _ in range(2)]
    assert [one.get("/staff").status_code for one in machines] == [200, 200]
    assert desk.post(f"{STAFF}/{olha.id}/sign-out").status_code == 303
    assert {one.get("/staff").status_code for one in machines} == {303}
    assert desk.get(STAFF).status_code == 200
    assert acts(newsroom) == ["end sessions"]


def test_no_link_that_lies_in_a_mailbox_lets_them_in_again(newsroom: Newsroom, desk: FlaskClient):
    desk.post(STAFF, data={"email": "olha@example.org", "roles": ["editor"]})
    with newsroom.at_work():
        olha = db.session.scalars(sa.select(Person).filter_by(email="olha@example.org")).one()
        letter = db.session.scalars(sa.select(OutgoingMail)).one()
        number, text = olha.id, letter.text
    desk.post(f"{STAFF}/{number}/sign-out")
    [token] = re.findall(r"/sign-in/(\S+)", text)
    assert newsroom.app.test_client().post(f"/sign-in/{token}").status_code != 303
    assert "not yet" in listed(desk)["olha@example.org"]


def test_who_gives_the_settings_away_is_led_to_where_they_may_be(
    newsroom: Newsroom, desk: FlaskClient, chief: Person
):
    newsroom.person("second@example.org", role="admin")
    answer = give(desk, chief, "editor")
    assert answer.location == "/staff"
    assert "Saved." in desk.get("/staff").text


def test_the_last_admin_cannot_be_erased(newsroom: Newsroom, desk: FlaskClient, chief: Person):
    answer = desk.post(f"/staff/people/{chief.id}/erase")
    assert answer.status_code == 409
    assert "Nobody else is an admin" in answer.text
    assert desk.get("/staff/settings").status_code == 200


def test_the_last_admin_cannot_go(newsroom: Newsroom, desk: FlaskClient, chief: Person):
    answer = give(desk, chief, "editor")
    assert answer.status_code == 409
    assert "Nobody else is an admin" in answer.text
    assert desk.get("/staff/settings").status_code == 200
    second = newsroom.person("second@example.org", role="admin")
    with newsroom.at_work():
        db.session.get_one(Person, second.id).active = False
        db.session.commit()
    assert give(desk, chief).status_code == 409
    with newsroom.at_work():
        db.session.get_one(Person, second.id).active = True
        db.session.commit()
    assert give(desk, chief, "editor").status_code == 303
    assert desk.get("/staff/settings").status_code == 403


def test_two_admins_who_take_each_other_off_leave_one(newsroom: Newsroom, chief: Person):
    second = newsroom.person("second@example.org", role="admin")
    begin = threading.Barrier(2)

    def take_off(by: Person, whom: Person) -> None:
        with newsroom.app.app_context():
            by, whom = (db.session.get_one(Person, one.id) for one in (by, whom))
            db.session.rollback()
            begin.wait()
            with contextlib.suppress(team.LastAdmin):
                team.set_roles(db.session.get_one(Person, whom.id), [], by=by)

    threads = [
        threading.Thread(target=take_off, args=pair) for pair in ((chief, second), (second, chief))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with newsroom.at_work():
        assert [member.roles for member in team.members()] == [["admin"]]


def test_a_stranger_to_the_staff_has_no_page_there(newsroom: Newsroom, desk: FlaskClient):
    reader = newsroom.person("reader@example.org")
    assert desk.get(f"{STAFF}/{reader.id}").status_code == 404
    assert give(desk, reader, "admin").status_code == 404
    assert desk.post(f"{STAFF}/{reader.id}/sign-out").status_code == 404


def test_the_page_asks_the_same_however_many_there_are(
    newsroom: Newsroom, desk: FlaskClient, queries
):
    desk.get(STAFF)
    with queries() as few:
        desk.get(STAFF)
    for number in range(9):
        newsroom.person(f"editor{number}@example.org", role="editor")
    with queries() as many:
        desk.get(STAFF)
    assert len(many) == len(few) <= 6
