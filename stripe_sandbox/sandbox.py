"""The running sandbox: its store, its clock, and its books opened for one piece of work."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from stripe_sandbox import events
from stripe_sandbox.books import Books
from stripe_sandbox.http.idempotency import Running
from stripe_sandbox.ids import Ids
from stripe_sandbox.store import Store

Request = tuple[str | None, str | None]
AUTOMATIC: Request = (None, None)


class Sandbox:
    """One store and the time in it. `woken` is called when there is something to deliver."""

    def __init__(self, store: str | Path, *, seed: str | None = None) -> None:
        self.store = Store(store)
        self.ids = Ids(seed)
        self.running = Running()
        self.woken: Callable[[], None] = lambda: None
        self.origin = ""

    @contextmanager
    def reading(self, request: Request = AUTOMATIC) -> Iterator[Books]:
        """The books to look into."""
        with self.store.reading() as db:
            books = Books(db, self.ids, now=0, request=request, origin=self.origin)
            books.sandbox_now = now(books)
            yield books

    @contextmanager
    def writing(self, request: Request = AUTOMATIC) -> Iterator[Books]:
        """The books to write into, as one transaction; events are sent once it is kept."""
        with self.store.writing() as db:
            books = Books(db, self.ids, now=0, request=request, origin=self.origin)
            books.sandbox_now = now(books)
            yield books
            announced = events.write(books)
            books.write_rows()
        if announced:
            self.woken()


def now(books: Books) -> int:
    """The sandbox's time: the wall's and the offset that advancing has added, in seconds."""
    return int(time.time()) + int(books.setting("offset") or 0)
