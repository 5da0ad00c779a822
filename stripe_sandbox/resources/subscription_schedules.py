"""Schedules of subscriptions: made from one that runs, planned in phases, released."""

from stripe_sandbox import shapes
from stripe_sandbox.books import Books, Row
from stripe_sandbox.engine import schedules
from stripe_sandbox.errors import invalid
from stripe_sandbox.events import change, emit
from stripe_sandbox.http.lists import CREATED, Filters, list_params, page
from stripe_sandbox.http.params import Hash, ListOf, integer, one_of, positive, text
from stripe_sandbox.http.routes import Route
from stripe_sandbox.resources.subscription_params import PRORATION

CREATE = Hash({"from_subscription": text}, needs=("from_subscription",))
PHASE = Hash(
    {
        "end_date": integer,
        "items": ListOf(Hash({"price": text, "quantity": positive}, needs=("price",))),
        "proration_behavior": PRORATION,
        "start_date": integer,
    },
    needs=("end_date", "items", "start_date"),
)
UPDATE = Hash({"end_behavior": one_of("release"), "phases": ListOf(PHASE)})


def create(books: Books, params: Row) -> Row:
    """POST /v1/subscription_schedules, from a subscription that runs."""
    subscription = books.get("subscription", params["from_subscription"], "from_subscription")
    if subscription.get("schedule"):
        raise invalid("The subscription is already attached to a schedule.", "from_subscription")
    span = {
        "start_date": subscription["current_period_start"],
        "end_date": subscription["current_period_end"],
    }
    items = [{name: item[name] for name in ("price", "quantity")} for item in subscription["items"]]
    schedule = books.add(
        "subscription_schedule",
        created=books.now(books.get("customer", subscription["customer"])),
        current_phase=span,
        customer=subscription["customer"],
        metadata={},
        phases=[{**span, "currency": subscription["currency"], "items": items}],
        status="active",
        subscription=subscription["id"],
        test_clock=subscription.get("test_clock"),
    )
    with change(books, subscription, "customer.subscription.updated"):
        subscription["schedule"] = schedule["id"]
    emit(books, "subscription_schedule.created", schedule)
    return shapes.render(books, schedule)


def retrieve(books: Books, params: Row, id: str) -> Row:
    """GET /v1/subscription_schedules/:id"""
    return shapes.render(books, books.get("subscription_schedule", id))


def update(books: Books, params: Row, id: str) -> Row:
    """POST /v1/subscription_schedules/:id: the phases anew, the current one among them."""
    schedule = _active(books, id)
    subscription = books.get("subscription", schedule["subscription"])
    with change(books, schedule, "subscription_schedule.updated"):
        for number, phase in enumerate(params.get("phases", [])):
            phase["currency"] = subscription["currency"]
            for place, item in enumerate(phase["items"]):
                where = f"phases[{number}][items][{place}][price]"
                item["price"] = books.get("price", item["price"], where)["id"]
                item.setdefault("quantity", 1)
        schedule["phases"] = params.get("phases", schedule["phases"])
    return shapes.render(books, schedule)


def release(books: Books, params: Row, id: str) -> Row:
    """POST /v1/subscription_schedules/:id/release"""
    schedule = _active(books, id)
    subscription = books.get("subscription", schedule["subscription"])
    now = books.now(books.get("customer", subscription["customer"]))
    with change(books, subscription, "customer.subscription.updated"):
        schedules.release(books, schedule, subscription, now)
    return shapes.render(books, schedule)


def _active(books: Books, id: str) -> Row:
    schedule = books.get("subscription_schedule", id)
    if schedule["status"] != "active":
        raise invalid(f"The subscription schedule is {schedule['status']} and cannot be changed.")
    return schedule


def list_all(books: Books, params: Row) -> Row:
    """GET /v1/subscription_schedules"""
    filters = Filters().equal(params, customer="customer")
    return page(books, "subscription_schedule", "/v1/subscription_schedules", params, filters)


ROUTES = (
    Route("POST", "/v1/subscription_schedules", create, CREATE),
    Route("GET", "/v1/subscription_schedules/<id>", retrieve, Hash()),
    Route("POST", "/v1/subscription_schedules/<id>", update, UPDATE),
    Route("POST", "/v1/subscription_schedules/<id>/release", release, Hash()),
    Route("GET", "/v1/subscription_schedules", list_all, list_params(**CREATED, customer=text)),
)
