"""Idempotency keys: the same key with the same parameters gets the same answer again."""

import hashlib
import json
import threading
from typing import Any

from stripe_sandbox.books import Books
from stripe_sandbox.errors import ApiError

KEPT_SECONDS = 24 * 3600
MAX_LENGTH = 255


class Running:
    """The keys of requests that are being answered right now."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._lock = threading.Lock()

    def start(self, key: str) -> None:
        """Take the key, or raise Stripe's 409."""
        with self._lock:
            if key in self._keys:
                message = (
                    "There is currently another in-progress request using this Stripe "
                    f"idempotency key: {key}."
                )
                code = "idempotency_key_in_use"
                raise ApiError(409, "idempotency_error", message, code=code)
            self._keys.add(key)

    def end(self, key: str) -> None:
        """Give the key back."""
        with self._lock:
            self._keys.discard(key)


def fingerprint(method: str, path: str, params: dict[str, Any]) -> str:
    """What must be the same for an answer to be given again."""
    body = json.dumps([method, path, params], sort_keys=True)
    return hashlib.sha256(body.encode()).hexdigest()


def known_answer(books: Books, key: str, print: str, wall: int) -> tuple[int, str, str] | None:
    """The kept answer as (status, body, id of the first request), or None."""
    books.db.execute("DELETE FROM answers WHERE at < ?", (wall - KEPT_SECONDS,))
    row = books.db.execute(
        "SELECT fingerprint, status, body, request FROM answers WHERE key = ?", (key,)
    ).fetchone()
    if row is None:
        return None
    if row[0] != print:
        message = (
            "Keys for idempotent requests can only be used with the same parameters they were "
            f"first used with. Try using a key other than '{key}' if you meant to execute a "
            "different request."
        )
        raise ApiError(400, "idempotency_error", message)
    return row[1], row[2], row[3]


def keep_answer(  # noqa: PLR0917
    books: Books, key: str, print: str, status: int, body: str, wall: int
) -> None:
    """Keep an answer for a day of wall time."""
    books.db.execute(
        "INSERT INTO answers (key, fingerprint, status, body, request, at) VALUES (?,?,?,?,?,?)",
        (key, print, status, body, books.request[0], wall),
    )
