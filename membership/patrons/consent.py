"""Being written to by the newsroom: by consent only, and as long as it stands.

Letters that somebody's own giving, votes or account bring about need none.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from membership.clock import clock
from membership.extensions import db
from membership.patrons.consent_models import LetterConsent
from membership.patrons.models import Person

STANDS = LetterConsent.withdrawn_at.is_(None)
GIVING, ACCOUNT = "giving", "account"


def of(person: Person) -> LetterConsent | None:
    """The consent of `person` that stands."""
    return db.session.scalar(
        sa.select(LetterConsent).where(LetterConsent.person_id == person.id, STANDS).limit(1)
    )


def standing(person_ids: Sequence[int]) -> dict[int, datetime]:
    """Since when (UTC) each of these may be written to who may; one query."""
    rows = db.session.execute(
        sa.select(LetterConsent.person_id, LetterConsent.given_at).where(
            LetterConsent.person_id.in_(person_ids), STANDS
        )
    )
    return dict(rows.tuples().all())


def agree(person: Person, text: str, *, language: str, where: str, at: datetime) -> None:
    """`person` may be written to, having agreed to these words at that moment (UTC).

    Nothing where they did already, or have said since that they would not.
    """
    newer = sa.select(LetterConsent.id).where(
        LetterConsent.person_id == person.id, sa.or_(STANDS, LetterConsent.withdrawn_at > at)
    )
    if db.session.scalar(newer.limit(1)) is None:
        db.session.add(
            LetterConsent(
                person_id=person.id, text=text, language=language, where=where, given_at=at
            )
        )


def withdraw(person: Person) -> None:
    """`person` is written to no more; that they once agreed, and to what, stays."""
    db.session.execute(
        sa.update(LetterConsent)
        .where(LetterConsent.person_id == person.id, STANDS)
        .values(withdrawn_at=clock.now())
    )


def forget(person: Person) -> None:
    """Take out whatever `person` ever agreed to."""
    db.session.execute(sa.delete(LetterConsent).where(LetterConsent.person_id == person.id))
