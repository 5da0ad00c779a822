"""`python -m newspaper`, as the demo starts and stops it."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests

from tests.ports import free_port

HROMADA = "http://127.0.0.1:8000"
POLICY = (
    f"default-src 'none'; script-src {HROMADA}; connect-src {HROMADA}; style-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def start(port: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "newspaper", "--port", str(port), "--hromada", f"{HROMADA}/"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    port = free_port()
    program = start(port)
    assert program.stdout
    assert program.stdout.readline() == f"The newspaper on http://127.0.0.1:{port}/\n"
    yield f"http://127.0.0.1:{port}"
    program.send_signal(signal.SIGTERM)
    _, complaints = program.communicate(timeout=9)
    assert (program.returncode, complaints) == (0, "")


@pytest.mark.parametrize("path", ["/", "/uk/", "/pl/last-bus", "/newspaper.css", "/nothing"])
def test_every_answer_bears_the_policy(address: str, path: str) -> None:
    answer = requests.get(address + path, timeout=9)
    assert answer.status_code == (404 if path == "/nothing" else 200)
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "Set-Cookie" not in answer.headers


def test_an_article_is_there_whatever_its_query_brings(address: str) -> None:
    answer = requests.get(f"{address}/road-money?utm_source=letter", timeout=9)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert f'<link rel="canonical" href="{address}/road-money">' in answer.text
    head = requests.head(f"{address}/road-money", timeout=9)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == answer.headers["Content-Length"]


def test_an_unknown_page_leads_to_the_front(address: str) -> None:
    answer = requests.get(f"{address}/uk/nothing", timeout=9)
    assert answer.status_code == 404
    assert '<a href="/">' in answer.text
    assert "canonical" not in answer.text


def test_a_taken_port_is_one_line_and_exit_1() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        program = start(taken.getsockname()[1])
        _, complaint = program.communicate(timeout=9)
    assert program.returncode == 1
    assert complaint.count("\n") == 1
    assert "cannot listen" in complaint
