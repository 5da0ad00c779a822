"""The open books: one transaction over the store, and the sandbox's time inside it.

Rows are read once, changed in memory and written once at the end. Events that happen on
the way are kept aside in the order they happen and written last, with their deliveries.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from stripe_sandbox.errors import missing
from stripe_sandbox.ids import Ids

Row = dict[str, Any]

SANDBOX_CLOCK = "clock_sandbox"

# The one link, beside the customer, by which a list of that kind is asked for most.
PARENT = {
    "balance_transaction": "source",
    "charge": "payment_intent",
    "checkout.session": "subscription",
    "dispute": "charge",
    "event": "type",
    "invoice": "subscription",
    "invoice_payment": "invoice",
    "price": "product",
    "refund": "charge",
}


class Books:
    """Everything a handler or the engine may read, write and announce."""

    def __init__(
        self,
        db: sqlite3.Connection,
        ids: Ids,
        *,
        now: int,
        request: tuple[str | None, str | None] = (None, None),
        origin: str = "",
    ) -> None:
        self.db = db
        self.ids = ids
        self.sandbox_now = now
        self.request = request
        self.origin = origin
        self.events: list[Row] = []
        self.silent_before: int | None = None
        self.unsent = False
        self.clock_override: tuple[str, int] | None = None
        self._rows: dict[str, Row | None] = {}
        self._dirty: dict[str, Row] = {}
        self._fresh: set[str] = set()

    def find(self, kind: str, id: str) -> Row | None:
        """The row of that id if it is of that kind."""
        if id not in self._rows:
            found = self.db.execute("SELECT facts FROM objects WHERE id = ?", (id,)).fetchone()
            self._rows[id] = json.loads(found[0]) if found else None
        row = self._rows[id]
        return row if row and row["object"] == kind else None

    def get(self, kind: str, id: str, param: str | None = None) -> Row:
        """The row of that id, or Stripe's `resource_missing`; `param` names who asked."""
        row = self.find(kind, id)
        if row is None:
            raise missing(kind, id, param)
        return row

    def select(
        self, kind: str, where: str, values: Iterable[Any] = (), tail: str = ""
    ) -> list[Row]:
        """Rows of that kind that meet an SQL condition, newest first unless `tail` says else."""
        self.write_rows()
        tail = tail or "ORDER BY created DESC, seq DESC"
        sql = f"SELECT id, facts FROM objects WHERE kind = ? AND ({where}) {tail}"  # noqa: S608
        rows = self.db.execute(sql, (kind, *values)).fetchall()
        return [self._known(id, facts) for id, facts in rows]

    def _known(self, id: str, facts: str) -> Row:
        row = self._rows.get(id)
        if row is None:
            row = self._rows[id] = json.loads(facts)
        return row

    def add(self, kind: str, *, created: int, **facts: Any) -> Row:
        """A new row. Its id is drawn unless it is among the facts."""
        row = {"id": facts.pop("id", None) or self.ids.new(kind), "object": kind}
        row |= {"created": created, **facts}
        self._rows[row["id"]] = row
        self._dirty[row["id"]] = row
        self._fresh.add(row["id"])
        return row

    def save(self, row: Row) -> Row:
        """Remember that a row was changed."""
        self._dirty[row["id"]] = row
        return row

    def remove(self, row: Row) -> None:
        """Take a row out for good."""
        self._dirty.pop(row["id"], None)
        self._rows[row["id"]] = None
        self.db.execute("DELETE FROM objects WHERE id = ?", (row["id"],))
        self.db.execute("DELETE FROM agenda WHERE object = ?", (row["id"],))

    def write_rows(self) -> None:
        """Write what was added and changed so far, so that SQL sees it."""
        added, changed = [], []
        for id, row in self._dirty.items():
            facts = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
            parent = row.get(PARENT.get(row["object"], ""))
            if id in self._fresh:
                added.append(
                    (id, row["object"], row["created"], row.get("customer"), parent, facts)
                )
            else:
                changed.append((row.get("customer"), parent, facts, id))
        insert = "INSERT INTO objects (id, kind, created, customer, parent, facts)"
        self.db.executemany(f"{insert} VALUES (?, ?, ?, ?, ?, ?)", added)
        self.db.executemany(
            "UPDATE objects SET customer = ?, parent = ?, facts = ? WHERE id = ?", changed
        )
        self._dirty.clear()
        self._fresh.clear()

    @contextmanager
    def rehearsal(self) -> Iterator["Books"]:
        """Books in which anything can be tried and nothing is kept or announced."""
        self.write_rows()
        self.db.execute("SAVEPOINT rehearsal")
        try:
            yield Books(self.db, self.ids, now=self.sandbox_now, origin=self.origin)
        finally:
            self.db.execute("ROLLBACK TO rehearsal")
            self.db.execute("RELEASE rehearsal")

    def clock_of(self, customer: Row | None) -> str:
        """The id of the clock a customer lives on."""
        if self.clock_override:
            return self.clock_override[0]
        return (customer or {}).get("test_clock") or SANDBOX_CLOCK

    def now(self, customer: Row | None = None) -> int:
        """The time for a customer, in seconds since 1970 UTC; without one, the sandbox's."""
        if self.clock_override:
            return self.clock_override[1]
        clock = self.clock_of(customer)
        if clock == SANDBOX_CLOCK:
            return self.sandbox_now
        return int(self.get("test_helpers.test_clock", clock)["frozen_time"])

    def plan(self, object: str, job: str, at: int, clock: str) -> None:
        """Put a job for an object on the agenda of a clock, in place of an earlier such job."""
        self.db.execute(
            "INSERT OR REPLACE INTO agenda (object, job, at, clock) VALUES (?, ?, ?, ?)",
            (object, job, at, clock),
        )

    def unplan(self, object: str, job: str | None = None) -> None:
        """Strike a job, or all jobs, of an object."""
        if job is None:
            self.db.execute("DELETE FROM agenda WHERE object = ?", (object,))
        else:
            self.db.execute("DELETE FROM agenda WHERE object = ? AND job = ?", (object, job))

    def setting(self, name: str) -> str | None:
        """A kept setting of the sandbox itself."""
        found = self.db.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return found[0] if found else None

    def keep_setting(self, name: str, value: str) -> None:
        """Keep a setting over restarts."""
        self.db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))
