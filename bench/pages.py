"""Pages against a bare Flask page of the same size, both under granian."""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from flask import Flask

from bench import databases
from bench.pair import Pair, in_turn
from membership.clock import clock
from membership.extensions import db
from membership.rounds import ballots, planning, rounds
from membership.topics import proposals
from tests.factories import Newsroom
from tests.ports import HOST, free_port

CLIENTS, VOTERS = 4, 40
ARTICLE = "http%3A%2F%2F127.0.0.1%2Froads"
CHUNK = 64 * 1024
LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
LASTS = 1.0
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
        cookie, outcome = _lived_in(app)
        asked = [
            ("giving page", "/", {}),
            ("giving page in Ukrainian", "/", {"Accept-Language": "uk"}),
            ("giving page, signed in", "/", {"Cookie": cookie}),
            ("topics page", "/topics", {}),
            ("outcome of a round", outcome, {}),
            ("topics page, signed in", "/topics", {"Cookie": cookie}),
            ("feed of topics", "/feeds/en/topics.atom", {}),
            ("topics as the API tells them", "/api/v1/topics", {}),
            ("outcome in a frame", f"/embed{outcome}", {}),
            ("what elements are told", "/embed/en/newsroom.json", {}),
            ("what they are told of an article", f"/embed/en/article.json?at={ARTICLE}", {}),
            ("box in a frame", "/embed/support", {}),
        ]
        ours = {"INSTANCE_DIR": folder, "DATABASE_URL": url, "RATE_LIMITS": "off"}
        with served("app:create_app", ours) as pages:
            for name, path, headers in asked:
                size = len(app.test_client(use_cookies=False).get(path, headers=headers).data)
                with served("bench.pages:bare", {"BENCH_BYTES": str(size)}) as plain:
                    yield in_turn(
                        f"{name} to a bare page of its size",
                        "pages",
                        partial(_load, pages, path, headers),
                        partial(_load, plain, "/", {}),
                    )


def _lived_in(app: Flask) -> tuple[str, str]:
    """A round that was voted on and closed; a reader's cookie, and the outcome's address."""
    newsroom = Newsroom(app)
    voters = newsroom.members(VOTERS)
    with app.app_context():
        topics = [
            proposals.suggest(f"Topic {number}", "Why not?", minutes=60 * number)
            for number in range(1, 13)
        ]
        round = planning.prepare(
            "Bench", topics, budget=1500, closes_at=clock.now() + timedelta(days=7)
        )
        rounds.open(round)
        for number, voter in enumerate(voters):
            ticked = {topic.id for topic in topics[number % 9 : number % 9 + 4]}
            ballots.cast(round, by=voter, approvals=ticked)
        rounds.close(round, reason="Measured.")
        db.session.commit()
        outcome = f"/rounds/{round.slug}/results"
    reader = newsroom.signed_in(voters[0])
    reader.get("/")
    return "; ".join(f"{one.key}={one.value}" for one in reader._cookies.values()), outcome


@contextmanager
def served(factory: str, environment: dict[str, str]) -> Iterator[int]:
    port = free_port()
    command = ["granian", "--interface", "wsgi", "--factory", factory, "--workers", "1"]
    command += ["--host", HOST, "--port", str(port), "--log-level", "error"]
    server = subprocess.Popen(
        [sys.executable, "-m", *command], cwd=ROOT, env=os.environ | environment
    )
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(port)


def _load(port: int, path: str, headers: dict[str, str], _round: int = 0) -> int:
    """Answers of 200 in LASTS seconds, over CLIENTS connections that stay open."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    asking = "\r\n".join([*lines, "", ""]).encode()
    until = time.monotonic() + LASTS

    def client(_number: int) -> int:
        answers = 0
        with socket.create_connection((HOST, port), timeout=30) as connection:
            while time.monotonic() < until:
                connection.sendall(asking)
                _read_answer(connection)
                answers += 1
        return answers

    with ThreadPoolExecutor(CLIENTS) as pool:
        return sum(pool.map(client, range(CLIENTS)))


def _read_answer(connection: socket.socket) -> None:
    """As little work as can be: the client has the same two cores as the server."""
    answer = _more(connection)
    while (end := answer.find(b"\r\n\r\n")) < 0:
        answer += _more(connection)
    assert answer.startswith(b"HTTP/1.1 200 "), answer[:200]
    length = LENGTH.search(answer, 0, end + 2)
    assert length is not None, answer[:end]
    left = end + 4 + int(length[1]) - len(answer)
    while left > 0:
        left -= len(_more(connection))


def _more(connection: socket.socket) -> bytes:
    chunk = connection.recv(CHUNK)
    assert chunk, "the server hung up"
    return chunk
