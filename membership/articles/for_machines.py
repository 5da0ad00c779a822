"""What all answers have that programs on other sites read."""

from flask import Response

from membership.extensions import limiter


def for_any_page(response: Response) -> Response:
    """Any page's script may read it. How often one may still ask is not said on what a proxy hands
    to others.
    """
    response.headers["Access-Control-Allow-Origin"] = "*"
    if response.cache_control.public:
        limiter.context.reset()
    return response
