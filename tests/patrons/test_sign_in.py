import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from membership.clock import clock
from membership.extensions import db
from membership.mail.models import OutgoingMail
from membership.patrons import people, sign_in
from membership.patrons.models import Person
from tests.factories import Newsroom


def link_in_mail(newsroom: Newsroom) -> str:
    with newsroom.at_work():
        mail = db.session.scalars(sa.select(OutgoingMail).order_by(OutgoingMail.id.desc())).first()
        assert mail is not None
        found = re.search(r"http\S+(/sign-in/\S+)", mail.text)
    assert found is not None
    return found[1]


def signed_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def test_the_link_in_the_mail_signs_in_when_its_button_is_pressed(newsroom, client):
    newsroom.person("olha@example.org")
    assert client.post("/sign-in", data={"email": "Olha@Example.org "}).status_code == 200
    link = link_in_mail(newsroom)
    assert "Sign in" in client.get(link).text
    assert not signed_in(client)
    assert client.post(link).status_code == 303
    assert signed_in(client)


def test_a_mail_scanner_that_opens_the_link_does_not_spend_it(newsroom, app: Flask, client):
    newsroom.person("olha@example.org")
    client.post("/sign-in", data={"email": "olha@example.org"})
    link = link_in_mail(newsroom)
    for _ in range(3):
        assert app.test_client().get(link).status_code == 200
        assert app.test_client().head(link).status_code == 200
    assert client.post(link).status_code == 303


def test_a_link_works_once(newsroom, app: Flask, client):
    newsroom.person("olha@example.org")
    client.post("/sign-in", data={"email": "olha@example.org"})
    link = link_in_mail(newsroom)
    assert client.post(link).status_code == 303
    again = app.test_client()
    assert again.post(link).status_code == 410
    assert again.get(link).status_code == 410
    assert not signed_in(again)


def test_of_many_presses_at_the_same_moment_one_signs_in(newsroom, app: Flask):
    person = newsroom.person("olha@example.org")
    with newsroom.at_work():
        link = sign_in.make_link(db.session.get_one(Person, person.id), lasts=timedelta(hours=1))
        db.session.commit()
    path = link.removeprefix(app.extensions["settings"].site_url)
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda _: app.test_client().post(path).status_code, range(8)))
    assert sorted(codes) == [303] + [410] * 7


def test_an_old_link_is_refused(newsroom, client):
    newsroom.person("olha@example.org")
    client.post("/sign-in", data={"email": "olha@example.org"})
    link = link_in_mail(newsroom)
    clock.advance(timedelta(minutes=31))
    assert client.post(link).status_code == 410


def test_no_page_tells_whether_an_address_has_an_account(newsroom, client):
    newsroom.person("olha@example.org")
    known = client.post("/sign-in", data={"email": "olha@example.org"})
    unknown = client.post("/sign-in", data={"email": "none@example.org"})
    assert known.status_code == unknown.status_code == 200
    assert known.text.replace("olha@", "none@") == unknown.text
    assert newsroom.count(OutgoingMail) == 1


def test_a_guessed_link_is_refused(client):
    assert client.get("/sign-in/guessed").status_code == 410
    assert client.post("/sign-in/guessed").status_code == 410


def test_what_is_no_address_gets_an_error_at_the_field_and_stays_typed(client):
    answer = client.post("/sign-in", data={"email": "olha@"})
    assert answer.status_code == 422
    assert 'value="olha@"' in answer.text
    assert 'aria-describedby="email-hint email-error"' in answer.text


def test_sessions_end_when_a_person_is_deactivated(newsroom):
    person = newsroom.person("olha@example.org")
    browser = newsroom.signed_in(person)
    assert signed_in(browser)
    with newsroom.at_work():
        people.deactivate(db.session.get_one(Person, person.id))
        db.session.commit()
    assert not signed_in(browser)


def test_after_sign_in_one_is_where_one_wanted_to_go(newsroom, client):
    newsroom.person("olha@example.org")
    sent = client.get("/account/giving")
    assert sent.status_code == 303
    page = client.get(sent.location)
    assert "Set-Cookie" not in page.headers
    wanted = re.search(r'name="next" value="([^"]+)"', page.text)[1]
    client.post("/sign-in", data={"email": "olha@example.org", "next": wanted})
    assert client.post(link_in_mail(newsroom)).location == "/account/giving"


def test_a_sign_in_page_never_leads_off_the_site(newsroom, client):
    newsroom.person("olha@example.org")
    for elsewhere in ("https://evil.example/", "//evil.example/", "/\\evil.example"):
        client.get("/sign-in", query_string={"next": elsewhere})
        client.post("/sign-in", data={"email": "olha@example.org"})
        assert client.post(link_in_mail(newsroom)).location == "/account"
        client.post("/sign-out")
