"""The door: strangers who ask for a kept page, and for nothing in particular, are answered here.

Flask's request, its extensions and their headers take longer than such a page does. What is
answered, headers included, is what went through them a moment ago; whoever brings a cookie, a
query or an ETag goes through them too.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Flask

from membership.assets import takes_gzip
from membership.kept import ANSWERED_WITH, Latest, Page
from membership.web import best_match

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Headers = list[tuple[str, str]]
# With any of these the answer may be another one.
MAKES_A_DIFFERENCE = ("HTTP_COOKIE", "QUERY_STRING", "HTTP_IF_NONE_MATCH", "HTTP_RANGE")


@dataclass(frozen=True)
class Answer:
    headers: Headers
    page: Page
    is_packed: bool

    @property
    def body(self) -> bytes:
        return self.page.packed if self.is_packed else self.page.plain


class Door:
    """Stands before an application. Raises nothing of its own."""

    def __init__(self, inside: "WSGIApplication", languages: Callable[[], tuple[str, ...]]) -> None:
        self._inside = inside
        self._languages = languages
        self._answers: Latest[Answer] = Latest()

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        key = self._asked(environ)
        if key is None:
            return self._inside(environ, start_response)
        answer = self._answers.get(key)
        if answer is not None and answer.page.is_fresh:
            start_response("200 OK", list(answer.headers))
            return [answer.body]

        def noting(status: str, headers: Headers, *error: Any) -> Any:
            page = environ.get(ANSWERED_WITH)
            if page is not None and status == "200 OK":
                is_packed = ("Content-Encoding", "gzip") in headers
                self._answers.keep(key, Answer(headers, page, is_packed))
            return start_response(status, headers, *error)

        return self._inside(environ, noting)

    def _asked(self, environ: "WSGIEnvironment") -> object:
        """What tells one answer from another; None for who has to go in."""
        if environ["REQUEST_METHOD"] != "GET" or any(
            environ.get(name) for name in MAKES_A_DIFFERENCE
        ):
            return None
        return (
            environ["PATH_INFO"],
            environ["wsgi.url_scheme"],
            best_match(environ.get("HTTP_ACCEPT_LANGUAGE", ""), self._languages()),
            takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")),
        )


def init_app(app: Flask, languages: Callable[[], tuple[str, ...]]) -> None:
    app.wsgi_app = Door(app.wsgi_app, languages)  # type: ignore[method-assign]
