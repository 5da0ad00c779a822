"""Files of static/: read once at the start, sent packed, kept by browsers for a year.

An address has the file's version in it, so that a change is another address. The versions, and the
packing, are made at the start and not for each request. A folder is one script, of its files in the
order of their names.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound
from werkzeug.http import parse_accept_header

from membership.extensions import settings

bp = Blueprint("assets", __name__)

FOR_GOOD = "public, max-age=31536000, immutable"
EACH_TIME = "public, no-cache"
BRAND = "brand.css"
# What is smaller than this is not made smaller by packing.
WORTH_PACKING = 400
PACKED_TYPES = ("text/", "image/svg+xml")


@dataclass(frozen=True)
class Asset:
    body: bytes
    packed: bytes | None
    mimetype: str
    version: str


def init_app(app: Flask) -> None:
    """Read the files."""
    found = sorted((Path(app.root_path) / "static").iterdir())
    assets = {path.name: _asset(path.name, path.read_bytes()) for path in found if path.is_file()}
    for folder in (path for path in found if path.is_dir()):
        parts = (path.read_bytes() for path in sorted(folder.glob("*.js")))
        assets[f"{folder.name}.js"] = _asset(f"{folder.name}.js", b"\n".join(parts))
    app.extensions["assets"] = assets
    app.jinja_env.globals["static"] = address
    app.register_blueprint(bp)
    app.before_request(_answer_first)


def address(name: str) -> str:
    """Where a file is, with its version."""
    return f"/static/{_named(name).version}/{name}"


@bp.get("/static/<version>/<name>")
def file(version: str, name: str) -> ResponseReturnValue:
    """A version that is no more, or not yet, has today's file, which is then not kept."""
    try:
        asset = _named(name)
    except KeyError:
        raise NotFound from None
    return _sent(asset, FOR_GOOD if version == asset.version else EACH_TIME)


@bp.get("/brand.css")
def brand() -> ResponseReturnValue:
    """The newsroom's own colours: the design tokens that settings decide."""
    return _sent(_named(BRAND), EACH_TIME)


def sent(name: str, *, lasts: int) -> ResponseReturnValue:
    """A file under an address without its version, which browsers keep for `lasts` seconds."""
    return _sent(_named(name), f"public, max-age={lasts}")


def accepts_packed() -> bool:
    return takes_gzip(request.headers.get("Accept-Encoding", ""))


@lru_cache(maxsize=1000)
def takes_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding of `accepted` allows gzip."""
    return parse_accept_header(accepted).quality("gzip") > 0


def pack(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=6, mtime=0)


def _answer_first() -> ResponseReturnValue | None:
    """Before anybody asks who wants the file."""
    return file(**request.view_args or {}) if request.endpoint == "assets.file" else None


def _named(name: str) -> Asset:
    """A file of static/, or what the newsroom's settings make; KeyError if there is none."""
    if name == BRAND:
        return _brand(settings.newsroom_accent, settings.newsroom_accent_dark)
    assets: dict[str, Asset] = current_app.extensions["assets"]
    return assets[name]


@lru_cache(maxsize=100)
def _brand(accent: str, accent_dark: str) -> Asset:
    text = render_template(BRAND, accent=accent, accent_dark=accent_dark)
    return _asset(BRAND, text.encode())


def _asset(name: str, body: bytes) -> Asset:
    mimetype = mimetypes.guess_type(name)[0] or "application/octet-stream"
    is_text = mimetype.startswith(PACKED_TYPES)
    packed = pack(body) if is_text and len(body) >= WORTH_PACKING else None
    return Asset(body, packed, mimetype, hashlib.sha256(body).hexdigest()[:12])


def _sent(asset: Asset, cache_control: str) -> ResponseReturnValue:
    packed = asset.packed if accepts_packed() else None
    response = Response(packed or asset.body, mimetype=asset.mimetype)
    response.headers["Cache-Control"] = cache_control
    if asset.packed is not None:
        response.headers["Vary"] = "Accept-Encoding"
    if packed is not None:
        response.headers["Content-Encoding"] = "gzip"
    response.set_etag(asset.version + ("-gzip" if packed is not None else ""))
    return response.make_conditional(request)
