"""What became of a file: its rows for the screen and for a file, and the list of all files."""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from membership.extensions import db
from membership.staff.import_models import LAST, Fate, Import, ImportRow
from membership.staff.imports import import_words

AT_ONCE = 1000
SHOWN_FIRST = 3
HEADS = ("line", "e-mail", "what", "why")


def listed(*, limit: int, offset: int) -> Sequence[Import]:
    """Files, the latest first."""
    return db.session.scalars(
        sa.select(Import)
        .options(joinedload(Import.by))
        .order_by(Import.id.desc())
        .limit(limit)
        .offset(offset)
    ).all()


def find(import_id: int) -> Import | None:
    """Of this mode alone."""
    if import_id > LAST:
        return None
    return db.session.scalar(sa.select(Import).where(Import.id == import_id))


def rows(
    brought: Import, fate: Fate | None, *, is_with_people: bool = False, limit: int, offset: int
) -> Sequence[ImportRow]:
    """In the order of the file; of one fate, or all."""
    wanted = sa.select(ImportRow).where(ImportRow.import_id == brought.id)
    if is_with_people:
        wanted = wanted.options(joinedload(ImportRow.person))
    if fate is not None:
        wanted = wanted.where(ImportRow.fate == fate)
    wanted = wanted.order_by(ImportRow.position).limit(limit).offset(offset)
    return db.session.scalars(wanted).all()


def first_rows(brought: Import) -> Sequence[ImportRow]:
    return db.session.scalars(
        sa.select(ImportRow)
        .where(ImportRow.import_id == brought.id, ImportRow.fate.is_distinct_from(Fate.aside))
        .order_by(ImportRow.position)
        .limit(SHOWN_FIRST)
    ).all()


def lines(brought: Import) -> Iterator[tuple[object, ...]]:
    """Each row's line, address, what becomes of it and why; so many in memory at a time."""
    last = 0
    while True:
        batch = db.session.scalars(
            sa.select(ImportRow)
            .where(ImportRow.import_id == brought.id, ImportRow.position > last)
            .order_by(ImportRow.position)
            .limit(AT_ONCE)
        ).all()
        for row in batch:
            fate = import_words.fate_name(row.fate) if row.fate else ""
            address = row.email or next((cell for cell in row.cells if "@" in cell), "")
            yield row.line, address, fate, import_words.said_of(row)
        if len(batch) < AT_ONCE:
            return
        last = batch[-1].position
