"""A logo: an SVG without what acts, a PNG without what tells of its maker, shown on every page."""

import re
import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from membership.extensions import db
from membership.settings.logo import MOST_BYTES, PNG, SVG, NotALogo, cleaned
from membership.settings.models import Logo, Setting
from tests.factories import Newsroom
from tests.staff.settings.conftest import seen

LOGO = "/staff/settings/logo"
PLAIN = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>'
)
ACTIVE = b"""<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
  viewBox="0 0 9 9" onload="alert(1)">
  <script>alert(2)</script><style>@import url(http://elsewhere.example/a.css);</style>
  <a xlink:href="javascript:alert(3)"><rect width="9" height="9" onclick="alert(4)"/></a>
  <foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><iframe src="x"/></body></foreignObject>
  <image href="http://elsewhere.example/pixel.png"/><use href="http://elsewhere.example/#a"/>
  <set attributeName="href" to="javascript:alert(5)"/>
</svg>"""


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int = 2, height: int = 2, *more: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    rows = zlib.compress(b"\0" * (3 * 2))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def send(desk: FlaskClient, data: bytes = PLAIN, *, at: str | None = None) -> TestResponse:
    form: dict[str, Any] = {"seen": seen(desk, LOGO) if at is None else at}
    return desk.post(LOGO, data=form | {"file": (BytesIO(data), "logo.svg")})


def shown(client: FlaskClient) -> str | None:
    found = re.search(r'<img src="([^"]+)" alt="The Test Courier"', client.get("/support").text)
    return found[1] if found else None


def test_nothing_that_acts_or_loads_is_left_of_an_svg():
    kind, clean = cleaned(ACTIVE)
    text = clean.decode()
    assert kind == SVG
    assert "<rect" in text
    for gone in ("<script", "onload", "onclick", "foreignObject", "iframe", "@import"):
        assert gone not in text
    assert not re.search(r"href=.(javascript|http)|url\(http|attributeName", text)


def test_nothing_that_tells_of_its_maker_is_left_of_a_png():
    told = chunk(b"tEXt", b"Author\0somebody"), chunk(b"eXIf", b"where it was taken")
    kind, clean = cleaned(png(2, 2, *told))
    assert kind == PNG
    assert clean == png()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"<html><body>",
        b"<svg",
        b"\x89PNG\r\n\x1a\n",
        png()[:-5],
        png().replace(b"IDAT", b"IDAX"),
        png(5000, 2),
        b"\x89PNG\r\n\x1a\n" + chunk(b"IEND", b""),
        b"<svg xmlns='http://www.w3.org/2000/svg'>" + b" " * MOST_BYTES + b"</svg>",
        b'<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(
            f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">'.encode() for n in range(9)
        )
        + b']><svg xmlns="http://www.w3.org/2000/svg"><text>&j;</text></svg>',
    ],
)
def test_what_is_no_picture_is_refused(data: bytes):
    with pytest.raises(NotALogo):
        cleaned(data)


def test_it_stands_on_every_page_and_can_be_taken_away(newsroom: Newsroom, desk: FlaskClient):
    reader = newsroom.app.test_client()
    assert shown(reader) is None
    assert send(desk, ACTIVE).status_code == 303
    address = shown(reader)
    assert address is not None
    picture = reader.get(address)
    assert picture.mimetype == SVG
    assert b"onload" not in picture.data
    assert "default-src 'none'" in picture.headers["Content-Security-Policy"]
    assert "immutable" in picture.headers["Cache-Control"]
    assert shown(desk) == address
    desk.post(LOGO, data={"seen": seen(desk, LOGO), "remove": "yes"})
    assert shown(reader) is None
    assert reader.get(address).status_code == 200
    changes = desk.get("/staff/settings/changes").text
    assert "a picture of your own" in changes
    undo = re.findall(r'action="(/staff/settings/changes/\d+/undo)"', changes)[0]
    desk.post(undo)
    assert shown(reader) == address


def test_what_is_refused_is_said_at_the_field_and_nothing_is_kept(
    newsroom: Newsroom, desk: FlaskClient
):
    answer = send(desk, b"not a picture")
    assert answer.status_code == 422
    assert "Choose a picture in PNG or SVG." in answer.text
    assert desk.post(LOGO, data={"seen": "0"}).status_code == 422
    with newsroom.at_work():
        for table in (Logo, Setting):
            assert db.session.scalar(sa.select(sa.func.count()).select_from(table)) == 0


def test_a_large_file_is_not_even_read(desk: FlaskClient):
    assert send(desk, b"<svg>" + b" " * 10 * MOST_BYTES).status_code == 413


def test_two_admins_who_change_it_at_once_are_told(newsroom: Newsroom, desk: FlaskClient):
    other = newsroom.signed_in(newsroom.person("second@example.org", role="admin"))
    at = seen(other, LOGO)
    send(desk, PLAIN)
    assert send(other, png(), at=at).status_code == 409
    assert "Somebody else has just changed this" in send(other, png(), at=at).text


def test_there_is_no_other_picture(newsroom: Newsroom):
    assert newsroom.app.test_client().get("/logo/" + "0" * 64).status_code == 404
