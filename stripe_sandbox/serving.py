"""A threaded HTTP server, as a program or inside a test."""

import logging
import socketserver

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server


class Handler(WSGIRequestHandler):
    """Keeps connections open and says nothing of requests that went well."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def send_response(self, code: int, message: str | None = None) -> None:
        """Without a Date of the wall's: the API's answers bring the sandbox's own."""
        self.log_request(code)
        self.send_response_only(code, message)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Only failures of the sandbox itself are worth a line."""
        if str(code).startswith("5") and str(code) != "501":
            super().log_request(code, size)


def server(app: Flask, host: str, port: int) -> BaseWSGIServer:
    """A server that is bound and not yet serving. Raises OSError if the port is taken."""
    import socket

    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(128)
    listener.set_inheritable(True)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    made = make_server(
        host, port, app, threaded=True, request_handler=Handler, fd=listener.detach()
    )
    if isinstance(made, socketserver.ThreadingMixIn):
        made.daemon_threads = True
    return made
