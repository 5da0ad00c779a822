"""Lists as CSV: UTF-8, streamed as the rows are read, and safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from flask import Response, stream_with_context

# What a spreadsheet takes for a formula (owasp.org/www-community/attacks/CSV_Injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r")
ROWS_AT_ONCE = 200


def answer(name: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A download called `name`.csv; of many rows no more than a few are in memory at a time."""
    response = Response(stream_with_context(_lines(heads, rows)), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _lines(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(heads)
    for number, row in enumerate(rows, 1):
        writer.writerow(map(cell, row))
        if number % ROWS_AT_ONCE == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def cell(value: object) -> str:
    """As text; what people wrote and a spreadsheet would run is marked as text.

    Numbers stay numbers, those below zero too.
    """
    if value is None:
        return ""
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA) else text


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
