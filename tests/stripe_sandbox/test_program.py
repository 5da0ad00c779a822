"""`python -m stripe_sandbox`, as an operator starts and stops it."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.ports import free_port


def start(*options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "stripe_sandbox", *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_and_ends_when_told(store: Path, ending: int) -> None:
    port = free_port()
    program = start("--port", str(port), "--store", str(store))
    assert program.stdout
    assert f"http://127.0.0.1:{port}" in program.stdout.readline()
    assert requests.get(f"http://127.0.0.1:{port}/_sandbox/health", timeout=9).json()["ok"]
    program.send_signal(ending)
    _, complaints = program.communicate(timeout=5)
    assert (program.returncode, complaints) == (0, "")


def test_its_options_reach_the_sandbox(store: Path) -> None:
    port = free_port()
    options = ("--any-version", "--disable-after-days", "0", "--payment-methods", "card,sepa_debit")
    program = start("--port", str(port), "--store", str(store), *options)
    assert program.stdout
    program.stdout.readline()
    headers = {"Authorization": "Bearer sk_test_x", "Stripe-Version": "2020-08-27"}
    answer = requests.get(f"http://127.0.0.1:{port}/v1/customers", headers=headers, timeout=9)
    program.send_signal(signal.SIGTERM)
    _, complaints = program.communicate(timeout=5)
    assert (answer.status_code, program.returncode, complaints) == (200, 0, "")


def test_a_taken_port_is_one_line_and_exit_1(store: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        program = start("--port", str(taken.getsockname()[1]), "--store", str(store))
        _, complaint = program.communicate(timeout=9)
    assert program.returncode == 1
    assert complaint.count("\n") == 1
    assert "cannot listen" in complaint


def test_a_store_that_cannot_be_written_is_one_line_and_exit_1(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    program = start("--port", "0", "--store", str(tmp_path / "file" / "sandbox.sqlite"))
    _, complaint = program.communicate(timeout=9)
    assert program.returncode == 1
    assert complaint.count("\n") == 1
    assert "cannot write the store" in complaint


def test_a_store_that_is_no_database_is_one_line_and_exit_1(store: Path) -> None:
    store.write_text("this is a letter, not a database, and it is long enough to be one" * 20)
    program = start("--port", "0", "--store", str(store))
    _, complaint = program.communicate(timeout=9)
    assert program.returncode == 1
    assert complaint.count("\n") == 1
