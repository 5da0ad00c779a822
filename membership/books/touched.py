"""Whose facts the transaction at hand adds to; `history/upkeep.py` follows before it commits."""

from membership.extensions import db

NAME = "touched"


def touch(person_id: int) -> None:
    """Say that a fact of this person was added, or taken back."""
    db.session.info.setdefault(NAME, set()).add(person_id)
