"""Programs that a benchmark starts on loopback and ends again."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import requests

from tests.ports import HOST, free_port
from tests.redis_server import RedisServer

PATIENCE_SECONDS = 60


@dataclass
class Process:
    """A program in a session of its own, so that its children are ended with it."""

    name: str
    command: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    python: str = sys.executable
    folder: Path | None = None
    running: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        self.running = subprocess.Popen(
            [self.python, *self.command],
            env=os.environ | self.environment,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.running is not None:
            os.killpg(self.running.pid, how)
            self.running.wait()


def answers(url: str, *, status: int = 200) -> None:
    """Wait until a GET is answered with `status`. Raises TimeoutError."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        try:
            if requests.get(url, timeout=2).status_code == status:
                return
        except requests.RequestException:
            pass
        time.sleep(0.1)
    raise TimeoutError(url)


def sandbox(folder: Path) -> tuple[Process, str]:
    """Stripe's stand-in, answering, and its address."""
    port = free_port()
    store = str(folder / "sandbox.sqlite")
    process = Process("sandbox", ["-m", "stripe_sandbox", "--port", str(port), "--store", store])
    process.start()
    address = f"http://{HOST}:{port}"
    answers(f"{address}/_sandbox/health")
    return process, address


def web(name: str, environment: Mapping[str, str], *, workers: int = 1) -> tuple[Process, str]:
    """A newsroom's web server, not started yet, and its address."""
    port = free_port()
    granian = ["-m", "granian", "--interface", "wsgi", "--factory", "app:create_app"]
    where = ["--host", HOST, "--port", str(port), "--workers", str(workers)]
    process = Process(name, [*granian, *where, "--log-level", "critical"], environment)
    return process, f"http://{HOST}:{port}"


def redis(folder: Path) -> tuple[Process, str] | None:
    """A Redis that keeps nothing, not started yet, and its address; None where there is none."""
    program = shutil.which("redis-server")
    if program is None:
        return None
    server = RedisServer(folder, free_port())
    return Process("redis", server.options, python=program), server.url
