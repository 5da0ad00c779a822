"""The program put together: the API, the pages, the sandbox's own controls."""

import atexit
from pathlib import Path

from flask import Flask

from stripe_sandbox import control, front_door
from stripe_sandbox.pages import checkout
from stripe_sandbox.sandbox import Sandbox
from stripe_sandbox.webhooks import Webhooks


def create_app(
    store: str | Path,
    *,
    origin: str = "http://127.0.0.1:12111",
    background: bool = True,
    retry_seconds: float = 1.0,
    seed: str | None = None,
) -> Flask:
    """A sandbox over the SQLite file `store`.

    `origin` is the address that pages are linked by. Without `background` nothing happens by
    itself: tests deliver webhooks and run what is due by hand. A `seed` makes ids repeat.
    """
    app = Flask(__name__)
    sandbox = Sandbox(store, seed=seed)
    sandbox.origin = origin.rstrip("/")
    webhooks = Webhooks(sandbox, retry_seconds=retry_seconds)
    app.extensions["stripe_sandbox"] = sandbox
    app.extensions["stripe_webhooks"] = webhooks
    front_door.open_door(app, sandbox)
    app.register_blueprint(checkout.bp)
    app.register_blueprint(control.bp)
    if background:
        webhooks.start()
        atexit.register(webhooks.stop)
    return app
