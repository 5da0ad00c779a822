"""Test clocks, and the sandbox's own clock among them as `clock_sandbox`."""

from flask import current_app, g, request

from stripe_sandbox import shapes
from stripe_sandbox.books import SANDBOX_CLOCK, Books, Row
from stripe_sandbox.clock import KIND, Timekeeper
from stripe_sandbox.errors import invalid
from stripe_sandbox.events import emit
from stripe_sandbox.http.lists import Filters, list_params, page
from stripe_sandbox.http.params import Hash, natural, short
from stripe_sandbox.http.routes import Route
from stripe_sandbox.resources.customers import remove as remove_customer
from stripe_sandbox.sandbox import Sandbox

URL = "/v1/test_helpers/test_clocks"


def create(books: Books, params: Row) -> Row:
    """POST /v1/test_helpers/test_clocks"""
    clock = books.add(KIND, created=books.now(), status="ready", **{"name": None, **params})
    emit(books, "test_helpers.test_clock.created", clock)
    return shapes.render(books, clock)


def retrieve(books: Books, params: Row, id: str) -> Row:
    """GET /v1/test_helpers/test_clocks/:id"""
    return shapes.render(books, books.get(KIND, id))


def list_all(books: Books, params: Row) -> Row:
    """GET /v1/test_helpers/test_clocks; the sandbox's own stands first."""
    own_cursor = params.get("starting_after") == SANDBOX_CLOCK
    if own_cursor:
        del params["starting_after"]
    answer = page(books, KIND, URL, params, Filters().where("id <> ?", SANDBOX_CLOCK))
    if own_cursor or "starting_after" in params or "ending_before" in params:
        return answer
    own = shapes.render(books, books.get(KIND, SANDBOX_CLOCK))
    limit = params.get("limit", 10)
    answer["has_more"] = answer["has_more"] or len(answer["data"]) == limit
    answer["data"] = [own, *answer["data"]][:limit]
    return answer


def advance(sandbox: Sandbox, params: Row, id: str) -> Row:
    """POST /v1/test_helpers/test_clocks/:id/advance: all that falls due happens now."""
    timekeeper: Timekeeper = current_app.extensions["stripe_timekeeper"]
    asked_by = (g.request_id, request.headers.get("Idempotency-Key"))
    timekeeper.advance(id, params["frozen_time"], asked_by)
    with sandbox.reading() as books:
        return shapes.render(books, books.get(KIND, id))


def delete(books: Books, params: Row, id: str) -> Row:
    """DELETE /v1/test_helpers/test_clocks/:id, and its customers with it."""
    clock = books.get(KIND, id)
    if id == SANDBOX_CLOCK:
        raise invalid("The sandbox's own clock can not be deleted.", "id")
    of_clock = "json_extract(facts, '$.test_clock') = ?"
    for customer in books.select("customer", of_clock, (id,)):
        if not customer.get("deleted"):
            remove_customer(books, customer)
    emit(books, "test_helpers.test_clock.deleted", clock)
    books.db.execute("DELETE FROM agenda WHERE clock = ?", (id,))
    clock["deleted"] = True
    books.save(clock)
    return shapes.render(books, clock)


ROUTES = (
    Route(
        "POST",
        URL,
        create,
        Hash({"frozen_time": natural, "name": short(300)}, needs=("frozen_time",)),
    ),
    Route("GET", f"{URL}/<id>", retrieve, Hash()),
    Route("GET", URL, list_all, list_params()),
    Route(
        "POST",
        f"{URL}/<id>/advance",
        advance,
        Hash({"frozen_time": natural}, needs=("frozen_time",)),
        alone=True,
    ),
    Route("DELETE", f"{URL}/<id>", delete, Hash()),
)
