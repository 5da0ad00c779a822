"""What is not Stripe's: the sandbox's own controls under /_sandbox/."""

from flask import Blueprint, current_app

from stripe_sandbox.books import Row
from stripe_sandbox.events import API_VERSION
from stripe_sandbox.sandbox import Sandbox
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
