"""/dev/mail: whoever has to open one letter among many finds it."""

from flask.testing import FlaskClient

from membership import paging
from membership.extensions import db
from membership.mail import outbox
from tests.factories import Newsroom


def write(newsroom: Newsroom, *recipients: str) -> None:
    with newsroom.at_work():
        for number, to in enumerate(recipients):
            link = "http://127.0.0.1:8000/sign-in/x"
            outbox.queue(
                "sign_in", to=to, language="en", about=f"{to}{number}", link=link, minutes=30
            )
        db.session.commit()


def test_a_letter_is_found_by_its_reader_however_many_came_after_it(
    newsroom: Newsroom, client: FlaskClient
):
    crowd = [f"member{number}@example.org" for number in range(paging.ROWS + 5)]
    write(newsroom, "olha_p@example.org", *crowd)
    assert "olha_p@example.org" not in client.get("/dev/mail").text
    found = client.get("/dev/mail?to=OLHA_P@").text
    assert found.count("@example.org</small>") == 1
    assert "olha_p@example.org" in found
    assert "olha_p@example.org" in client.get("/dev/mail?page=2").text


def test_what_is_looked_for_in_vain_is_said_and_stays_typed(
    newsroom: Newsroom, client: FlaskClient
):
    write(newsroom, "olha@example.org")
    page = client.get("/dev/mail?to=nobody%25&page=x").text
    assert "No e-mail went to “nobody%”." in page
    assert 'value="nobody%"' in page
