"""What an article loads from us: the script with its elements, what they are told, and the box that
stands in a frame where no script may.
"""

from contextlib import suppress
from typing import cast
from urllib.parse import urlencode

from flask import Blueprint, Response, g, json, render_template, request
from flask.typing import ResponseReturnValue

from membership import assets, kept, origins
from membership.articles.elements import own, seen, told
from membership.articles.elements.own import Own
from membership.articles.elements.seen import What
from membership.articles.framed import policy
from membership.articles.in_language import is_elsewhere, there
from membership.books.models import LONGEST_SOURCE
from membership.extensions import limiter, talisman
from membership.patrons import marks
from membership.settings.articles import NotOurs, ours

bp = Blueprint("articles", __name__, url_prefix="/embed")

MOST_ADDRESSES = 10
AN_HOUR, A_MINUTE = 3600, 60
JSON = "application/json"


@bp.after_request
def for_any_page(response: Response) -> Response:
    """Whoever shows an article may ask what its elements are told; nobody is signed in there.

    The box is made to stand on the newsroom's own pages: wherever those are, unless it says.
    """
    response.headers["Access-Control-Allow-Origin"] = "*"
    if request.endpoint in ("articles.box", "articles.box_there"):
        response.headers["Content-Security-Policy"] = policy()
    return response


def _addresses() -> tuple[str, ...]:
    """Of the article that is asked about, those that are ours."""
    found = []
    for address in request.args.getlist("at")[:MOST_ADDRESSES]:
        with suppress(NotOurs):
            found.append(ours(address))
    return tuple(found)


def _own() -> Own:
    """What the article that is asked about has; once in a request, for it tells what is kept."""
    if "articles_own" not in g:
        g.articles_own = own.of(_addresses())
    return cast(Own, g.articles_own)


@bp.get("/hromada.js")
def script() -> ResponseReturnValue:
    return assets.sent("elements.js", lasts=AN_HOUR)


@bp.get("/<language>/newsroom.json")
@kept.for_everybody(unless=is_elsewhere, mimetype=JSON, lasts=A_MINUTE)
def newsroom(language: str) -> ResponseReturnValue:
    return there() or json.dumps(told.of_newsroom())


@bp.get("/<language>/article.json")
@kept.for_everybody(unless=is_elsewhere, of=_own, mimetype=JSON, lasts=A_MINUTE)
def article(language: str) -> ResponseReturnValue:
    return there() or json.dumps(told.of_article(_own()))


@bp.get("/mark/<mark>")
@limiter.limit("60 per minute")
def mark(mark: str) -> ResponseReturnValue:
    """For how many days an article may take a reader for a patron, who handed it this."""
    return {"days": marks.days_left(mark)}


@bp.post("/seen")
@origins.anywhere
@limiter.limit("240 per minute")
def count() -> ResponseReturnValue:
    """Of who asks not to be followed (W3C Global Privacy Control, Do Not Track) nothing is counted,
    nor of what is no article of ours.
    """
    what = request.form.get("what", "")
    if what in What.__members__ and "1" not in (
        request.headers.get("Sec-GPC"),
        request.headers.get("DNT"),
    ):
        with suppress(NotOurs):
            seen.note(What(what), request.form.get("at", ""))
    return "", 204


@bp.get("/support")
@talisman(frame_options=None)
@kept.for_everybody()
def box() -> ResponseReturnValue:
    return render_template("articles/box.html")


@bp.get("/<language>/support")
@talisman(frame_options=None)
@kept.for_everybody(unless=is_elsewhere)
def box_there(language: str) -> ResponseReturnValue:
    """In the article's language, whatever the reader's browser speaks."""
    return there() or render_template("articles/box.html")


@kept.filled_by("from_article")
def from_article() -> str:
    """`from` names the article, `referrer` the page before it, `utm_*` the campaign: a donation
    that starts here remembers them.
    """
    told = {
        name: value
        for name, value in request.args.items()
        if 0 < len(value) <= LONGEST_SOURCE
        and (name in ("from", "referrer") or name.startswith("utm_"))
    }
    return f"?{urlencode(told)}" if told else ""
