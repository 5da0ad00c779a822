"""Stripe's HTTP manners, once for all routes: keys, versions, errors, idempotency."""

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, g, request
from werkzeug.routing import Map, Rule

from stripe_sandbox.books import Books
from stripe_sandbox.errors import ApiError, invalid, not_played
from stripe_sandbox.events import API_VERSION
from stripe_sandbox.http import idempotency
from stripe_sandbox.http.expand import PARSER as EXPAND
from stripe_sandbox.http.expand import expand
from stripe_sandbox.http.forms import nested
from stripe_sandbox.http.keys import check_key, check_version
from stripe_sandbox.http.routes import Route
from stripe_sandbox.resources import ROUTES
from stripe_sandbox.sandbox import Sandbox

Answer = tuple[int, str]

# What Stripe does not know it refuses in its own manner, by whatever method it is asked.
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# Laid out once for all sandboxes of a process: that takes longer than all else a start does.
ADDRESSES = Map(
    [Rule(route.path, endpoint=route, methods=[route.method]) for route in ROUTES],
    merge_slashes=False,
    redirect_defaults=False,
)


def open_door(app: Flask, sandbox: Sandbox) -> None:
    """Hang the API, and a refusal for what it does not know, on the application."""

    def api(rest: str) -> Response:
        route, ids = ADDRESSES.bind("sandbox").match(request.path, request.method)
        return _answer(sandbox, route, ids)

    app.add_url_rule(
        "/v1/<path:rest>",
        view_func=api,
        methods=METHODS,
        provide_automatic_options=False,
    )
    app.before_request(_prepare)
    app.after_request(_sign)
    app.register_error_handler(ApiError, _refuse)
    app.register_error_handler(404, _unknown)
    app.register_error_handler(405, _unknown)
    app.register_error_handler(500, _broken)
    app.extensions["request_ids"] = sandbox.ids


def is_api() -> bool:
    """Whether this request is for Stripe's API rather than for a page."""
    return request.path.startswith(("/v1/", "/v2/"))


def _prepare() -> None:
    from flask import current_app

    g.request_id = current_app.extensions["request_ids"].new("request")
    if is_api():
        check_key()
        check_version()


def _sign(response: Response) -> Response:
    response.date = datetime.fromtimestamp(g.get("now", time.time()), UTC)
    if is_api():
        response.headers["Request-Id"] = g.request_id
        response.headers["Stripe-Version"] = API_VERSION
        key = request.headers.get("Idempotency-Key")
        if key and request.method == "POST":
            response.headers["Idempotency-Key"] = key
            response.headers.setdefault("Original-Request", g.request_id)
    return response


def _refuse(error: Exception) -> Response:
    assert isinstance(error, ApiError)
    response = _json(error.status, json.dumps(error.body(g.request_id)))
    response.headers["Stripe-Should-Retry"] = "true" if error.status == 409 else "false"
    return response


def _unknown(error: Exception) -> Response | tuple[str, int]:
    if not is_api():
        return "There is no such page in the Stripe sandbox.\n", 404
    return _refuse(not_played(f"{request.method} {request.path}"))


def _broken(error: Exception) -> Response | tuple[str, int]:
    if not is_api():
        return "The Stripe sandbox failed at this page. Its log says why.\n", 500
    return _refuse(ApiError(500, "api_error", "The Stripe sandbox failed. Its log says why."))


def _json(status: int, body: str) -> Response:
    return Response(body + "\n", status, content_type="application/json")


def _answer(sandbox: Sandbox, route: Route, ids: Mapping[str, str]) -> Response:
    params = _params()
    wanted = EXPAND(params.pop("expand", []), "expand")
    parsed = route.params(params)
    key = request.headers.get("Idempotency-Key") if request.method == "POST" else None

    def work(books: Any) -> Answer:
        answer = route.answer(books, parsed, **ids)
        if isinstance(books, Books):
            # Stripe's Date tells Stripe's time; here it is that of the books in hand.
            g.now = books.sandbox_now
            expand(books, answer, wanted)
        return 200, json.dumps(answer, ensure_ascii=False)

    if not route.writes:
        with sandbox.reading() as books:
            return _json(*work(books))
    if key is None:
        return _json(*_write(sandbox, route, work))
    if len(key) > idempotency.MAX_LENGTH:
        raise invalid("Idempotency keys must be at most 255 characters long.")
    params["expand"] = wanted
    print = idempotency.fingerprint(request.method, request.path, params)
    sandbox.running.start(key)
    try:
        return _once(sandbox, route, work, key, print)
    finally:
        sandbox.running.end(key)


def _params() -> dict[str, Any]:
    pairs = list(request.args.items(multi=True))
    if request.method == "POST":
        pairs += request.form.items(multi=True)
        if request.get_data(cache=True) and not request.form:
            raise invalid("Invalid request: the body must be form-encoded.")
    return nested(pairs)


def _write(sandbox: Sandbox, route: Route, work: Callable[[Any], Answer]) -> Answer:
    """Do the work as one transaction, unless the route manages its own."""
    if route.alone:
        return work(sandbox)
    kept: ApiError | None = None
    with sandbox.writing((g.request_id, request.headers.get("Idempotency-Key"))) as books:
        try:
            return work(books)
        except ApiError as error:
            if not error.keeps:
                raise
            kept = error
    raise kept


def _once(
    sandbox: Sandbox, route: Route, work: Callable[[Any], Answer], key: str, print: str
) -> Response:
    """The kept answer, or the work together with keeping its answer."""
    wall = int(time.time())
    with sandbox.writing((g.request_id, key)) as books:
        g.now = books.sandbox_now
        known = idempotency.known_answer(books, key, print, wall)
        if known is None and not route.alone:
            status, body = _with_errors(work, books)
            idempotency.keep_answer(books, key, print, status, body, wall)
            return _json(status, body)
    if known is None:
        status, body = _with_errors(work, sandbox)
        with sandbox.writing((g.request_id, key)) as books:
            idempotency.keep_answer(books, key, print, status, body, wall)
        return _json(status, body)
    status, body, first = known
    response = _json(status, body)
    response.headers["Idempotent-Replayed"] = "true"
    response.headers["Original-Request"] = first
    return response


def _with_errors(work: Callable[[Any], Answer], books: Any) -> Answer:
    """The answer, or the body of a card's refusal, which is kept like an answer."""
    try:
        return work(books)
    except ApiError as error:
        if not error.keeps:
            raise
        return error.status, json.dumps(error.body(g.request_id))
