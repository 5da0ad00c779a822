"""Places on loopback for programs that a test starts."""

import itertools
import os
import socket

HOST = "127.0.0.1"
# Below the ports that a system gives to connections, so that nobody takes one of them by chance
# before the program that it was found for has started.
FIRST, MANY = 10_000, 20_000
# Each process goes through a part of them of its own.
_steps = itertools.count(os.getpid() * 97)


def free_port() -> int:
    for step in itertools.islice(_steps, MANY):
        port = FIRST + step % MANY
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise OSError(f"no port on {HOST} is free")
