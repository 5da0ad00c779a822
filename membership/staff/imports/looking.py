"""The dry run: what each row would add, and why some cannot be taken; nothing is added by it."""

from collections.abc import Sequence

import sqlalchemy as sa

from membership.extensions import db
from membership.staff.import_models import Fate, Import, ImportRow
from membership.staff.imports.fields import Reader
from membership.staff.imports.knowing import Known, fate_of
from membership.staff.imports.said import BROKEN, Fault, Said


def look_at(brought: Import, rows: Sequence[ImportRow]) -> None:
    """Say of each of these rows, which follow each other, what it would come to."""
    reader = Reader(brought)
    told = []
    for row in rows:
        if row.fate is Fate.aside and row.does == {} and row.email is None and row.reason in BROKEN:
            continue
        said = _read(reader, row)
        if said is not None:
            told.append((row, said))
    before = _before(brought, rows, told)
    known = Known(brought, told)
    first_lines = _first_lines(before)
    for earlier in db.session.scalars(_that_add(before)):
        known.learn(reader.read(earlier.cells), earlier.does)
    for row, said in told:
        first = first_lines.setdefault(said.email, row.line)
        if first != row.line and said.gift is None and not said.is_stripes:
            set_aside(row, Fault("twice", str(first)))
        else:
            row.does = known.adds(row, said)
            row.fate = fate_of(row.does)
        person = known.people.get(said.email)
        row.person_id = person.id if person else None


LEARNT = ("person", "name", "met", "member", "consent", "note")
"""What the rows after one have to know that it adds; its gift the database counts."""


def set_aside(row: ImportRow, fault: Fault) -> None:
    row.fate, row.reason, row.about, row.does = Fate.aside, fault.reason, fault.about or None, {}


def _read(reader: Reader, row: ImportRow) -> Said | None:
    row.fate, row.reason, row.about, row.does, row.gift = None, None, None, {}, None
    row.email = row.person_id = None
    try:
        said = reader.read(row.cells)
    except Fault as fault:
        set_aside(row, fault)
        return None
    row.email = said.email
    return said


def _before(
    brought: Import, rows: Sequence[ImportRow], told: Sequence[tuple[ImportRow, Said]]
) -> sa.ColumnElement[bool]:
    """Which rows stand before these and are about the same people."""
    return sa.and_(
        ImportRow.email.in_({said.email for _row, said in told}),
        ImportRow.import_id == brought.id,
        ImportRow.position < rows[0].position,
        ImportRow.fate != Fate.aside,
    )


def _first_lines(before: sa.ColumnElement[bool]) -> dict[str, int]:
    """Where in the file each of these people is first told of."""
    found = db.session.execute(
        sa.select(ImportRow.email, sa.func.min(ImportRow.line))
        .where(before)
        .group_by(ImportRow.email)
    )
    return {email: line for email, line in found if email}


def _that_add(before: sa.ColumnElement[bool]) -> sa.Select[ImportRow]:
    """Of them those from which something is to be learnt: as many as there are different things,
    and not as many as somebody gave gifts.
    """
    adds = (ImportRow.does[thing].as_string().is_not(None) for thing in LEARNT)
    return sa.select(ImportRow).where(before, sa.or_(*adds)).order_by(ImportRow.position)
