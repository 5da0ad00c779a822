"""What went wrong, as programs read it (RFC 9457)."""

from collections.abc import Sequence

from flask import Blueprint, Response, json
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException

from membership.extensions import db

TYPE = "application/problem+json"
PASSED_ON = ("allow", "retry-after")


def init_bp(bp: Blueprint) -> None:
    """Let all that this blueprint refuses be told so."""
    bp.register_error_handler(HTTPException, _told)


def _told(error: HTTPException) -> HTTPException | Response:
    if error.code is None or error.code < 400:
        return error
    db.session.rollback()
    wrong: Sequence[tuple[str, str]] = getattr(error, "wrong", ())
    body = {
        "type": "about:blank",
        "title": error.name,
        "status": error.code,
        "detail": _in_words(error.code),
        "errors": [{"parameter": name, "detail": detail} for name, detail in wrong],
    }
    response = Response(json.dumps(body), error.code, mimetype=TYPE)
    for name, value in error.get_headers():
        if name.lower() in PASSED_ON:
            response.headers[name] = value
    response.headers["Cache-Control"] = "no-store"
    return response


def _in_words(code: int) -> str:
    known = {
        404: _("There is nothing at this address, or nothing that everybody may see."),
        405: _("This can only be read."),
        422: _("Something in the address is not understood; `errors` says what."),
        429: _("You asked very often. Wait a minute; what is kept may be asked for freely."),
        501: _("We answer in JSON alone."),
    }
    return str(known.get(code, _("Something broke on our side")))
