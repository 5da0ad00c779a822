"""What ails the database when it cannot do what is asked, and the page that says so.

Each is answered 503: nothing was acknowledged, so a person tries again, and so does Stripe.
"""

import sqlite3
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

import psycopg
import sqlalchemy as sa
import structlog
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from werkzeug.exceptions import InternalServerError

from membership.extensions import db
from membership.web import error_page, unforeseen

log = structlog.get_logger()

UPGRADE = "flask --app app db upgrade"
DOCTOR = "flask --app app doctor"


class Ailment(Enum):
    """What the database cannot do, and after how many seconds it is worth another try."""

    away = 15
    full = 300
    read_only = 120
    out_of_step = 60


@dataclass(frozen=True)
class Trouble:
    """`words` and `command` are for whoever runs the site."""

    ailment: Ailment
    words: str
    command: str = DOCTOR


SQLITE = {
    sqlite3.SQLITE_FULL: Ailment.full,
    sqlite3.SQLITE_READONLY: Ailment.read_only,
    sqlite3.SQLITE_BUSY: Ailment.away,
    sqlite3.SQLITE_CANTOPEN: Ailment.away,
    sqlite3.SQLITE_IOERR: Ailment.away,
    sqlite3.SQLITE_ERROR: Ailment.out_of_step,  # "no such column" has no code of its own
}
# postgresql.org/docs/current/errcodes-appendix.html
SQLSTATES = {
    "53100": Ailment.full,
    "25006": Ailment.read_only,
    "42703": Ailment.out_of_step,
    "42P01": Ailment.out_of_step,
    "53300": Ailment.away,
    "57P01": Ailment.away,
    "57P02": Ailment.away,
    "57P03": Ailment.away,
}
IN_WORDS = {
    Ailment.away: "the database does not answer; see DATABASE_URL",
    Ailment.full: "the database has no room left to write; make room on its disk",
    Ailment.read_only: "the database can be read but not written; "
    "is it a standby, or may this user not write its file?",
}


def init_app(app: Flask) -> None:
    app.register_error_handler(SQLAlchemyError, _page_of)
    app.register_error_handler(InternalServerError, _broken_while_answering)
    app.teardown_appcontext(_let_go)


def _let_go(_error: BaseException | None) -> None:
    """A connection cut after the answer was made must not make an error of it.

    Runs before Flask-SQLAlchemy does the same, because what is hung on last runs first.
    """
    try:
        db.session.remove()
    except SQLAlchemyError as error:
        log.warning("a connection was lost", reason=first_line(error))
        db.session.registry.clear()


def named(error: Exception) -> Trouble | None:
    """The trouble that `error` tells of; None if it is a mistake of ours. Rolls back."""
    ailment = _ailment(error)
    if ailment is None:
        return None
    db.session.rollback()
    if ailment is not Ailment.out_of_step:
        return Trouble(ailment, f"{IN_WORDS[ailment]} ({first_line(error)})")
    try:
        behind, ahead = tables_behind(), tables_ahead()
    except SQLAlchemyError:
        return None
    finally:
        db.session.rollback()
    if behind:
        return Trouble(ailment, behind, UPGRADE)
    return Trouble(ailment, ahead) if ahead else None


def met(error: Exception) -> Trouble | None:
    """The same, as a request met it: written down, and the answer is for nobody in particular,
    because who reads it would be asked of the same database.
    """
    trouble = named(error)
    if trouble is not None:
        log.error("the database is in trouble", path=request.path, trouble=trouble.words)
        g._login_user = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]
    return trouble


def tables_behind() -> str | None:
    """How the tables are older than what this program was written for; None if they are not."""
    current, known = _current(), _known()
    if current == known[0] or (current is not None and current not in known):
        return None
    return f"the tables are at {current or 'nothing'}, should be {known[0]}; run {UPGRADE}"


def tables_ahead() -> str | None:
    """How the tables are newer than this program; None if they are not."""
    current, known = _current(), _known()
    if current is None or current in known:
        return None
    return (
        f"the tables are at {current}, newer than this program, which was written for {known[0]};"
        " start the program that they were made for"
    )


def head() -> str:
    """The version of the tables that this program was written for."""
    return _known()[0]


def _current() -> str | None:
    return MigrationContext.configure(db.session.connection()).get_current_revision()


def _known() -> tuple[str, ...]:
    return _revisions(current_app.extensions["migrate"].directory)


@lru_cache
def _revisions(directory: str) -> tuple[str, ...]:
    """Every version of the tables that this program knows, the newest first."""
    return tuple(script.revision for script in ScriptDirectory(directory).walk_revisions())


def first_line(error: Exception) -> str:
    """The driver's own words, without the statement and its parameters."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return (str(cause).strip() or type(cause).__name__).splitlines()[0]


def _ailment(error: Exception) -> Ailment | None:
    if isinstance(error, sa.exc.TimeoutError):
        return Ailment.away
    if not isinstance(error, DBAPIError):
        return None
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        # The lowest byte is the kind, what is above it says more.
        return SQLITE.get((getattr(cause, "sqlite_errorcode", None) or 0) & 0xFF)
    if isinstance(cause, psycopg.Error):
        if cause.sqlstate is None and isinstance(cause, psycopg.OperationalError):
            return Ailment.away  # there was nobody to give a code
        return SQLSTATES.get(cause.sqlstate or "")
    return None


def _page_of(error: SQLAlchemyError) -> ResponseReturnValue:
    trouble = met(error)
    if trouble is None:
        return unforeseen(error)
    page = render_template("error.html", code=503, **said(trouble))
    return page, 503, {"Retry-After": str(trouble.ailment.value)}


def _broken_while_answering(error: InternalServerError) -> ResponseReturnValue:
    """A page of another error asked who reads it, and the database could not tell."""
    cause = error.original_exception
    return _page_of(cause) if isinstance(cause, SQLAlchemyError) else error_page(error)


def said(trouble: Trouble) -> dict[str, str]:
    """What people are told of it: a title, a text, and whoever runs the site what to do."""
    titles = {
        Ailment.away: _("Our database does not answer just now"),
        Ailment.full: _("There is no room left to write anything down"),
        Ailment.read_only: _("Just now we can read, but write nothing down"),
        Ailment.out_of_step: _("This site is in the middle of a change"),
    }
    safe = _(
        "Nothing was charged here just now. What you have paid at Stripe is safe there and will "
        "be counted here. If you sent something, it may not have been kept: try again in a few "
        "minutes."
    )
    said = {"title": titles[trouble.ailment], "text": safe}
    if trouble.command == UPGRADE:
        behind = _(
            "If you run this site: its tables are older than its program. To bring them on, run"
        )
        return said | {"step": behind, "command": UPGRADE}
    if trouble.ailment is Ailment.out_of_step:
        ahead = _("If you run this site: its program is older than its tables. To see more, run")
        return said | {"step": ahead, "command": DOCTOR}
    return said
