"""Proposing, voting and checking."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

bp = Blueprint("topics", __name__)


@bp.get("/topics")
def index() -> ResponseReturnValue:
    return render_template("topics/index.html")
