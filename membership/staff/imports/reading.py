"""A CSV of whatever separator, quotes and line ends, a record at a time and in bounded memory."""

import csv
import io
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from membership.staff.imports.encodings import Unreadable, Why

SEPARATORS = ",;\t|"
SNIFFED = 64 * 1024
TRIED = 20
MOST_COLUMNS = 200
MOST_LINES = 200
LONGEST_RECORD = 100_000
LONGEST_CELL = 10_000
BROKEN = "\ufffd"


@dataclass(frozen=True)
class Record:
    """`line` is where it begins, counted from 1; `broken` says why it cannot be read."""

    line: int
    cells: list[str]
    broken: str | None = None


@dataclass(frozen=True)
class Line:
    number: int
    text: str
    is_whole: bool


def records(file: BinaryIO, encoding: str) -> Generator[Record, None, None]:
    """The records of `file`, the heads first; empty lines are none."""
    file.seek(0)
    separator, skipped = _separator(file, encoding)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, errors="replace", newline="")
    try:
        lines = _Lines(text)
        for _line in range(skipped):
            next(lines, None)
        yield from _parsed(lines, separator)
    finally:
        text.detach()


class _Lines:
    """Lines of no more than LONGEST_RECORD letters, which can be given back to be read again."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._number = 0
        self._back: list[Line] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> Line:
        if self._back:
            return self._back.pop()
        text = self._text.readline(LONGEST_RECORD)
        if not text:
            raise StopIteration
        self._number += 1
        is_whole = len(text) < LONGEST_RECORD or text.endswith(("\n", "\r"))
        rest = text
        while len(rest) == LONGEST_RECORD and not rest.endswith(("\n", "\r")):
            rest = self._text.readline(LONGEST_RECORD)
        return Line(self._number, text if is_whole else "", is_whole)

    def give_back(self, lines: list[Line]) -> None:
        self._back += reversed(lines)


def _parsed(lines: _Lines, separator: str) -> Iterator[Record]:
    for line in lines:
        if not line.is_whole:
            yield Record(line.number, [], "long")
        elif line.text.strip():
            record = _record(line, lines, separator)
            if record.broken or any(map(str.strip, record.cells)):
                yield record


def _record(first: Line, lines: _Lines, separator: str) -> Record:
    """What begins with `first`: a quoted cell goes on over as many lines as it needs.

    Where a quote is never closed the first line alone is broken, and the next begins anew.
    """
    taken, length = [first], len(first.text)
    while True:
        try:
            [cells] = csv.reader([line.text for line in taken], delimiter=separator, strict=True)
        except (csv.Error, ValueError) as error:
            if "unexpected end of data" not in str(error):
                lines.give_back(taken[1:])
                return Record(first.number, [first.text.strip()], "quotes")
        else:
            return _checked(first.number, cells)
        more = next(lines, None)
        if more is not None:
            taken.append(more)
            length += len(more.text)
        if more is None or len(taken) > MOST_LINES or length > LONGEST_RECORD:
            lines.give_back(taken[1:])
            return Record(first.number, [first.text.strip()], "quotes")


def _checked(line: int, cells: list[str]) -> Record:
    cells = [cell.replace("\0", "").strip() for cell in cells]
    while cells and not cells[-1] and len(cells) > MOST_COLUMNS:
        cells.pop()
    if len(cells) > MOST_COLUMNS:
        return Record(line, cells[:MOST_COLUMNS], "cells")
    if any(len(cell) > LONGEST_CELL for cell in cells):
        return Record(line, [cell[:200] for cell in cells], "long")
    if any(BROKEN in cell for cell in cells):
        return Record(line, cells, "letters")
    return Record(line, cells)


def _separator(file: BinaryIO, encoding: str) -> tuple[str, int]:
    """What parts the cells, and how many lines say only that, as Excel's `sep=;` does."""
    text = io.TextIOWrapper(file, encoding, errors="replace", newline="")
    try:
        start = text.read(SNIFFED)
    finally:
        text.detach()
    first = start.split("\n", 1)[0].strip()
    if first[:4].lower() == "sep=" and first[4:5] in SEPARATORS:
        return first[4], 1
    return max(SEPARATORS, key=lambda one: _fits(start, one)), 0


def _fits(start: str, separator: str) -> tuple[float, int]:
    """How many of the first records have as many cells as the first, and how many that is."""
    found: list[int] = []
    try:
        for cells in csv.reader(io.StringIO(start, newline=""), delimiter=separator):
            if cells:
                found.append(len(cells))
            if len(found) == TRIED:
                break
    except csv.Error:
        pass
    if not found or found[0] < 2:
        return 0, 0
    return sum(count == found[0] for count in found) / len(found), found[0]


def check_heads(heads: list[str]) -> None:
    """Raises Unreadable where the first record cannot be names of columns."""
    if any("@" in head for head in heads):
        raise Unreadable(Why.no_heads)
