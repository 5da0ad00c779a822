"""How each address of the API answers: what it may be asked, what is kept, how often one may ask.

Without anything in its address an answer is kept as pages are, and one may ask for it freely.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Response, make_response, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel

from membership import kept
from membership.articles.api.asking import Question, understood
from membership.extensions import limiter

JSON = "application/json"
A_MINUTE = 60
HOW_OFTEN = "120 per minute"

View = Callable[..., BaseModel]


@dataclass(frozen=True)
class Operation:
    """`words` are what the description says of it."""

    question: type[Question]
    answer: type[BaseModel]
    words: str


def answered_with(
    answer: type[BaseModel], question: type[Question] = Question
) -> Callable[[View], Any]:
    """Make a view of what takes a `question` and returns an `answer`."""

    def decorate(view: View) -> Callable[..., ResponseReturnValue]:
        @kept.for_everybody(unless=_asks, mimetype=JSON, lasts=A_MINUTE)
        @limiter.shared_limit(HOW_OFTEN, scope="api")
        @wraps(view)
        def as_text(**arguments: str) -> str:
            return view(understood(question, request.args), **arguments).model_dump_json()

        @wraps(as_text)
        def answered(**arguments: str) -> ResponseReturnValue:
            arguments.pop("language", None)
            response = make_response(as_text(**arguments))
            return _to_be_kept(response) if _asks() and not kept.is_signed_in() else response

        answered.operation = Operation(question, answer, (view.__doc__ or "").strip())  # type: ignore[attr-defined]
        return answered

    return decorate


def _asks() -> bool:
    return bool(request.query_string)


def _to_be_kept(response: Response) -> Response:
    """By whoever asked, and by proxies: here there would be too many."""
    response.add_etag()
    response.cache_control.public, response.cache_control.max_age = True, A_MINUTE
    return make_response(response.make_conditional(request))
