"""The sandbox's one SQLite file, so that a restart keeps what was made.

Every object is one row of facts as JSON; `shapes` turns facts into Stripe's objects. The
columns beside the facts are those that lists filter and order by.
"""

import queue
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    created INTEGER NOT NULL,
    customer TEXT,
    parent TEXT,
    facts TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS objects_in_order ON objects (kind, created DESC, seq DESC);
CREATE INDEX IF NOT EXISTS objects_by_customer
    ON objects (customer, kind, created DESC, seq DESC) WHERE customer IS NOT NULL;
CREATE INDEX IF NOT EXISTS objects_by_parent
    ON objects (parent, kind, created DESC, seq DESC) WHERE parent IS NOT NULL;
CREATE INDEX IF NOT EXISTS objects_by_email ON objects (json_extract(facts, '$.email'))
    WHERE kind = 'customer';
CREATE INDEX IF NOT EXISTS objects_by_intent ON objects (json_extract(facts, '$.payment_intent'))
    WHERE kind IN ('checkout.session', 'dispute', 'invoice_payment', 'refund');
CREATE INDEX IF NOT EXISTS objects_by_payout
    ON objects (json_extract(facts, '$.payout'), json_extract(facts, '$.available_on'))
    WHERE kind = 'balance_transaction';

CREATE TABLE IF NOT EXISTS agenda (
    object TEXT NOT NULL,
    job TEXT NOT NULL,
    at INTEGER NOT NULL,
    clock TEXT NOT NULL,
    PRIMARY KEY (object, job)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS agenda_in_order ON agenda (clock, at);

CREATE TABLE IF NOT EXISTS deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at REAL NOT NULL DEFAULT 0,
    status INTEGER,
    delivered INTEGER NOT NULL DEFAULT 0  -- 1: taken, 0: not yet, -1: given up
);
CREATE INDEX IF NOT EXISTS deliveries_of_event ON deliveries (event);
CREATE INDEX IF NOT EXISTS deliveries_untaken ON deliveries (event) WHERE delivered < 1;
CREATE INDEX IF NOT EXISTS deliveries_waiting ON deliveries (endpoint, seq) WHERE delivered = 0;

CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    request TEXT NOT NULL,
    at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


class Store:
    """Connections to the file. One writer at a time, readers never wait for it."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        self._writing = threading.Lock()
        connection = self._connect()
        connection.executescript(SCHEMA)
        self._idle.put(connection)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A steady view of the store. Nothing can be written through it."""
        connection = self._borrow()
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("ROLLBACK")
            self._idle.put(connection)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction that is kept as a whole or not at all."""
        with self._writing:
            connection = self._borrow()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            else:
                connection.execute("COMMIT")
            finally:
                self._idle.put(connection)

    def close(self) -> None:
        """Close the connections that nobody holds."""
        while True:
            try:
                self._idle.get_nowait().close()
            except queue.Empty:
                return

    def _borrow(self) -> sqlite3.Connection:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA busy_timeout = 10000")
        connection.execute("PRAGMA cache_size = -64000")
        return connection
