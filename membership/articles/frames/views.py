"""Small pages that other sites show in a frame, and the oEmbed that leads to them."""

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, NotFound, UnprocessableEntity

from membership import kept
from membership.articles import problems
from membership.articles.feeds import public
from membership.articles.feeds.entries import outcome_html, outcome_title, round_html, topic_html
from membership.articles.for_machines import for_any_page
from membership.articles.framed import policy
from membership.articles.frames import oembed
from membership.extensions import limiter, talisman
from membership.rounds import roll, rounds

bp = Blueprint("frames", __name__, url_prefix="/embed")
oembed_bp = Blueprint("oembed", __name__)
problems.init_bp(oembed_bp)
oembed_bp.after_request(for_any_page)

A_MINUTE = 60
LARGEST = 10_000


@bp.after_request
def in_frames(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = policy(has_script=True)
    return response


@bp.get("/topics/<slug>")
@talisman(frame_options=None)
@kept.for_everybody()
def topic(slug: str) -> ResponseReturnValue:
    its = public.topic(slug)
    if its is None:
        raise NotFound
    return _page(its.title, "agenda.topic_page", slug, topic_html(its))


@bp.get("/rounds/<slug>")
@talisman(frame_options=None)
@kept.for_everybody()
def round(slug: str) -> ResponseReturnValue:
    its = rounds.by_slug(slug)
    if its is None:
        raise NotFound
    return _page(its.title, "rounds.round_page", slug, round_html(its))


@bp.get("/rounds/<slug>/results")
@talisman(frame_options=None)
@kept.for_everybody()
def results(slug: str) -> ResponseReturnValue:
    its = public.outcome(slug)
    if its is None:
        raise NotFound
    html = outcome_html(its, roll.turnout(its))
    return _page(outcome_title(its), "rounds.results_page", slug, html)


def _page(title: str, endpoint: str, slug: str, html: str) -> str:
    at = public.address(endpoint, slug=slug)
    return render_template("articles/frames/page.html", title=title, at=at, html=html)


@oembed_bp.get("/oembed")
@limiter.limit("120 per minute")
def describe() -> ResponseReturnValue:
    """What it does not know in its own address it lets be: consumers say more than oEmbed has."""
    if request.args.get("format", "json") != "json":
        raise JsonAlone
    try:
        sizes = {"max_width": _size("maxwidth"), "max_height": _size("maxheight")}
        told = oembed.of(request.args.get("url", ""), **sizes)
    except oembed.NothingThere:
        raise NotFound from None
    response = jsonify(told)
    response.cache_control.public, response.cache_control.max_age = True, A_MINUTE
    return response


def _size(name: str) -> int | None:
    typed = request.args.get(name)
    if typed is None:
        return None
    is_number = typed.isascii() and typed.isdigit() and len(typed) < 10
    if not is_number or not 0 < int(typed) <= LARGEST:
        raise NotASize(name)
    return int(typed)


class JsonAlone(HTTPException):
    code = 501


class NotASize(UnprocessableEntity):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.wrong = [(name, "is no number of pixels")]
