from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from membership.extensions import Model
from membership.patrons.models import Person


class AuditEntry(Model):
    """Something a member of staff did. Rows are added, never changed."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    person_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), doc="None is the command line."
    )
    act: Mapped[str] = mapped_column(sa.String(64))
    about: Mapped[str] = mapped_column(sa.String(300))

    person: Mapped[Person | None] = relationship()


class PersonNote(Model):
    """What somebody of the staff wrote down about a person."""

    __tablename__ = "person_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(sa.Text)


class Segment(Model):
    """Filters of the list of people that somebody gave a name, as the query that they are."""

    __tablename__ = "segment"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    query: Mapped[str] = mapped_column(sa.String(2000))
    made_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    made_at: Mapped[datetime]

    made_by: Mapped[Person] = relationship()


class Joining(Model):
    """Two people who turned out to be one: who stays, and what exactly came from the other."""

    __tablename__ = "joining"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    kept_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    gone_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    moved: Mapped[dict[str, Any]] = mapped_column(
        doc="By table the numbers of the rows that came along, and what else was changed."
    )
    undone_at: Mapped[datetime | None]

    gone: Mapped[Person] = relationship(foreign_keys=[gone_id])
