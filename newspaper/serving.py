"""The newspaper over HTTP, on this machine alone."""

from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from newspaper.pages import Site

HOST = "127.0.0.1"


def server(site: Site, port: int) -> ThreadingHTTPServer:
    """A server that is bound and not yet serving. Raises OSError if the port is taken."""

    class Handler(_Handler):
        answers = site

    return ThreadingHTTPServer((HOST, port), Handler)


class _Handler(BaseHTTPRequestHandler):
    """Answers with what was made at the start, and says nothing of it."""

    answers: Site
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "newspaper", ""

    def do_GET(self) -> None:
        self.wfile.write(self._begin())

    def do_HEAD(self) -> None:
        self._begin()

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _begin(self) -> bytes:
        """Send the status and the headers; what is to follow them."""
        path = urlsplit(self.path).path
        file = self.answers.files.get(path)
        self.send_response(HTTPStatus.OK if file else HTTPStatus.NOT_FOUND)
        file = file or self.answers.missing
        for name, value in self.answers.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", file.kind)
        self.send_header("Content-Length", str(len(file.body)))
        self.end_headers()
        return file.body
