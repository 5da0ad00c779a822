"""Sending events: signed, in order for each endpoint, again and again until it answers 2xx.

Deliveries are rows, so a restart loses none. The store is never locked while an endpoint is
being asked: the receiver may call the API back from inside its handler.
"""

import hashlib
import hmac
import http.client
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from stripe_sandbox.books import Row
from stripe_sandbox.events import payload
from stripe_sandbox.sandbox import Sandbox

TIMEOUT_SECONDS = 10.0
LONGEST_WAIT = 64  # times the first wait
AT_ONCE = 50
IDLE_SECONDS = 0.5
DAY = 24 * 3600


def signature(secret: str, body: bytes, at: int) -> str:
    """Stripe's `Stripe-Signature`: HMAC-SHA256 over time and body. `at` is wall time."""
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"


class Webhooks:
    """Delivers what is due. `start` gives it a thread; tests may call `deliver` instead."""

    def __init__(
        self, sandbox: Sandbox, *, retry_seconds: float = 1.0, disable_after_days: float = 0
    ) -> None:
        self.sandbox = sandbox
        self.retry_seconds = retry_seconds
        self.patience = disable_after_days * DAY
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._busy: set[str] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Deliver in the background from now on."""
        self.sandbox.woken = self._wake.set
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Deliver nothing more; what waits is sent after the next start."""
        self._stopping.set()
        self._wake.set()
        if self._thread:
            self._thread.join(timeout=1)

    def deliver(self, *, early: bool = True) -> int:
        """Send what waits, once each, in this thread; `early` ignores the waits of retries.

        Returns how many were taken.
        """
        return sum(self._send_all(endpoint, early=early) for endpoint in self._endpoints(early))

    def waiting(self) -> int:
        """How many deliveries are not taken yet, those of disabled endpoints left out."""
        with self.sandbox.reading() as books:
            enabled = [e["id"] for e in books.select("webhook_endpoint", "1") if _enabled(e)]
            marks = ",".join("?" * len(enabled))
            sql = f"SELECT count(*) FROM deliveries WHERE delivered = 0 AND endpoint IN ({marks})"  # noqa: S608
            return int(books.db.execute(sql, enabled).fetchone()[0])

    def _run(self) -> None:
        with ThreadPoolExecutor(max_workers=8, thread_name_prefix="webhook") as pool:
            while not self._stopping.is_set():
                self._wake.clear()
                for endpoint in self._endpoints(early=False):
                    if endpoint["id"] not in self._busy:
                        self._busy.add(endpoint["id"])
                        pool.submit(self._send_and_free, endpoint)
                self._wake.wait(min(IDLE_SECONDS, self.retry_seconds))

    def _send_and_free(self, endpoint: Row) -> None:
        try:
            while self._send_all(endpoint, early=False) == AT_ONCE:
                pass
        finally:
            self._busy.discard(endpoint["id"])
            self._wake.set()

    def _endpoints(self, early: bool) -> list[Row]:
        """Enabled endpoints with something to send."""
        with self.sandbox.reading() as books:
            due = books.db.execute(
                "SELECT DISTINCT endpoint FROM deliveries WHERE delivered = 0 AND next_at <= ?",
                (_soon(early),),
            ).fetchall()
            found = (books.find("webhook_endpoint", id) for (id,) in due)
            return [endpoint for endpoint in found if endpoint and _enabled(endpoint)]

    def _send_all(self, endpoint: Row, *, early: bool) -> int:
        """Send up to AT_ONCE deliveries of one endpoint, oldest first."""
        taken, was_failing = 0, bool(endpoint.get("failing_since"))
        for seq, attempts, event in self._due(endpoint, early):
            if self._stopping.is_set():
                break
            status = post(endpoint["url"], endpoint["secret"], payload(event))
            delivered = status is not None and 200 <= status < 300
            self._note(seq, attempts + 1, status, delivered=delivered)
            taken += delivered
            failed = not delivered
            if (failed or was_failing) and self._judge(endpoint["id"], failed=failed):
                break
            was_failing = failed
        return taken

    def _due(self, endpoint: Row, early: bool) -> Iterable[tuple[int, int, Row]]:
        with self.sandbox.reading() as books:
            rows = books.db.execute(
                "SELECT seq, attempts, event FROM deliveries"
                " WHERE delivered = 0 AND endpoint = ? AND next_at <= ? ORDER BY seq LIMIT ?",
                (endpoint["id"], _soon(early), AT_ONCE),
            ).fetchall()
            return [(seq, tries, books.get("event", event)) for seq, tries, event in rows]

    def _note(self, seq: int, attempts: int, status: int | None, *, delivered: bool) -> None:
        wait = self.retry_seconds * min(2 ** (attempts - 1), LONGEST_WAIT)
        with self.sandbox.store.writing() as db:
            db.execute(
                "UPDATE deliveries SET attempts = ?, status = ?, delivered = ?, next_at = ?"
                " WHERE seq = ?",
                (attempts, status, delivered, time.time() + wait, seq),
            )

    def _judge(self, id: str, *, failed: bool) -> bool:
        """Note since when an endpoint fails. True if that was too long: it is disabled now."""
        with self.sandbox.writing() as books:
            endpoint = books.find("webhook_endpoint", id)
            if endpoint is None:
                return True
            now, since = books.sandbox_now, endpoint.get("failing_since")
            if not failed or since is None:
                endpoint["failing_since"] = now if failed else None
            elif self.patience and now - since >= self.patience:
                endpoint["status"] = "disabled"
                books.db.execute(
                    "UPDATE deliveries SET delivered = -1 WHERE delivered = 0 AND endpoint = ?",
                    (id,),
                )
            books.save(endpoint)
            return not _enabled(endpoint)


def post(url: str, secret: str, body: bytes) -> int | None:
    """Send one event. The HTTP status, or None if nobody answered in time."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=TIMEOUT_SECONDS)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": signature(secret, body, int(time.time())),
        "User-Agent": "Stripe/1.0 (sandbox)",
    }
    address = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", address, body, headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _enabled(endpoint: Row) -> bool:
    return bool(endpoint["status"] == "enabled")


def _soon(early: bool) -> float:
    return float("inf") if early else time.time()
