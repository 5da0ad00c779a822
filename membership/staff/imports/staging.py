"""Reading a file into the database as it is, row by row, before anybody decides anything."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, BinaryIO

from membership import planner
from membership.clock import clock
from membership.extensions import db
from membership.patrons.models import Person
from membership.staff.import_models import Fate, Import, ImportKind, ImportRow, ImportState
from membership.staff.imports import dates, encodings, exporters, heads, keeping, reading, sums
from membership.staff.imports.encodings import Unreadable, Why
from membership.staff.imports.reading import Record
from membership.writes import insert_all

AT_ONCE = 1000
MOST_BYTES = 64 * 1024 * 1024
MOST_ROWS = 500_000
Told = Callable[[int], object]


def bring(
    file: BinaryIO,
    name: str,
    *,
    kind: ImportKind = ImportKind.members,
    encoding: str | None = None,
    by: Person | None,
    most: int = MOST_BYTES,
    told: Told = lambda rows: None,
) -> Import:
    """Keep the rows of `file`, and what its columns are likely to be. Commits, a batch at a time.

    `encoding` is how it is written, where that is known better than it can be found out; `told`
    hears how many rows are read. Raises Unreadable, and then nothing is kept.
    """
    looked = encodings.look(file, most=most)
    brought = Import(
        kind=kind,
        state=ImportState.reading,
        file_name=name[-200:],
        digest=looked.digest,
        encoding=_said(encoding, looked.encoding),
        heads=[],
        at=clock.now(),
        by_id=by.id if by else None,
    )
    db.session.add(brought)
    db.session.commit()
    try:
        _read(brought, file, told)
    except Unreadable:
        db.session.rollback()
        keeping.throw_away(brought)
        raise
    return brought


def _said(encoding: str | None, looked: str) -> str:
    """As somebody said, as far as the file can be that at all.

    A mark at the beginning of UTF-8 is no letter of the first column; UTF-16 without one has to be
    told which end comes first.
    """
    if encoding == "utf-16":
        return looked if looked.startswith("utf-16") else "utf-16-le"
    return "utf-8-sig" if encoding == "utf-8" else encoding or looked


def _read(brought: Import, file: BinaryIO, told: Told) -> None:
    with closing(reading.records(file, brought.encoding)) as records:
        _keep_rows(brought, records, told)


def _keep_rows(brought: Import, records: Iterator[Record], told: Told) -> None:
    first = next(records, None)
    if first is None:
        raise Unreadable(Why.empty)
    if first.broken:
        raise Unreadable(Why.columns if first.broken == "cells" else Why.no_heads)
    reading.check_heads(first.cells)
    names, columns = first.cells, [_Column() for _head in first.cells]
    batch: list[dict[str, Any]] = []
    number = 0
    for number, record in enumerate(records, 1):
        if number > MOST_ROWS:
            raise Unreadable(Why.many)
        batch.append(_row(brought.id, number, record, len(names)))
        if not batch[-1]["fate"]:
            for column, cell in zip(columns, record.cells, strict=False):
                column.see(cell)
        if len(batch) == AT_ONCE:
            _keep(batch)
            told(number)
            batch = []
    _keep(batch)
    if number == 0:
        raise Unreadable(Why.empty)
    _suppose(brought, names, columns)
    brought.rows = number
    brought.state = ImportState.matching
    db.session.commit()
    if number > AT_ONCE:
        planner.learn_of(ImportRow.__tablename__)


def _row(import_id: int, number: int, record: Record, width: int) -> dict[str, Any]:
    """A row that is broken is set aside at once, and so is one with more cells than columns."""
    reason = record.broken
    if reason is None and any(record.cells[width:]):
        reason = "cells"
    return {
        "import_id": import_id,
        "position": number,
        "line": record.line,
        "cells": record.cells,
        "fate": Fate.aside.value if reason else None,
        "reason": reason,
    }


def _keep(batch: list[dict[str, Any]]) -> None:
    insert_all(ImportRow, batch)
    db.session.commit()


def _suppose(brought: Import, names: list[str], columns: "list[_Column]") -> None:
    """Which column is which, by its name; an address at least is known by its @."""
    exporter = exporters.of(names) if brought.kind is ImportKind.members else None
    brought.heads = names
    brought.exporter = exporter.name if exporter else None
    brought.evidence = {str(place): column.evidence for place, column in enumerate(columns)}
    if brought.kind is ImportKind.bank:
        brought.matched = heads.guessed(names, heads.GUESSES_OF_A_BANK)
        return
    addresses = [place for place, column in enumerate(columns) if column.addresses]
    if not addresses:
        raise Unreadable(Why.no_address)
    matched = exporters.matched(exporter, names) if exporter else heads.guessed(names)
    if matched.get("email") not in addresses:
        best = max(addresses, key=lambda place: columns[place].addresses)
        matched = {field: place for field, place in matched.items() if place != best}
        matched["email"] = best
    brought.matched = matched


class _Column:
    """What the cells of a column say of it, one after the other."""

    def __init__(self) -> None:
        self.addresses = 0
        self._dates, self._sums = dates.Column(), sums.Column()

    def see(self, cell: str) -> None:
        if not cell or len(cell) > 64:
            return
        if "@" in cell:
            self.addresses += 1
        elif any(map(str.isdigit, cell)):
            self._dates.see(cell)
            self._sums.see(cell)

    @property
    def evidence(self) -> dict[str, Any]:
        return {
            "orders": self._dates.orders,
            "is_plain": self._dates.is_plain,
            "decimal": self._sums.decimal,
        }
