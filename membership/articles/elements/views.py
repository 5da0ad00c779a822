"""The support box for an article: a page to stand in a frame, and the script that puts it there."""

from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from membership import kept
from membership.extensions import settings, talisman
from membership.settings.current import rules

bp = Blueprint("articles", __name__, url_prefix="/embed")

A_PATH = 200


@bp.after_request
def in_a_frame(response: Response) -> Response:
    """The box is made to stand on the newsroom's own pages: wherever those are, unless it says."""
    hosts = " ".join(f"https://{domain}" for domain in rules.article_domains)
    allowed = f"'self' {hosts}" if hosts else "*"
    policy = f"default-src 'none'; style-src 'self'; frame-ancestors {allowed}"
    response.headers["Content-Security-Policy"] = policy
    return response


@bp.get("/support")
@talisman(frame_options=None)
@kept.for_everybody()
def box() -> ResponseReturnValue:
    return render_template("articles/box.html")


@kept.filled_by("from_article")
def from_article() -> str:
    """`from` names the article, `referrer` the page before it, `utm_*` the campaign: a donation
    that starts here remembers them.
    """
    told = {
        name: value[:A_PATH]
        for name, value in request.args.items()
        if value and (name in ("from", "referrer") or name.startswith("utm_"))
    }
    return f"?{urlencode(told)}" if told else ""


@bp.get("/support.js")
def script() -> ResponseReturnValue:
    js = render_template("articles/support.js", site=settings.site_url)
    response = make_response(js)
    response.mimetype = "text/javascript"
    response.cache_control.public = True
    response.cache_control.max_age = 3600
    return response
