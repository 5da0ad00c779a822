"""The newsroom's logo: what may be one, where it is kept, and how it is shown.

An SVG is a program as well as a picture: whatever could act or load is taken out of it (svg-hush),
and it is shown as a picture only, which runs nothing.
"""

import hashlib
import struct
import zlib
from enum import StrEnum

import py_svg_hush
from flask import Flask, url_for

from membership.clock import clock
from membership.extensions import db, insert_once, settings
from membership.settings.current import rules
from membership.settings.models import Logo

MOST_BYTES = 200 * 1024
MOST_PIXELS = 4000
SVG, PNG = "image/svg+xml", "image/png"
SIGNATURE = b"\x89PNG\r\n\x1a\n"
OF_THE_PICTURE = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"sRGB", b"cHRM", b"iCCP"}
"""Chunks that are kept; others tell of whoever made it (w3.org/TR/png-3, 11.3)."""


class Why(StrEnum):
    """What is wrong with a file that was to be the logo."""

    large = "large"
    not_a_picture = "not_a_picture"
    broken = "broken"


class NotALogo(ValueError):
    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(logo_address=address)


def address() -> str | None:
    """Where the logo is shown: the one set at the desk, else the environment's."""
    if rules.logo:
        return url_for("logo.shown", digest=rules.logo)
    return url_for("web.logo") if settings.newsroom_logo else None


def keep(data: bytes) -> str:
    """Keep a picture in the transaction at hand; the digest by which it is known.

    Raises NotALogo.
    """
    kind, clean = cleaned(data)
    digest = hashlib.sha256(clean).hexdigest()
    row = {"digest": digest, "kind": kind, "data": clean, "at": clock.now()}
    insert_once(Logo, ["digest"], row)
    return digest


def kept(digest: str) -> Logo | None:
    return db.session.get(Logo, digest)


def cleaned(data: bytes) -> tuple[str, bytes]:
    """The kind of a picture, and the picture without what acts, loads, or tells of its maker.

    Raises NotALogo.
    """
    if len(data) > MOST_BYTES:
        raise NotALogo(Why.large)
    if data.startswith(SIGNATURE):
        return PNG, _png(data)
    try:
        svg: bytes = py_svg_hush.filter_svg(data)
    except ValueError:
        is_svg = b"<svg" in data
        raise NotALogo(Why.broken if is_svg else Why.not_a_picture) from None
    if b"<svg" not in svg or len(svg) > 2 * MOST_BYTES:
        raise NotALogo(Why.not_a_picture)
    return SVG, svg


def _png(data: bytes) -> bytes:
    """Its chunks, each held against its checksum."""
    found, place, last = SIGNATURE, len(SIGNATURE), b""
    while last != b"IEND":
        head = data[place : place + 8]
        length, last = struct.unpack(">I4s", head) if len(head) == 8 else (0, b"")
        chunk = data[place : place + 12 + length]
        if len(chunk) < 12 or zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:]):
            raise NotALogo(Why.broken)
        if place == len(SIGNATURE):
            _measure(last, chunk)
        if last in OF_THE_PICTURE:
            found += chunk
        place += len(chunk)
    return found


def _measure(name: bytes, chunk: bytes) -> None:
    if name != b"IHDR" or len(chunk) != 25:
        raise NotALogo(Why.broken)
    if max(struct.unpack(">II", chunk[8:16])) > MOST_PIXELS:
        raise NotALogo(Why.large)
