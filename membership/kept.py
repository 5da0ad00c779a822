"""Pages that are the same for everybody: rendered once, kept for a moment, filled in and sent.

Kept for half a second and no longer, so that a change of anything, and the passing of time, shows
within a second on every process without one having to tell the others. What an address or a person
brings into a page goes into holes of it, so that what is kept stays bounded whatever is asked for.
"""

import hashlib
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from threading import Lock
from typing import Generic, NamedTuple, Self, TypeVar
from urllib.parse import quote

from flask import Flask, Response, current_app, g, request, session
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import escape

from membership.assets import accepts_packed, pack
from membership.clock import clock
from membership.web import language

SECONDS = 0.5
MOST = 500  # pages, some 20 kilobytes each
FOR_ONE = "private, no-cache"
# By what a page was chosen: an address may say its language itself.
BY_ADDRESS, BY_READER = "Accept-Encoding", "Accept-Encoding, Accept-Language, Cookie"
# Where the request says which page of these it was answered with, whole, for the door.
ANSWERED_WITH = "hromada.kept_page"

View = Callable[..., ResponseReturnValue]
V = TypeVar("V")
# Nobody can guess it, so nothing that people write is taken for a hole.
EDGE = f"\ue000{secrets.token_hex(16)}\ue000"


class Made(NamedTuple):
    """When something was made that is kept, by a clock that nobody sets and by the newsroom's."""

    monotonic: float
    at: datetime

    @classmethod
    def now(cls) -> Self:
        return cls(time.monotonic(), clock.now())

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() - self.monotonic < SECONDS and abs(
            clock.now() - self.at
        ) < timedelta(seconds=SECONDS)


@dataclass(frozen=True)
class Page:
    """A page in parts: text, the name of a hole, text, and so on.

    `plain` and `packed` are what a stranger without a query gets, which nobody else does.
    """

    parts: tuple[str, ...]
    plain: bytes
    packed: bytes
    etag: str
    made: Made

    @property
    def is_fresh(self) -> bool:
        return self.made.is_fresh


class Latest(Generic[V]):
    """What the threads of one process kept last, MOST at the most."""

    def __init__(self) -> None:
        self._kept: dict[object, V] = {}
        self._turn = Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: object) -> V | None:
        return self._kept.get(key)

    def keep(self, key: object, value: V) -> None:
        with self._turn:
            self._kept.pop(key, None)
            self._kept[key] = value
            while len(self._kept) > MOST:
                del self._kept[next(iter(self._kept))]


HOLES: dict[str, Callable[[], str]] = {}


def init_app(app: Flask) -> None:
    """Hung on before sign-in is, so that nobody's account is looked for in vain."""
    app.extensions["kept_pages"] = Latest[Page]()
    app.jinja_env.globals.update(hole=hole)
    app.before_request(_look_up)
    app.after_request(_honest)


def hole(name: str) -> str:
    """What this request puts in that place; in a page to be kept, the place itself."""
    if g.get("keeping"):
        return f"{EDGE}{name}{EDGE}"
    return HOLES[name]()


def filled_by(name: str) -> Callable[[Callable[[], str]], Callable[[], str]]:
    """Declare a hole: the function says, in plain text, what the request puts there."""

    def declare(value: Callable[[], str]) -> Callable[[], str]:
        HOLES[name] = value
        return value

    return declare


@filled_by("here")
def here() -> str:
    """This page's address, as a value in another address."""
    return quote(request.full_path.rstrip("?"), safe="/") if request.method == "GET" else ""


@dataclass(frozen=True)
class Terms:
    """Under which a view's answer is kept."""

    unless: Callable[[], bool]
    signed_in: bool
    of: Callable[[], object]
    mimetype: str
    lasts: int

    def key(self, *, person: bool) -> object:
        return (request.path, language(), person, self.of())

    @property
    def for_everybody(self) -> str:
        """A proxy may keep a page for a second; a browser asks each time, and is mostly told "the
        same".
        """
        return f"public, max-age={self.lasts}, s-maxage={max(self.lasts, 1)}"


def for_everybody(
    *,
    unless: Callable[[], bool] = bool,
    signed_in: bool = False,
    of: Callable[[], object] = tuple,
    mimetype: str = "text/html",
    lasts: int = 0,
) -> Callable[[View], View]:
    """Keep what a view answers to strangers who have done nothing yet.

    Not what it answers `unless` that holds. With `signed_in` the page is kept for people with an
    account too, apart. `of` tells apart the pages of one address by what the newsroom has, never by
    what is merely asked for, of which strangers could make up any number.
    Only a text is kept, so no error is. What is for machines says its `mimetype`, and may say for
    how many seconds whoever asked need not ask again.
    """
    terms = Terms(unless, signed_in, of, mimetype, lasts)

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(**arguments: object) -> ResponseReturnValue:
            person = is_signed_in()
            if (person and not signed_in) or unless() or "_flashes" in session:
                return _told_apart(view(**arguments), terms)
            key = terms.key(person=person)
            page = _fresh(key)
            if page is None:
                made = Made.now()
                text = _rendered(view, arguments)
                if not isinstance(text, str):
                    return text
                page = _cut(text, made, person=person)
                _pages().keep(key, page)
            return _sent(page, terms, person=person)

        answer.kept_under = terms  # type: ignore[attr-defined]
        return answer

    return decorate


def _told_apart(answer: ResponseReturnValue, terms: Terms) -> ResponseReturnValue:
    """What is for machines is not HTML to anybody, with whatever people wrote in it."""
    return Response(answer, mimetype=terms.mimetype) if isinstance(answer, str) else answer


def _look_up() -> ResponseReturnValue | None:
    """Answer a stranger from what is kept, before anybody asks who they are."""
    view = current_app.view_functions.get(request.endpoint or "")
    terms: Terms | None = getattr(view, "kept_under", None)
    if terms is None or has_cookie() or request.method not in ("GET", "HEAD") or terms.unless():
        return None
    page = _fresh(terms.key(person=False))
    return _sent(page, terms, person=False) if page is not None else None


def _fresh(key: object) -> Page | None:
    page = _pages().get(key)
    return page if page is not None and page.is_fresh else None


def _pages() -> Latest[Page]:
    pages: Latest[Page] = current_app.extensions["kept_pages"]
    return pages


def is_signed_in() -> bool:
    """Without asking the database about a browser that was given nothing."""
    return has_cookie() and bool(current_user.is_authenticated)


def has_cookie() -> bool:
    """Whether the browser was given anything that could name a person."""
    config = current_app.config
    return (
        config["SESSION_COOKIE_NAME"] in request.cookies
        or config["REMEMBER_COOKIE_NAME"] in request.cookies
    )


def _rendered(view: View, arguments: dict[str, object]) -> ResponseReturnValue:
    g.keeping = True
    try:
        return view(**arguments)
    finally:
        g.keeping = False


def _cut(text: str, made: Made, *, person: bool) -> Page:
    parts = tuple(re.split(f"{EDGE}([a-z_]+){EDGE}", text))
    plain = b"" if person else _as_asked_for_by_nobody(parts)
    return Page(parts, plain, pack(plain), _etag(plain), made)


def _as_asked_for_by_nobody(parts: tuple[str, ...]) -> bytes:
    """In contexts of its own: nothing of this request gets into it, nor of it into this request."""
    with current_app.app_context(), current_app.test_request_context(request.path):
        return _fill(parts)


def _fill(parts: tuple[str, ...]) -> bytes:
    pieces = list(parts)
    pieces[1::2] = (str(escape(HOLES[name]())) for name in parts[1::2])
    return "".join(pieces).encode()


def _etag(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:20]


def _sent(page: Page, terms: Terms, *, person: bool) -> ResponseReturnValue:
    packed = False
    if request.query_string or person:
        body = _fill(page.parts)
        etag = _etag(body)
    elif packed := accepts_packed():
        body, etag = page.packed, f"{page.etag}-gzip"
        request.environ[ANSWERED_WITH] = page
    else:
        body, etag = page.plain, page.etag
        request.environ[ANSWERED_WITH] = page
    response = Response(body, mimetype=terms.mimetype)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.set_etag(etag)
    response.headers["Cache-Control"] = FOR_ONE if person else terms.for_everybody
    return response.make_conditional(request) if "If-None-Match" in request.headers else response


def _honest(response: Response) -> Response:
    """Say of every page whom it is for, and by what it was chosen."""
    view = current_app.view_functions.get(request.endpoint or "")
    if response.mimetype == "text/html" or hasattr(view, "kept_under"):
        response.headers.setdefault("Cache-Control", FOR_ONE)
        told = "language" in (request.view_args or {})
        response.headers["Vary"] = BY_ADDRESS if told else BY_READER
    return response
