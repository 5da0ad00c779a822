"""Files that were brought along, row by row: what was read, what became of it, what it made."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from membership.extensions import Model
from membership.modes import OfMode
from membership.patrons.models import Person

LAST = 2**31 - 1
"""No file and no row has a higher number, and no database takes one to look for it."""


class ImportKind(StrEnum):
    members = "members"
    bank = "bank"


class ImportState(StrEnum):
    """Where a file has come to. `looking` is the dry run; `ready` is looked through."""

    reading = "reading"
    matching = "matching"
    looking = "looking"
    ready = "ready"
    taking = "taking"
    taken = "taken"
    undoing = "undoing"
    undone = "undone"


class Fate(StrEnum):
    """What a row comes to: a `new` person, `more` about one, `nothing` new, or it is set `aside`.

    Of a bank's line: `asked` waits for somebody to say whose it is.
    """

    new = "new"
    more = "more"
    nothing = "nothing"
    aside = "aside"
    asked = "asked"


class Import(OfMode, Model):
    """A file that somebody brought along."""

    __tablename__ = "import_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ImportKind]
    state: Mapped[ImportState]
    file_name: Mapped[str] = mapped_column(sa.String(200))
    digest: Mapped[str] = mapped_column(sa.String(64), index=True, doc="SHA-256 of its bytes.")
    encoding: Mapped[str] = mapped_column(sa.String(16))
    exporter: Mapped[str | None] = mapped_column(
        sa.String(32), doc="Which program's export it is, as far as its columns say."
    )
    heads: Mapped[list[Any]] = mapped_column(doc="The names of its columns.")
    evidence: Mapped[dict[str, Any]] = mapped_column(
        default=dict, doc="By the number of a column, how its dates and amounts can be read."
    )
    matched: Mapped[dict[str, Any]] = mapped_column(
        default=dict, doc="By our field the number of the column it is read from."
    )
    answers: Mapped[dict[str, Any]] = mapped_column(
        default=dict, doc="What was said on the page of columns beside them."
    )
    rows: Mapped[int] = mapped_column(default=0)
    place: Mapped[int] = mapped_column(
        default=0, doc="The number of the last row that the step at hand has done."
    )
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), doc="None is the command line."
    )

    by: Mapped[Person | None] = relationship()


class ImportRow(Model):
    """A row of such a file. What was read of it goes when the person is erased."""

    __tablename__ = "import_row"
    __table_args__ = (
        sa.Index("ix_import_row_email", "email", "import_id", "position"),
        sa.Index("ix_import_row_fate", "import_id", "fate", "position"),
        sa.Index("ix_import_row_gift", "gift", "import_id", "position"),
    )

    import_id: Mapped[int] = mapped_column(
        sa.ForeignKey("import_file.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True, doc="Counted from 1.")
    line: Mapped[int] = mapped_column(doc="The line of the file on which it begins.")
    cells: Mapped[list[Any]]
    email: Mapped[str | None] = mapped_column(sa.String(320))
    fate: Mapped[Fate | None] = mapped_column(doc="None until it was looked at.")
    reason: Mapped[str | None] = mapped_column(
        sa.String(32), doc="Why it is set aside, or why what it made stays."
    )
    about: Mapped[str | None] = mapped_column(sa.String(200), doc="What the reason is about.")
    does: Mapped[dict[str, Any]] = mapped_column(
        default=dict, doc="What it adds, or would: by the name of each thing what it is."
    )
    gift: Mapped[str | None] = mapped_column(
        sa.String(64), doc="What the gift in it is known by, in whatever file it comes again."
    )
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    made: Mapped[dict[str, Any]] = mapped_column(
        default=dict, doc="By the name of each thing the number of what was made."
    )
    is_taken: Mapped[bool] = mapped_column(default=False)
    is_undone: Mapped[bool] = mapped_column(default=False)

    person: Mapped[Person | None] = relationship()
