"""The desk at ten thousand, a hundred thousand and a million supporters, on PostgreSQL.

    python -m bench.figures [--sizes 10000,100000,1000000] [--folder DIR] [--json FILE]

Writes a crowd of each size (which takes most of the time; `--folder` keeps them for the next run),
asks for each page in turn in all of them, and answers the same questions by plain SQL over terms,
ledger, subscriptions and memberships. Then what an event costs with and without all that follows
from it, and how much memory five million rows of an export take.
"""

import argparse
import gc
import json
import logging
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from bench import databases, events
from bench.plain import PLAIN
from membership.books.models import LedgerEntry
from membership.extensions import db
from membership.patrons.models import Person
from membership.seed import build, crowd
from tests.factories import Newsroom

MONTHS, SEED = 60, 1
ASKED, WARMING = 41, 3
PLAINLY_ASKED = 3
ROWS = 5_000_000
NAME = "шевч"

PAGES = {
    "overview": "/staff",
    "revenue": "/staff/figures/revenue",
    "supporters": "/staff/figures/supporters",
    "cohorts": "/staff/figures/retention",
    "leaving": "/staff/figures/leaving",
    "recovery": "/staff/figures/recovery",
    "coming": "/staff/figures/coming",
    "sources": "/staff/figures/sources",
    "votes": "/staff/figures/votes",
    "people search": f"/staff/people?q={NAME}",
    "a person": "/staff/people/{person}",
    "payments": "/staff/payments",
}


@dataclass(frozen=True)
class Page:
    """In milliseconds; `plain` is the median of the same answers by plain SQL."""

    name: str
    supporters: int
    median: float
    p95: float
    queries: int
    plain: float | None

    @property
    def ratio(self) -> float | None:
        return self.plain / self.median if self.plain else None


class Desk:
    """A newsroom of one size, with somebody of staff signed in."""

    def __init__(self, size: int, app: Flask) -> None:
        self.size, self.app = size, app
        newsroom = Newsroom(app)
        self.client: FlaskClient = newsroom.signed_in(
            newsroom.person("bench@example.org", role="admin")
        )
        with app.app_context():
            self.engine = db.engine
            self.person = db.session.scalar(
                sa.select(LedgerEntry.person_id).order_by(LedgerEntry.id).limit(1)
            )

    def ask(self, page: str) -> float:
        """How long the page takes, in milliseconds."""
        address = PAGES[page].format(person=self.person)
        start = time.perf_counter()
        answer = self.client.get(address)
        took = time.perf_counter() - start
        assert answer.status_code == 200, (address, answer.status)
        return took * 1000

    def queries(self, page: str) -> int:
        asked = []

        def count(*_details: object) -> None:
            asked.append(1)

        sa.event.listen(self.engine, "before_cursor_execute", count)
        try:
            self.ask(page)
        finally:
            sa.event.remove(self.engine, "before_cursor_execute", count)
        return len(asked)

    def ask_plainly(self, page: str) -> float | None:
        """The same answers by plain SQL, in milliseconds; None where there is none."""
        statements = PLAIN.get(page)
        if statements is None:
            return None
        with self.engine.connect() as connection:
            start = time.perf_counter()
            for statement in statements:
                values = {"name": f"%{NAME}%", "person": self.person}
                connection.execute(sa.text(statement), values).all()
            return (time.perf_counter() - start) * 1000


def pages(desks: list[Desk]) -> Iterator[Page]:
    """Each page in all sizes in turn, so that whatever else the machine does befalls all."""
    for name in PAGES:
        took: dict[int, list[float]] = {desk.size: [] for desk in desks}
        for number in range(WARMING + ASKED):
            for desk in desks:
                milliseconds = desk.ask(name)
                if number >= WARMING:
                    took[desk.size].append(milliseconds)
        for desk in desks:
            its = sorted(took[desk.size])
            plainly = [desk.ask_plainly(name) for _ in range(PLAINLY_ASKED)]
            yield Page(
                name=name,
                supporters=desk.size,
                median=statistics.median(its),
                p95=its[int(len(its) * 0.95)],
                queries=desk.queries(name),
                plain=statistics.median(filter(None, plainly)) if plainly[0] else None,
            )


def exported(url: str) -> None:
    """In a process of its own: read ROWS rows of the export, and say what they took."""
    app = databases.newsroom(Path(tempfile.mkdtemp(prefix="hromada-bench-")), url)
    newsroom = Newsroom(app)
    client = newsroom.signed_in(newsroom.person("bench@example.org", role="admin"))
    client.get("/staff/payments")
    before = _peak()
    rows = 0
    start = time.perf_counter()
    kinds = "&".join(f"kind={kind}" for kind in ("charge", "fee", "refund"))
    answer = client.get(f"/staff/payments.csv?{kinds}", buffered=False)
    for chunk in answer.response:
        rows += chunk.count(b"\n") if isinstance(chunk, bytes) else chunk.count("\n")
        if rows > ROWS:
            break
    took = time.perf_counter() - start
    print(json.dumps({"rows": rows, "MiB": (_peak() - before) / 1024, "seconds": took}))


def _peak() -> int:
    """KiB of memory at the most so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _lived_in(folder: Path, url: str, size: int) -> Flask:
    """A newsroom with a crowd of so many, written if it is not there yet."""
    app = databases.newsroom(folder, url)
    with app.app_context():
        known = db.session.scalar(sa.select(sa.func.max(Person.id))) or 0
        if known < size:
            start = time.perf_counter()

            def say(what: str, done: int) -> None:
                if done % 10_000 == 0 or what != "people":
                    took = time.perf_counter() - start
                    print(f"\r{size:,}: {done:,} {what}, {took:,.0f} s", end="", file=sys.stderr)

            crowd.write(build.plans(), patrons=size, months=MONTHS, seed=SEED, progress=say)
            print(file=sys.stderr)
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(sa.text("vacuum analyze"))
    return app


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.figures", description=__doc__)
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--json", metavar="FILE", type=Path)
    parser.add_argument("--export", metavar="URL", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    logging.disable(logging.WARNING)
    if chosen.export:
        exported(chosen.export)
        return
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="hromada-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    told: dict[str, Any] = {"pages": [], "events": [], "export": None}
    try:
        for pair in events.with_and_without():
            print(pair.as_text(), flush=True)
            told["events"].append(pair.as_json())
        with databases.postgresql(folder) as url:
            sizes = [int(size) for size in chosen.sizes.split(",")]
            desks = [Desk(one, _lived_in(folder, url(f"crowd_{one}"), one)) for one in sizes]
            gc.freeze()  # as the application does when it is served
            print(
                f"{'page':<16}{'people':>10}{'median':>9}{'p95':>9}{'queries':>9}{'plain SQL':>12}"
            )
            for page in pages(desks):
                print(_line(page), flush=True)
                told["pages"].append(asdict(page))
            command = [sys.executable, "-m", "bench.figures", "--export", url(f"crowd_{sizes[-1]}")]
            told["export"] = json.loads(subprocess.check_output(command))
            print(
                "export: {rows:,} rows, {MiB:.0f} MiB more, {seconds:.0f} s".format(
                    **told["export"]
                )
            )
    finally:
        if chosen.folder is None:
            shutil.rmtree(folder, ignore_errors=True)
    if chosen.json:
        chosen.json.write_text(json.dumps(told, indent=2) + "\n")


def _line(page: Page) -> str:
    plain = f"{page.plain:>9,.0f} ms{page.ratio:>8,.0f} ×" if page.plain and page.ratio else ""
    return (
        f"{page.name:<16}{page.supporters:>10,}{page.median:>6.1f} ms{page.p95:>6.1f} ms"
        f"{page.queries:>9}{plain}"
    )


if __name__ == "__main__":
    main()
