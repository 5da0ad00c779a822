"""Everything that a newsroom owns, as CSV with a description: enough to move to another system."""

import csv
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from config import Mode
from membership import days, reading
from membership.clock import clock
from membership.extensions import Base, db, settings
from membership.staff.sheets import cell

AT_ONCE = 1000
README = "README.md"
LEFT_OUT = {
    "account_look": "what a look through the Stripe account found",
    "address_change": "an address that waits to be confirmed; the one in force stands in person",
    "ballot": "secret while a round is open, and afterwards published with its outcome",
    "counted_by": "the time zone of the days of sums, which the description names",
    "daily_sum": "follows from the rest: sums by day",
    "import_row": "what was read of files that came along; what came of it stands in the rest",
    "held_back": "counts of tries with stolen cards",
    "invoice_payment": "Stripe has them",
    "let_go": "subscriptions on their way out of the books, for a moment",
    "logo": "pictures; `/logo/` and the digest in `setting` show the one in force",
    "outgoing_mail": "letters, with links that sign somebody in",
    "sign_in_link": "keys to accounts",
    "stripe_event": "Stripe has them",
    "sum_change": "follows from the rest: sums by day",
    "untaken": "what a comparison with Stripe could not take",
    "webhook_endpoint": "holds the secret that Stripe signs by",
}
"""Tables that are not a newsroom's to take along, each with why."""
SECRET = {
    "correction_report": {"client"},
    "donation": {"attempt", "client", "visitor", "session_url"},
    "failed_payment": {"pay_at"},
    "person": {"password", "fs_uniquifier"},
    "round": {"ballot_key", "roll_salt", "seed"},
}
"""Columns of the others that let somebody in, or tell what was to stay unknown."""
OTHERWISE_DESCRIBED = {"person_role": "Which roles at the desk somebody has."}


INTRODUCTION = """\
One file for each table, as CSV in UTF-8 with a first line of names. Amounts are in minor units
of their currency (cents), and never of two currencies added up. Moments are in UTC as ISO 8601
writes them. A cell that a spreadsheet would take for a formula begins with an apostrophe. What
ends in `_id` is the `id` of a row in another table; who was met in another mode only is there
too, so that no row lacks whom it is of.

The subscriptions themselves, the cards and whatever is charged from now on are Stripe's: they go
on there, and `stripe_…` says by which number.""".splitlines()


class CannotExport(Exception):
    """The folder is no place for it; the message says why."""


def export(folder: Path, told: Callable[[str, int], None] = lambda table, rows: None) -> None:
    """Write each table to `folder` as it stood at one moment, those with a mode in this one alone;
    `told` hears of each with its number of rows.

    The folder is there once all of it is, for whoever runs the command alone to read. In bounded
    memory. Raises CannotExport.
    """
    if folder.exists():
        raise CannotExport(f"{folder} is there already; name a folder that is not")
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    try:
        unfinished.parent.mkdir(parents=True, exist_ok=True)
        unfinished.mkdir(mode=0o700)
    except OSError as error:
        raise CannotExport(f"{unfinished}: {error.strerror}; remove it, or name another") from error
    mode, level = settings.mode, _isolation()
    with reading.alone(), db.engine.connect().execution_options(**level) as connection:
        for table in _tables():
            told(table.name, _write(connection, table, unfinished, mode))
    (unfinished / README).write_text("\n".join(_description(mode)) + "\n", encoding="utf-8")
    unfinished.rename(folder)


def _isolation() -> dict[str, Any]:
    """SQLite reads what was there when it began, in any case."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    return {} if is_sqlite else {"isolation_level": "REPEATABLE READ"}


def _tables() -> list[sa.Table]:
    return [table for table in db.metadata.sorted_tables if table.name not in LEFT_OUT]


def _columns(table: sa.Table) -> list[sa.Column[Any]]:
    hidden = SECRET.get(table.name, set())
    return [column for column in table.columns if column.name not in hidden]


def _of_mode(table: sa.Table, mode: Mode) -> list[sa.ColumnElement[bool]]:
    """Of rows with a mode those of this one; of others those that hang on such."""
    if "mode" in table.columns:
        return [table.columns["mode"] == mode]
    return [
        sa.or_(column.is_(None), column.in_(sa.select(key.column).where(*its)))
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table is not table and (its := _of_mode(key.column.table, mode))
    ]


def _not_secret(table: sa.Table) -> list[sa.ColumnElement[bool]]:
    """While a round is open nobody is told who has voted."""
    if table.name != "roll_entry":
        return []
    round = db.metadata.tables["round"].c
    closed = sa.select(round.id).where(round.closed_at.is_not(None))
    return [table.c.round_id.in_(closed)]


def _write(connection: sa.Connection, table: sa.Table, folder: Path, mode: Mode) -> int:
    columns = _columns(table)
    wanted = sa.select(*columns).where(*_of_mode(table, mode), *_not_secret(table))
    wanted = wanted.order_by(*table.primary_key.columns)
    count = 0
    with (folder / f"{table.name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(column.name for column in columns)
        rows = connection.execution_options(yield_per=AT_ONCE).execute(wanted)
        for count, row in enumerate(rows, 1):  # noqa: B007 - it is what is told afterwards
            writer.writerow(cell(_plain(value)) for value in row)
    return count


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return value


def _description(mode: Mode) -> Iterator[str]:
    yield f"# {settings.newsroom_name}: everything it owns"
    yield ""
    yield f"Taken out on {days.written(clock.now())}, of {mode} mode."
    yield ""
    yield from INTRODUCTION
    yield f"Days are those of {settings.timezone}."
    classes = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
    for table in _tables():
        yield ""
        yield f"## {table.name}.csv"
        yield _said(classes[table.name]) if table.name in classes else _otherwise(table)
        yield ""
        for column in _columns(table):
            refers = "".join(f" → {key.column.table.name}" for key in column.foreign_keys)
            yield f"- `{column.name}`{refers}{f': {column.doc}' if column.doc else ''}"
    yield ""
    yield "## What is not here"
    for name, why in sorted(LEFT_OUT.items()):
        yield f"- `{name}`: {why}"
    for name, columns in sorted(SECRET.items()):
        yield f"- of `{name}`: {', '.join(sorted(columns))}"


def _said(model: type) -> str:
    return " ".join((model.__doc__ or "").split())


def _otherwise(table: sa.Table) -> str:
    return OTHERWISE_DESCRIBED[table.name]
