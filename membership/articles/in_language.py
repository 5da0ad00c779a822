"""Addresses that name the language in which they answer, so that all who ask get the same."""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from membership.extensions import settings
from membership.web import best_match

AN_HOUR = 3600


def is_elsewhere() -> bool:
    """Whether the address names a language that is none of ours as we write it."""
    return (request.view_args or {}).get("language") not in settings.languages


def there() -> ResponseReturnValue | None:
    """On to the language of ours that comes nearest; None from there."""
    if not is_elsewhere():
        return None
    its: dict[str, Any] = request.view_args or {}
    nearest = best_match(its["language"], settings.languages)
    path = url_for(request.endpoint or "", **its | {"language": nearest})
    response = redirect(with_query(path), 307)
    response.cache_control.public, response.cache_control.max_age = True, AN_HOUR
    return response


def with_query(path: str) -> str:
    """With all that was asked for here, as it was written."""
    query = request.query_string.decode("ascii", "ignore")
    return f"{path}?{query}" if query else path
