"""Forgetting somebody: who they are, what files said of them, what they follow, notes of them."""

from collections.abc import Sequence

import sqlalchemy as sa

from membership.articles.corrections import forgetting as corrections
from membership.extensions import db
from membership.giving import erasure
from membership.patrons import people
from membership.patrons.models import Person
from membership.staff import audit
from membership.staff.import_models import ImportRow
from membership.staff.models import PersonNote
from membership.topics import follows


def erase(person: Person, *, by: Person | None) -> None:
    """End their billing at Stripe, then forget who it was; `by` None is the command line.

    Raises StripeDown and StripeRefused, and then nothing is forgotten. Commits.
    """
    for one in (*_joined(person), person):
        _forget_rows(one)
        corrections.forget(one.email)
        erasure.erase(one)
    follows.forget(person)
    db.session.execute(sa.delete(PersonNote).where(PersonNote.person_id == person.id))
    audit.note("erase", f"person {person.id}", by=by)
    db.session.commit()


def forget_reader(email: str) -> bool:
    """Forget the address of who is no person here but pointed something out; False if none did.
    Commits.

    Raises NotAnAddress.
    """
    of_how_many = corrections.forget(people.normalise(email))
    if of_how_many:
        audit.note("erase", "a reader", by=None)
    db.session.commit()
    return of_how_many > 0


def _forget_rows(person: Person) -> None:
    """What files said of them; that there was a row, and that it was taken in, stays."""
    its = sa.or_(ImportRow.person_id == person.id, ImportRow.email == person.email)
    db.session.execute(
        sa.update(ImportRow)
        .where(its)
        .values(cells=[], email=None, about=None, does={}, made={}, gift=None)
    )


def _joined(person: Person) -> Sequence[Person]:
    """Who turned out to be one with them."""
    return db.session.scalars(sa.select(Person).where(Person.joined_into_id == person.id)).all()
