"""What is not Stripe's: the sandbox's own controls under /_sandbox/."""

from typing import Any

from flask import Blueprint, current_app, g, request

from stripe_sandbox.books import Row
from stripe_sandbox.errors import ApiError, invalid
from stripe_sandbox.events import API_VERSION
from stripe_sandbox.resources import disputes, payment_methods, payouts
from stripe_sandbox.sandbox import Sandbox
from stripe_sandbox.seed import Plan, Wish, build
from stripe_sandbox.webhooks import Webhooks

bp = Blueprint("control", __name__, url_prefix="/_sandbox")


@bp.get("/health")
def health() -> Row:
    """That it runs, what it speaks, what time it is there, what waits to be delivered."""
    sandbox: Sandbox = current_app.extensions["stripe_sandbox"]
    webhooks: Webhooks = current_app.extensions["stripe_webhooks"]
    with sandbox.reading() as books:
        now = books.sandbox_now
    return {"ok": True, "version": API_VERSION, "now": now, "waiting": webhooks.waiting()}


@bp.post("/deliver")
def deliver() -> Row:
    """Send everything that waits, now, without heed to the waits of retries."""
    webhooks: Webhooks = current_app.extensions["stripe_webhooks"]
    return {"delivered": webhooks.deliver(), "waiting": webhooks.waiting()}


@bp.post("/tick")
def tick() -> Row:
    """Do what has become due, for a sandbox that runs nothing by itself."""
    current_app.extensions["stripe_timekeeper"].tick()
    return {"ok": True}


@bp.post("/seed")
def seed() -> Row | tuple[Row, int]:
    """Build a past of patrons from a JSON body; docs/stripe-sandbox.md names its fields."""
    sandbox: Sandbox = current_app.extensions["stripe_sandbox"]
    body = request.get_json(silent=True)
    try:
        return dict(build(sandbox, _wish(body)))
    except ApiError as error:
        return error.body(g.request_id), error.status


@bp.post("/dispute")
def dispute() -> Row | tuple[Row, int]:
    """Let the payer of a paid charge dispute it."""
    sandbox: Sandbox = current_app.extensions["stripe_sandbox"]
    try:
        wish = _fields(charge=str, reason=str, amount=int, inquiry=bool)
        if "charge" not in wish or wish.get("reason") not in disputes.REASONS:
            raise invalid(f"Send `charge` and a `reason` of {', '.join(disputes.REASONS)}.")
        with sandbox.writing() as books:
            return disputes.make(books, wish)
    except ApiError as error:
        return error.body(g.request_id), error.status


@bp.post("/pay_out")
def pay_out() -> Row:
    """Send to the bank what is available on the balance."""
    sandbox: Sandbox = current_app.extensions["stripe_sandbox"]
    with sandbox.writing() as books:
        return payouts.make(books)


@bp.post("/fail_payout")
def fail_payout() -> Row | tuple[Row, int]:
    """Let the bank send a payout back."""
    sandbox: Sandbox = current_app.extensions["stripe_sandbox"]
    try:
        wish = _fields(payout=str)
        with sandbox.writing() as books:
            return payouts.fail(books, wish)
    except ApiError as error:
        return error.body(g.request_id), error.status


@bp.post("/update_card")
def update_card() -> Row | tuple[Row, int]:
    """Let the card networks tell that a saved card has a new date."""
    sandbox: Sandbox = current_app.extensions["stripe_sandbox"]
    try:
        wish = _fields(payment_method=str, customer=str, exp_month=int, exp_year=int)
        with sandbox.writing() as books:
            return payment_methods.update_by_network(books, wish)
    except ApiError as error:
        return error.body(g.request_id), error.status


def _fields(**kinds: type) -> Row:
    """The JSON body: nothing but fields of those names and types."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise invalid("Send a JSON object.")
    for name, value in body.items():
        if not isinstance(value, kinds.get(name, ())):
            raise invalid(f"Unknown field or wrong type: {name}.", name)
    return body


def _wish(body: Any) -> Wish:
    """The body as a wish, or an error that names what is wrong with it."""
    if not isinstance(body, dict) or not body.get("plans"):
        raise invalid("Send a JSON object with at least one of `plans`.", "plans")
    try:
        plans = tuple(Plan(**plan) for plan in body.pop("plans"))
        wish = Wish(plans=plans, **body)
    except TypeError as error:
        raise invalid(f"Not a seed: {error}") from error
    if wish.patrons < 1 or not 1 <= wish.months <= 120:
        raise invalid("`patrons` must be 1 or more, `months` between 1 and 120.")
    return wish
