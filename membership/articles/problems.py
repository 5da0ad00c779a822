"""What went wrong, as programs read it (RFC 9457)."""

from collections.abc import Sequence

from flask import Blueprint, Response, json
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError, ServiceUnavailable

from membership import troubles
from membership.extensions import db
from membership.troubles import Trouble
from membership.web import note_unforeseen

TYPE = "application/problem+json"
PASSED_ON = ("allow", "retry-after")


def init_bp(bp: Blueprint) -> None:
    """Let all that this blueprint refuses, and all that breaks in it, be told so."""
    bp.register_error_handler(HTTPException, _refused)
    bp.register_error_handler(InternalServerError, _broken_while_answering)
    bp.register_error_handler(Exception, _broken)


def _refused(error: HTTPException) -> HTTPException | Response:
    if error.code is None or error.code < 400:
        return error
    return _told(error, _in_words(error.code))


def _broken_while_answering(error: InternalServerError) -> Response:
    """After the view was through; Flask has noted it, and asks for an answer alone."""
    cause = error.original_exception
    trouble = troubles.met(cause) if isinstance(cause, SQLAlchemyError) else None
    return _in_trouble(trouble) if trouble else _told(error, _in_words(500))


def _broken(error: Exception) -> Response:
    trouble = troubles.met(error)
    if trouble is None:
        note_unforeseen(error)
        return _told(InternalServerError(), _in_words(500))
    return _in_trouble(trouble)


def _in_trouble(trouble: Trouble) -> Response:
    away = ServiceUnavailable(retry_after=trouble.ailment.value)
    return _told(away, troubles.said(trouble)["title"])


def _told(error: HTTPException, detail: str) -> Response:
    db.session.rollback()
    wrong: Sequence[tuple[str, str]] = getattr(error, "wrong", ())
    body = {
        "type": "about:blank",
        "title": error.name,
        "status": error.code,
        "detail": detail,
        "errors": [{"parameter": name, "detail": its} for name, its in wrong],
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
