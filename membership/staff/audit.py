"""The log of what staff did."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from membership.clock import clock
from membership.extensions import db
from membership.patrons.models import Person
from membership.staff.models import AuditEntry

AT_ONCE = 1000


def note(act: str, about: str, *, by: Person | None) -> None:
    """Write down an act in the caller's transaction; `by` None is the command line."""
    db.session.add(
        AuditEntry(at=clock.now(), act=act, about=about, person_id=by.id if by else None)
    )


def carry_out(act: str, about: str, work: Callable[[], object], *, by: Person) -> None:
    """Do `work` and write it down, in one transaction. Commits; raises what `work` raises."""
    work()
    note(act, about, by=by)
    db.session.commit()


def latest(limit: int) -> Sequence[AuditEntry]:
    return db.session.scalars(
        sa.select(AuditEntry)
        .options(joinedload(AuditEntry.person))
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    ).all()


def every() -> Iterator[Any]:
    """All of it, the latest first, as columns, so many in memory at a time."""
    yield from db.session.execute(
        sa.select(AuditEntry.at, Person.email, AuditEntry.act, AuditEntry.about)
        .outerjoin(Person, Person.id == AuditEntry.person_id)
        .order_by(AuditEntry.id.desc())
        .execution_options(yield_per=AT_ONCE)
    )
