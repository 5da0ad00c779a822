"""The giving page against a bare Flask page of the same size, both under granian."""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from bench import databases
from bench.pair import Pair, in_turn

REQUESTS, CLIENTS = 400, 4
ROOT = Path(__file__).parent.parent


def bare() -> Flask:
    """A Flask application that answers with as many bytes, and does nothing else."""
    app = Flask("bare")
    page = "x" * int(os.environ["BENCH_BYTES"])
    app.add_url_rule("/", view_func=lambda: page)
    return app


def figures() -> Iterator[Pair]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.sqlite"
        app = databases.newsroom(Path(folder), url)
        size = len(app.test_client().get("/").data)
        ours = {"INSTANCE_DIR": folder, "DATABASE_URL": url, "RATE_LIMITS": "off"}
        with (
            _served("app:create_app", ours) as page,
            _served("bench.pages:bare", {"BENCH_BYTES": str(size)}) as plain,
        ):
            yield in_turn(
                "giving page to a bare page of its size",
                "pages",
                lambda _number: _load(page),
                lambda _number: _load(plain),
            )


@contextmanager
def _served(factory: str, environment: dict[str, str]) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = ["granian", "--interface", "wsgi", "--factory", factory, "--workers", "1"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--log-level", "error"]
    server = subprocess.Popen(
        [sys.executable, "-m", *command], cwd=ROOT, env=os.environ | environment
    )
    try:
        _wait_for(port)
        _load(port)
        yield port
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(port)


def _load(port: int) -> int:
    """REQUESTS answers of 200, over CLIENTS connections that stay open."""

    def client(_number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for _ in range(REQUESTS // CLIENTS):
            connection.request("GET", "/")
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200
        connection.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(client, range(CLIENTS)))
    return REQUESTS
