"""What every page shares: headers, errors in the house style, limits, and health."""

import pytest
import sqlalchemy as sa
from flask import Flask, request
from flask.testing import FlaskClient

from membership.extensions import db, limiter
from tests.conftest import MakeApp
from tests.factories import Newsroom

PUBLIC = ["/", "/support", "/support/other-ways", "/sign-in", "/topics", "/embed/support"]


@pytest.fixture(autouse=True)
def forgotten_limits():
    yield
    limiter.enabled = True


@pytest.mark.parametrize("page", PUBLIC)
def test_no_page_allows_inline_code_or_asks_anybody_else(client: FlaskClient, page):
    answer = client.get(page)
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "<style" not in answer.text
    assert " style=" not in answer.text
    assert "onclick" not in answer.text


def test_only_the_box_may_stand_in_other_peoples_frames(client: FlaskClient):
    assert "frame-ancestors *" in client.get("/embed/support").headers["Content-Security-Policy"]
    page = client.get("/")
    assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_the_box_remembers_its_article(client: FlaskClient):
    assert "from=/2026/roads" in client.get("/embed/support?from=/2026/roads").text.replace(
        "%2F", "/"
    )


def test_cookies_are_kept_from_scripts_and_other_sites(make_app: MakeApp):
    newsroom = Newsroom(make_app(site_url="https://join.newsroom.example"))
    person = newsroom.person("olha@example.org")
    with newsroom.at_work():
        from datetime import timedelta

        from membership.patrons import sign_in
        from membership.patrons.models import Person

        link = sign_in.make_link(db.session.get_one(Person, person.id), lasts=timedelta(hours=1))
        db.session.commit()
    answer = newsroom.app.test_client().post(
        link.removeprefix("https://join.newsroom.example"),
        base_url="https://join.newsroom.example",
    )
    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))


@pytest.mark.parametrize(
    ("method", "path", "code"), [("get", "/nothing", 404), ("get", "/sign-out", 405)]
)
def test_errors_are_pages_of_the_house(client: FlaskClient, method, path, code):
    answer = getattr(client, method)(path)
    assert answer.status_code == code
    assert "The Test Courier" in answer.text
    assert answer.text.count("<h1>") == 1


def test_what_breaks_unforeseen_is_a_page_that_tells_nothing(make_app: MakeApp):
    app = make_app()
    app.testing = False
    app.add_url_rule("/broken", view_func=lambda: 1 / 0, endpoint="broken")
    answer = app.test_client().get("/broken")
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.text
    assert "ZeroDivision" not in answer.text


def test_a_large_form_is_refused(client: FlaskClient):
    assert client.post("/sign-in", data={"email": "x" * 100_000}).status_code == 413


def test_sign_in_is_limited_by_address(make_app: MakeApp):
    client = make_app(rate_limits="on").test_client()
    codes = [
        client.post("/sign-in", data={"email": "limited@example.org"}).status_code for _ in range(5)
    ]
    assert codes == [200, 200, 200, 429, 429]
    page = client.post("/sign-in", data={"email": "limited@example.org"})
    assert "Too many tries" in page.text


def test_checkout_is_limited(make_app: MakeApp):
    client = make_app(rate_limits="on").test_client()
    codes = {client.post("/support/checkout", data={}).status_code for _ in range(14)}
    assert codes == {422, 429}


def test_the_newsrooms_colours_are_its_own(make_app: MakeApp):
    client = make_app(newsroom_accent="#123456").test_client()
    assert "--accent: #123456" in client.get("/brand.css").text


def test_the_newsrooms_logo_is_shown_if_there_is_one(make_app: MakeApp, tmp_path):
    logo = tmp_path / "logo.svg"
    logo.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    client = make_app(newsroom_logo=logo).test_client()
    assert '<img src="/logo" alt="The Test Courier"' in client.get("/").text
    assert client.get("/logo").mimetype == "image/svg+xml"


def test_forwarded_addresses_are_believed_only_by_setting(make_app: MakeApp):
    def seen(app: Flask) -> str:
        app.add_url_rule("/who", view_func=lambda: request.remote_addr or "")
        return app.test_client().get("/who", headers={"X-Forwarded-For": "203.0.113.9"}).text

    assert seen(make_app()) == "127.0.0.1"
    assert seen(make_app(trusted_proxies=1)) == "203.0.113.9"


def test_machines_are_told_whether_it_runs_and_whether_the_database_is_there(
    client: FlaskClient, make_app: MakeApp
):
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").status_code == 200
    away = make_app(database_url="sqlite:////nonexistent/folder/x.sqlite").test_client()
    assert away.get("/healthz").status_code == 200
    assert away.get("/readyz").status_code == 503


@pytest.mark.parametrize("page", ["/", "/topics", "/support/other-ways"])
def test_a_public_page_writes_nothing(client: FlaskClient, queries, page):
    with queries() as seen:
        client.get(page)
    assert not [s for s in seen if s.lower().startswith(("insert", "update", "delete"))]


def test_a_reader_of_the_first_page_costs_one_query(newsroom: Newsroom, client, queries):
    newsroom.tiers()
    with queries() as seen:
        client.get("/")
    assert len([s for s in seen if s.lower().startswith("select")]) == 1


def test_every_foreign_key_is_kept(newsroom: Newsroom):
    with newsroom.at_work(), pytest.raises(sa.exc.IntegrityError):
        db.session.execute(sa.text("insert into person_role values (12345, 1)"))
        db.session.commit()


def test_the_box_speaks_the_language_that_its_address_names(client):
    for its in ("uk", "en"):
        page = client.get(f"/embed/{its}/support", headers={"Accept-Language": "pl"})
        assert f'<html lang="{its}"' in page.text
        assert "frame-ancestors *" in page.headers["Content-Security-Policy"]
        assert "X-Frame-Options" not in page.headers
    nearest = client.get("/embed/uk-UA/support?from=/roads")
    assert nearest.headers["Location"].endswith("/embed/uk/support?from=/roads")
