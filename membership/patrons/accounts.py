"""Flask-Security over our people: sessions, roles, and what a stranger sees instead of a page."""

from flask import Flask, abort, make_response, redirect, request, url_for
from flask.typing import ResponseValue
from flask_login import current_user
from flask_security import SQLAlchemyUserDatastore

from membership.extensions import db, security
from membership.patrons.models import Person, Role


def init_app(app: Flask) -> None:
    """Sign-in itself is ours (patrons/sign_in.py): a link that a mail scanner cannot spend."""
    app.config.update(
        SECURITY_PASSWORD_SALT=app.config["SECRET_KEY"],
        SECURITY_SEND_REGISTER_EMAIL=False,
    )
    security.unauthn_handler(_sign_in_first)
    security.unauthz_handler(_not_for_you)
    security.init_app(app, SQLAlchemyUserDatastore(db, Person, Role), register_blueprint=False)
    # Nobody signs in by a token in a header, so none is looked for in every request.
    app.login_manager.request_loader(None)  # type: ignore[attr-defined]


def signed_in() -> Person | None:
    """Who sends this request; None if a stranger does."""
    return current_user if current_user.is_authenticated else None


def _sign_in_first(_mechanisms: object = None, headers: object = None) -> ResponseValue:
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return make_response(redirect(url_for("patrons.ask", next=wanted), 303))


def _not_for_you(_function: object, _roles: object = None) -> ResponseValue:
    abort(403)
