"""Events of the last 30 days."""

from stripe_sandbox import shapes
from stripe_sandbox.books import Books, Row
from stripe_sandbox.errors import invalid, missing
from stripe_sandbox.events import KEPT_SECONDS
from stripe_sandbox.http.lists import CREATED, Filters, fact, list_params, page
from stripe_sandbox.http.params import Hash, ListOf, flag, text
from stripe_sandbox.http.routes import Route

UNTAKEN = "SELECT event FROM deliveries WHERE delivered < 1"


def retrieve(books: Books, params: Row, id: str) -> Row:
    """GET /v1/events/:id"""
    event = books.get("event", id)
    if event["recorded"] < books.sandbox_now - KEPT_SECONDS:
        raise missing("event", id)
    return with_pending(books, shapes.render(books, event))


def with_pending(books: Books, event: Row) -> Row:
    """An event with how many endpoints have not taken it yet."""
    sql = "SELECT count(*) FROM deliveries WHERE delivered < 1 AND event = ?"
    return {**event, "pending_webhooks": books.db.execute(sql, (event["id"],)).fetchone()[0]}


def list_all(books: Books, params: Row) -> Row:
    """GET /v1/events"""
    filters = Filters().equal(params, type="parent")
    if "type" in params and "types" in params:
        raise invalid("You may only specify one of type and types.", "types")
    if "types" in params:
        marks = ",".join("?" * len(params["types"]))
        filters.where(f"parent IN ({marks})", *params["types"])
    if "delivery_success" in params:
        sign = "NOT IN" if params["delivery_success"] else "IN"
        filters.where(f"id {sign} ({UNTAKEN})")
    filters.where(f"{fact('recorded')} >= ?", books.sandbox_now - KEPT_SECONDS)
    answer = page(books, "event", "/v1/events", params, filters)
    answer["data"] = [with_pending(books, event) for event in answer["data"]]
    return answer


ROUTES = (
    Route("GET", "/v1/events/<id>", retrieve, Hash()),
    Route(
        "GET",
        "/v1/events",
        list_all,
        list_params(**CREATED, delivery_success=flag, type=text, types=ListOf(text)),
    ),
)
