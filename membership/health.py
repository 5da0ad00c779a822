"""Addresses for machines: is the process up, are the database and its tables there."""

import sqlalchemy as sa
from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from membership import troubles
from membership.extensions import db, jobs

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def alive() -> ResponseReturnValue:
    return jsonify(status="ok")


@bp.get("/readyz")
def ready() -> ResponseReturnValue:
    """Ready to make patrons, which needs the database; without the queue, mail and jobs wait."""
    try:
        db.session.execute(sa.select(1))
        behind = troubles.tables_behind()
    except SQLAlchemyError:
        return jsonify(status="the database does not answer"), 503
    if behind:
        return jsonify(status=behind), 503
    queue = "does not answer; mail and jobs wait" if jobs.is_away() else "ok"
    return jsonify(status="ok", queue=queue)
