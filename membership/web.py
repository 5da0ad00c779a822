"""What every page shares: language, filters, errors in the house style, headers."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import structlog
from babel import Locale
from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import (
    format_date,
    format_datetime,
    format_decimal,
    format_timedelta,
    get_locale,
    ngettext,
)
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from markupsafe import Markup
from werkzeug.datastructures import LanguageAccept
from werkzeug.exceptions import Forbidden, HTTPException
from werkzeug.http import parse_accept_header

from config import Settings
from membership.clock import clock
from membership.extensions import db, settings
from membership.forms import problems
from membership.money import MINUS, Money

W = TypeVar("W")

bp = Blueprint("web", __name__)
log = structlog.get_logger()

A_YEAR = 365 * 24 * 3600


class ForeignForm(Forbidden):
    """Another site sent this, in the name of whoever looked at it."""


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.jinja_env.filters.update(
        money=money,
        when=when,
        day=day,
        short=short,
        short_day=short_day,
        from_now=from_now,
        hours=hours,
        duration=duration,
        number=number,
        tag=tag,
        worded=worded,
        worded_in=worded_in,
        worded_list=worded_list,
    )
    app.jinja_env.globals.update(language_name=language_name, problems=problems)
    app.context_processor(lambda: {"newsroom": settings, "language": language()})
    app.register_error_handler(HTTPException, error_page)
    app.register_error_handler(Exception, unforeseen)
    policy = content_security_policy(app.extensions["settings"])

    @app.after_request
    def keep_to_the_policy(response: Response) -> Response:
        """Written once: Talisman would put it together anew for each answer."""
        response.headers.setdefault("Content-Security-Policy", policy)
        return response


def language() -> str:
    """The language of this request: that of its address, else the chosen one, else the browser's,
    else the first.
    """
    offered = settings.languages
    if not request:
        return offered[0]
    if request.view_args and (told := request.view_args.get("language")) in offered:
        return str(told)
    chosen = request.cookies.get("language")
    if chosen in offered:
        return str(chosen)
    return best_match(request.headers.get("Accept-Language", ""), offered)


def timezone() -> str:
    """The newsroom's, in which times are shown."""
    return str(settings.timezone)


@lru_cache(maxsize=1000)
def best_match(wished: str, offered: tuple[str, ...]) -> str:
    """The one of `offered` that an Accept-Language wishes for most, else the first."""
    return parse_accept_header(wished, LanguageAccept).best_match(offered) or offered[0]


def language_name(code: str) -> str:
    """What a language calls itself: "Українська"."""
    return (Locale.parse(code).get_language_name() or code).capitalize()


def tag(code: str) -> str:
    """A language as HTML names it (BCP 47): "pt-BR"."""
    return code.replace("_", "-")


def worded(words: dict[str, str]) -> str:
    """What the newsroom wrote, in the reader's language, else in the first it has."""
    return _wished(words) or ""


def worded_list(words: dict[str, list[str]]) -> list[str]:
    """The same of a list."""
    return _wished(words) or []


def worded_in(words: dict[str, W]) -> Markup:
    """The attribute that says in which language they are found, where it is not the page's."""
    code = _found_in(words)
    return Markup(' lang="{}"').format(tag(code)) if code and code != language() else Markup()


def _wished(words: dict[str, W]) -> W | None:
    code = _found_in(words)
    return words[code] if code else None


def _found_in(words: dict[str, W]) -> str | None:
    wished = (language(), *settings.languages, *words)
    return next((code for code in wished if words.get(code)), None)


def local_path(target: str | None) -> str | None:
    """`target` if it is a path of this site, so that no link can lead a signed-in person away."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else None


def content_security_policy(settings: Settings) -> str:
    """Own files only; forms may lead on to Stripe, because its pages follow our POST."""
    stripe = "https://checkout.stripe.com https://billing.stripe.com"
    pay = settings.sandbox_url if settings.mode == "sandbox" else stripe
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "frame-src": "'self'",
        "form-action": f"'self' {pay}",
        "base-uri": "'none'",
        "frame-ancestors": "'self'",
        "manifest-src": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in policy.items())


@bp.get("/language/<code>")
def choose_language(code: str) -> ResponseReturnValue:
    back = local_path(request.args.get("next")) or url_for("giving.support")
    response = redirect(back, 303)
    if code in settings.languages:
        response.set_cookie(
            "language",
            code,
            max_age=A_YEAR,
            samesite="Lax",
            httponly=True,
            secure=settings.is_secure,
        )
    return response


@bp.get("/logo")
def logo() -> ResponseReturnValue:
    path: Path | None = settings.newsroom_logo
    if path is None or not path.is_file():
        return _error_page_for(404)
    return send_file(path.resolve(), max_age=3600)


def money(value: Money) -> str:
    return value.format(_locale())


def when(value: datetime) -> str:
    """Day and time in the newsroom's time zone."""
    return str(format_datetime(value, "d MMMM y, HH:mm"))


def day(value: datetime | date) -> str:
    """The day in the newsroom's time zone."""
    return str(format_date(value, "d MMMM y"))


def short(value: datetime) -> str:
    """For tables: the day and time, with the year only if it is another one."""
    same_year = value.year == clock.now().year
    return str(format_datetime(value, "d MMM, HH:mm" if same_year else "d MMM y, HH:mm"))


def short_day(value: datetime) -> str:
    same_year = value.year == clock.now().year
    return str(format_datetime(value, "d MMM" if same_year else "d MMM y"))


def from_now(value: datetime) -> str:
    """How far off, in words: "in 2 days"."""
    return str(format_timedelta(value - clock.now(), add_direction=True, threshold=2))


def duration(value: timedelta) -> str:
    """How long something took: "3 seconds"."""
    return str(format_timedelta(value, granularity="second", threshold=2))


def number(value: int) -> str:
    return str(format_decimal(value)).replace("-", MINUS)


def hours(minutes: int) -> str:
    """Reporting time: "12 hours", "1 hour 30 minutes"."""
    whole, rest = divmod(minutes, 60)
    parts = []
    if whole or not rest:
        parts.append(ngettext("%(num)d hour", "%(num)d hours", whole))
    if rest:
        parts.append(ngettext("%(num)d minute", "%(num)d minutes", rest))
    return " ".join(parts)


def _locale() -> Locale:
    return get_locale() or Locale.parse(settings.languages[0])


def error_page(error: HTTPException) -> ResponseReturnValue:
    if error.code is not None and 300 <= error.code < 400:
        return error
    response = current_app.make_response(_error_page_for(error.code or 500, error))
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after", "www-authenticate"):
            response.headers[name] = value
    return response


def unforeseen(error: Exception) -> ResponseReturnValue:
    """The page of a mistake of ours."""
    note_unforeseen(error)
    return _error_page_for(500)


def note_unforeseen(error: Exception) -> None:
    """Write down a mistake of ours; a test gets the mistake itself."""
    db.session.rollback()
    log.exception("unforeseen error", path=request.path)
    if current_app.testing:
        raise error


def _error_page_for(code: int, error: HTTPException | None = None) -> ResponseReturnValue:
    db.session.rollback()
    return render_template("error.html", code=code, **_words(code, error)), code


def _words(code: int, error: HTTPException | None) -> dict[str, Any]:
    if isinstance(error, CSRFError):
        return {
            "title": _("This form has been open for too long"),
            "text": _("Go back, reload the page and send it again. Nothing was changed."),
        }
    if isinstance(error, ForeignForm):
        return {
            "title": _("This was not sent from our pages"),
            "text": _("If it was you, go to the page you want and send it from there."),
        }
    known = {
        403: (
            _("This page is for the newsroom’s staff"),
            _("If you are one of them, sign in with the address you were invited under."),
        ),
        404: (
            _("There is no such page"),
            _("The address may be mistyped, or what was here has moved."),
        ),
        405: (_("That does not work this way"), _("Go back and use the buttons on the page.")),
        410: (_("This is no longer here"), _("What was at this address has been taken away.")),
        413: (_("That was too large"), _("Shorten what you sent and try again.")),
        429: (
            _("Too many tries at once"),
            _("To keep out abuse we limit how often this can be done. Wait a few minutes."),
        ),
        500: (
            _("Something broke on our side"),
            _("Nothing was lost. Try again; if it stays so, write to us."),
        ),
    }
    title, text = known.get(code, (_("That did not work"), _("Go back and try once more.")))
    return {"title": title, "text": text}
