"""Being named in public as somebody who gives: by consent only, and as long as it stands."""

import sqlalchemy as sa

from membership.clock import clock
from membership.extensions import db, insert_or_replace
from membership.patrons.models import Person
from membership.patrons.naming_models import NamingConsent

TEXT_VERSION = "2026-11"
"""Of the words in templates/giving/_naming.html: whoever changes what they promise changes it."""


def of(person: Person) -> NamingConsent | None:
    """The consent of `person` that stands."""
    return db.session.scalar(
        sa.select(NamingConsent).where(
            NamingConsent.person_id == person.id, NamingConsent.withdrawn_at.is_(None)
        )
    )


def consent(person: Person, name: str) -> None:
    """`person` may be named in public, as `name`; in place of what they said before."""
    row = {
        "person_id": person.id,
        "name": name,
        "text_version": TEXT_VERSION,
        "given_at": clock.now(),
        "withdrawn_at": None,
    }
    insert_or_replace(NamingConsent, ["person_id"], row)


def withdraw(person: Person) -> None:
    """`person` may not be named any more; that they once agreed, and to what, stays."""
    db.session.execute(
        sa.update(NamingConsent)
        .where(NamingConsent.person_id == person.id, NamingConsent.withdrawn_at.is_(None))
        .values(name=None, withdrawn_at=clock.now())
    )


def forget(person: Person) -> None:
    """Take out whatever `person` ever agreed to."""
    db.session.execute(sa.delete(NamingConsent).where(NamingConsent.person_id == person.id))
