"""Forms are taken from our own pages alone, but for what an article of the newsroom's may send.

By what the browser states of where a form comes from (`Sec-Fetch-Site`, else `Origin`), as Go's
http.CrossOriginProtection and Rails do it; by a token where it states neither; by both for who is
signed in. A page for strangers therefore needs no token, and so no cookie.
"""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, generate_csrf
from markupsafe import Markup

from membership import reading
from membership.extensions import csrf, settings
from membership.kept import filled_by, hole, is_signed_in
from membership.web import ForeignForm, error_page

View = TypeVar("View", bound=Callable[..., Any])


def anywhere(view: View) -> View:
    """Let what an article sends be taken, on whatever site it stands.

    Such a view goes by no cookie: who is signed in here is nobody to it.
    """
    view.takes_from_anywhere = True  # type: ignore[attr-defined]
    return view


def init_app(app: Flask) -> None:
    app.before_request(check)
    app.register_error_handler(CSRFError, _ask_once_more)
    app.jinja_env.globals["form_token"] = form_token


def check() -> None:
    """Raises ForeignForm, CSRFError."""
    if request.method in reading.METHODS or not current_app.config["WTF_CSRF_ENABLED"]:
        return
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "takes_from_anywhere", False):
        return
    is_own = _is_own()
    if is_own is False:
        raise ForeignForm
    if is_own is None or is_signed_in():
        csrf.protect(apply_exemptions=True)


def form_token() -> Markup:
    """The hidden field that a form needs here, if it needs one."""
    if not is_signed_in() and not g.get("token_is_needed"):
        return Markup()
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(hole("token"))


@filled_by("token")
def _token() -> str:
    return str(generate_csrf())


def _is_own() -> bool | None:
    """Whether one of our pages sent this; None if the browser does not say."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    if origin is None:
        return None
    return urlsplit(origin).netloc in (request.host, urlsplit(settings.site_url).netloc)


def _ask_once_more(error: CSRFError) -> ResponseReturnValue:
    """A browser that states nothing gets what it sent back, with a token, to be sent again."""
    if is_signed_in():
        return error_page(error)
    g.token_is_needed = True
    fields = [
        (name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"
    ]
    return render_template(
        "send_again.html", fields=fields, there=request.full_path.rstrip("?")
    ), 400
