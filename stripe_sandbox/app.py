"""The program put together: the API, the pages, the sandbox's own controls."""

import atexit
from pathlib import Path

from flask import Flask

from stripe_sandbox import control, front_door
from stripe_sandbox.clock import Timekeeper
from stripe_sandbox.engine import payouts
from stripe_sandbox.pages import checkout, invoice, portal
from stripe_sandbox.sandbox import Sandbox
from stripe_sandbox.webhooks import Webhooks


def create_app(
    store: str | Path,
    *,
    origin: str = "http://127.0.0.1:12111",
    background: bool = True,
    retry_seconds: float = 1.0,
    after_retries: str = "canceled",
    payment_methods: str = "card",
    daily_payouts: bool = False,
    disable_after_days: float = 9,
    any_version: bool = False,
    seed: str | None = None,
) -> Flask:
    """A sandbox over the SQLite file `store`.

    `origin` is the address that pages are linked by. Without `background` nothing happens by
    itself: tests deliver webhooks and run what is due by hand. `after_retries` says what a
    subscription becomes when all tries failed: canceled, unpaid or past_due. `payment_methods`
    are those that the account offers where a session names none: card, or card,sepa_debit. With
    `daily_payouts` what is available goes to the bank every midnight, else when asked to. An
    endpoint that takes nothing for `disable_after_days` is disabled, unless they are 0.
    With `any_version` a request may name any version of the API, for libraries that pin another;
    it is answered in the pinned one all the same. A `seed` makes ids repeat.
    """
    app = Flask(__name__)
    sandbox = Sandbox(store, seed=seed)
    sandbox.origin = origin.rstrip("/")
    with sandbox.writing() as books:
        books.keep_setting("after_retries", after_retries)
        books.keep_setting("payment_methods", payment_methods)
        payouts.begin(books, daily=daily_payouts)
    timekeeper = Timekeeper(sandbox)
    webhooks = Webhooks(sandbox, retry_seconds=retry_seconds, disable_after_days=disable_after_days)
    app.extensions["stripe_any_version"] = any_version
    app.extensions["stripe_sandbox"] = sandbox
    app.extensions["stripe_timekeeper"] = timekeeper
    app.extensions["stripe_webhooks"] = webhooks
    front_door.open_door(app, sandbox)
    app.register_blueprint(checkout.bp)
    app.register_blueprint(invoice.bp)
    app.register_blueprint(portal.bp)
    app.register_blueprint(control.bp)
    if background:
        start(app)
        atexit.register(stop, app)
    return app


def start(app: Flask) -> None:
    """Let webhooks go out and time pass in the background."""
    app.extensions["stripe_webhooks"].start()
    app.extensions["stripe_timekeeper"].start()


def stop(app: Flask) -> None:
    """End the background work; the store keeps what is left to do."""
    app.extensions["stripe_timekeeper"].stop()
    app.extensions["stripe_webhooks"].stop()
