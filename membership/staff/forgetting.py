"""Forgetting somebody: who they are, then what they follow and what was noted of them."""

import sqlalchemy as sa

from membership.extensions import db
from membership.giving import erasure
from membership.patrons.models import Person
from membership.staff import audit
from membership.staff.models import PersonNote
from membership.topics import follows


def erase(person: Person, *, by: Person | None) -> None:
    """End their billing at Stripe, then forget who it was; `by` None is the command line.

    Raises StripeDown and StripeRefused, and then nothing is forgotten. Commits.
    """
    erasure.erase(person)
    follows.forget(person)
    db.session.execute(sa.delete(PersonNote).where(PersonNote.person_id == person.id))
    audit.note("erase", f"person {person.id}", by=by)
    db.session.commit()
