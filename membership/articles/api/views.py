"""`/api/v1`: read-only, for any page and any program. What is here stays as it is."""

from typing import Any, TypeVar

from flask import Blueprint, json, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import MethodNotAllowed, NotFound

from membership import kept, origins, reading
from membership.articles import problems
from membership.articles.api import answers, bodies, openapi
from membership.articles.api.asking import CorrectionsQuestion, ListQuestion, Question
from membership.articles.api.operations import A_MINUTE, JSON, answered_with
from membership.articles.feeds.public import address
from membership.articles.for_machines import for_any_page

bp = Blueprint("api", __name__, url_prefix="/api/v1")
problems.init_bp(bp)
bp.after_request(for_any_page)

Found = TypeVar("Found")


@bp.url_value_preprocessor
def speak(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """In the language that is asked for, as if it stood in the path."""
    if values is not None and "language" in request.args:
        values["language"] = request.args["language"]


@bp.get("/topics")
@answered_with(bodies.Topics, ListQuestion)
def topics(asked: ListQuestion) -> bodies.Topics:
    """What was proposed and read by an editor, the newest first."""
    items, after = answers.topics(asked.limit, asked.place)
    return bodies.Topics(items=items, next=_next(after))


@bp.get("/topics/<slug>")
@answered_with(bodies.TopicWithLife)
def topic(_asked: Question, slug: str) -> bodies.TopicWithLife:
    """A topic, and what became of it so far."""
    return _or_404(answers.topic(slug))


@bp.get("/rounds")
@answered_with(bodies.Rounds, ListQuestion)
def rounds(asked: ListQuestion) -> bodies.Rounds:
    """The votes, open and closed, the last to be opened first."""
    items, after = answers.opened(asked.limit, asked.place)
    return bodies.Rounds(items=items, next=_next(after))


@bp.get("/rounds/<slug>")
@answered_with(bodies.Round)
def round(_asked: Question, slug: str) -> bodies.Round:
    """A vote, and what is on its ballot."""
    return _or_404(answers.round(slug))


@bp.get("/outcomes")
@answered_with(bodies.Outcomes, ListQuestion)
def outcomes(asked: ListQuestion) -> bodies.Outcomes:
    """What closed votes decided, the last to be closed first."""
    items, after = answers.outcomes(asked.limit, asked.place)
    return bodies.Outcomes(items=items, next=_next(after))


@bp.get("/outcomes/<slug>")
@answered_with(bodies.Outcome)
def outcome(_asked: Question, slug: str) -> bodies.Outcome:
    """What a closed vote decided, and why."""
    return _or_404(answers.outcome(slug))


@bp.get("/corrections")
@answered_with(bodies.Corrections, CorrectionsQuestion)
def corrections(asked: CorrectionsQuestion) -> bodies.Corrections:
    """What was wrong in articles and is right now, the latest first."""
    items, after = answers.corrections(asked.limit, asked.after, asked.spelt)
    return bodies.Corrections(items=items, next=_next(after))


@bp.get("/patrons")
@answered_with(bodies.Patrons)
def patrons(_asked: Question) -> bodies.Patrons:
    """How many carry the newsroom today; nobody is named."""
    return answers.patrons()


@bp.get("/openapi.json")
@kept.for_everybody(mimetype=JSON, lasts=A_MINUTE)
def description(**_values: object) -> ResponseReturnValue:
    return json.dumps(openapi.description())


@bp.route("/<path:_elsewhere>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
@origins.anywhere
def nothing(_elsewhere: str, **_values: str) -> ResponseReturnValue:
    """A program that goes astray is told so as a program."""
    if request.method not in reading.METHODS:
        raise MethodNotAllowed(list(reading.METHODS))
    raise NotFound


def _next(after: str | int | None) -> str | None:
    """The whole address of what comes after, with all else that was asked for."""
    if after is None:
        return None
    return address(request.endpoint or "", **request.args.to_dict() | {"after": after})


def _or_404(found: Found | None) -> Found:
    if found is None:
        raise NotFound
    return found
