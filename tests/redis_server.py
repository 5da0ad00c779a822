"""A real Redis of one test, on a port of its own, that can be killed and started again."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis

from tests.ports import HOST, free_port

PATIENCE_SECONDS = 60


@dataclass
class RedisServer:
    folder: Path
    port: int
    running: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}/0"

    @property
    def options(self) -> list[str]:
        """It keeps nothing."""
        where = ["--bind", HOST, "--port", str(self.port), "--dir", str(self.folder)]
        return [*where, "--save", "", "--appendonly", "no"]

    def start(self) -> None:
        command = ["redis-server", *self.options]
        self.running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        until = time.monotonic() + PATIENCE_SECONDS
        with redis.Redis(host=HOST, port=self.port) as client:
            while True:
                try:
                    client.ping()
                    return
                except redis.ConnectionError:
                    assert time.monotonic() < until, "redis-server does not start"
                    time.sleep(0.05)

    def kill(self) -> None:
        if self.running is not None:
            self.running.kill()
            self.running.wait()
            self.running = None

    def hang(self) -> None:
        """It keeps its port and answers nobody, until it is killed."""
        assert self.running is not None
        self.running.send_signal(signal.SIGSTOP)


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    if shutil.which("redis-server") is None:
        assert not os.environ.get("CI"), ".ci/run installs redis-server"
        pytest.skip("no redis-server here; Debian's package has it")
    folder = tmp_path / "redis"
    folder.mkdir()
    server = RedisServer(folder, free_port())
    server.start()
    yield server
    server.kill()
