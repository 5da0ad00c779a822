"""The support box for an article: a page to stand in a frame, and the script that puts it there."""

from flask import Blueprint, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue

bp = Blueprint("articles", __name__, url_prefix="/embed")

A_PATH = 200


@bp.get("/support")
def box() -> ResponseReturnValue:
    """`from` names the article; a donation that starts here remembers it."""
    page = render_template("articles/box.html", source=request.args.get("from", "")[:A_PATH])
    response = make_response(page)
    # The box is made to stand on the newsroom's own pages, wherever those are.
    policy = "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors *"
    response.headers["Content-Security-Policy"] = policy
    response.headers.pop("X-Frame-Options", None)
    return response


@bp.get("/support.js")
def script() -> ResponseReturnValue:
    js = render_template("articles/support.js", site=current_app.config["SITE_URL"])
    response = make_response(js)
    response.mimetype = "text/javascript"
    response.cache_control.public = True
    response.cache_control.max_age = 3600
    return response
