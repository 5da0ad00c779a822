"""Filters of the list of people that are kept under a name."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from membership.clock import clock
from membership.extensions import db, insert_once
from membership.patrons.models import Person
from membership.staff import audit
from membership.staff.models import Segment

MOST = 100


class NameTaken(ValueError):
    """Another segment is called so."""


def listed() -> Sequence[Segment]:
    return db.session.scalars(
        sa.select(Segment).options(joinedload(Segment.made_by)).order_by(Segment.name).limit(MOST)
    ).all()


def keep(name: str, query: str, *, by: Person) -> None:
    """Give `query`, as the list's address has it, a name. Raises NameTaken. Commits."""
    row = {"name": name, "query": query, "made_by_id": by.id, "made_at": clock.now()}
    if not insert_once(Segment, ["name"], row):
        raise NameTaken
    audit.note("keep segment", name, by=by)
    db.session.commit()


def drop(segment_id: int, *, by: Person) -> None:
    """Forget a segment, and nobody in it; LookupError if there is none. Commits."""
    segment = db.session.get(Segment, segment_id)
    if segment is None:
        raise LookupError(segment_id)
    db.session.delete(segment)
    audit.note("drop segment", segment.name, by=by)
    db.session.commit()
