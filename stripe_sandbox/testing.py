"""The sandbox inside a test: `with serve(store) as url:`."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask

from stripe_sandbox.app import create_app, stop
from stripe_sandbox.sandbox import Sandbox
from stripe_sandbox.serving import server


@contextmanager
def serve(store: str | Path, *, port: int = 0, **options: Any) -> Iterator[str]:
    """Serve a sandbox over `store` on a free port. The address, without a slash behind.

    `options` are those of create_app; `background=False` leaves delivery to the test, by
    POST /_sandbox/deliver, and time to POST /_sandbox/tick.
    """
    with serve_app(create_app(store, **options), port) as url:
        yield url


@contextmanager
def serve_app(app: Flask, port: int = 0) -> Iterator[str]:
    """Serve a sandbox that exists, on a free port, until the block ends."""
    serving = server(app, "127.0.0.1", port)
    sandbox: Sandbox = app.extensions["stripe_sandbox"]
    sandbox.origin = f"http://127.0.0.1:{serving.port}"
    thread = threading.Thread(target=serving.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield sandbox.origin
    finally:
        stop(app)
        serving.shutdown()
        thread.join()
        serving.server_close()
        sandbox.store.close()
