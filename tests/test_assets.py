"""Files of static/: kept for a year under their version, packed once."""

import gzip
import re

import pytest

from tests.factories import Newsroom

FILES = ["hromada.css", "topics.css", "giving.js", "icon.svg", "brand.css"]


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_kept_for_good_under_its_version(app, client, name):
    with app.app_context():
        address = app.jinja_env.globals["static"](name)
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in answer.headers
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == answer.data if packed.content_encoding else True
    assert client.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_text_is_sent_packed(client):
    answer = client.get("/static/any/hromada.css", headers={"Accept-Encoding": "gzip"})
    assert answer.content_encoding == "gzip"
    assert len(answer.data) * 3 < len(gzip.decompress(answer.data))
    assert answer.headers["Vary"] == "Accept-Encoding"


def test_another_version_has_todays_file_and_is_not_kept(client):
    answer = client.get("/static/000000000000/hromada.css")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert client.get("/static/000000000000/nothing.css").status_code == 404


def test_a_file_that_is_not_there_is_answered_to_whoever_is_signed_in(newsroom: Newsroom):
    browser = newsroom.signed_in(newsroom.member())
    browser.delete_cookie("hromada")
    answer = browser.get("/static/any/nothing.css")
    assert answer.status_code == 404
    assert "Set-Cookie" not in answer.headers


def test_every_file_that_a_page_names_is_there(newsroom: Newsroom, client):
    newsroom.tiers()
    named = re.findall(r'(?:href|src)="(/static/[^"]+)"', client.get("/").text)
    assert len(named) >= 4
    for address in named:
        assert "immutable" in client.get(address).headers["Cache-Control"]


def test_the_colours_are_another_address_once_they_are_others(make_app):
    def address(**settings: str) -> str:
        page = make_app(**settings).test_client().get("/topics").text
        return re.search(r'href="(/static/\w+/brand.css)"', page)[1]

    assert address() == address() != address(newsroom_accent="#123456")
