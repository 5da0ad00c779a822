"""Whose forms are taken: by what browsers state, by a token where they state nothing."""

import re

import pytest

from tests.factories import Newsroom

OWN = {"Sec-Fetch-Site": "same-origin"}
FOREIGN = {"Sec-Fetch-Site": "cross-site"}


@pytest.fixture
def app(make_app):
    return make_app(csrf=True)


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "http://127.0.0.1:8000"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 400),
    ],
)
def test_a_strangers_form_is_judged_by_what_the_browser_states(client, stated, code):
    answer = client.post("/sign-in", data={"email": "olha@example.org"}, headers=stated)
    assert answer.status_code == code
    if code == 403:
        assert "This was not sent from our pages" in answer.text


def test_a_browser_that_states_nothing_sends_once_more_what_it_typed(client):
    asked = client.post("/sign-in", data={"email": 'olha"@example.org', "next": "/topics"})
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', asked.text))
    assert fields["email"] == "olha&#34;@example.org"
    assert fields["next"] == "/topics"
    again = client.post("/sign-in", data=fields | {"email": "olha@example.org"})
    assert again.status_code == 200
    assert "olha@example.org" in again.text


def test_who_is_signed_in_needs_the_token_as_well(app):
    newsroom = Newsroom(app)
    newsroom.tiers()
    app.config["WTF_CSRF_ENABLED"] = False
    member = newsroom.signed_in(newsroom.member())
    app.config["WTF_CSRF_ENABLED"] = True
    page = member.get("/account").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    send = {"wanted": "yes"}
    with_token = send | {"csrf_token": token}
    assert member.post("/account/vote-mail", data=send, headers=OWN).status_code == 400
    assert member.post("/account/vote-mail", data=with_token, headers=FOREIGN).status_code == 403
    assert member.post("/account/vote-mail", data=with_token, headers=OWN).status_code == 303


def test_stripe_states_nothing_and_is_heard(client):
    assert client.post("/webhooks/stripe", data=b"{}").json == {"error": "bad signature"}
