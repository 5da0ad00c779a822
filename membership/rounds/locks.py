"""Locks on a round, each held until the transaction ends."""

from membership.extensions import db
from membership.rounds.models import Round


def exclusive(round: Round) -> None:
    """Keep others from opening, closing, changing it and from voting."""
    db.session.flush()  # a refresh forgets what is not written yet
    db.session.refresh(round, with_for_update={"of": Round})


def shared(round: Round) -> None:
    """Keep others from closing it; as many as like may vote at once."""
    db.session.refresh(round, with_for_update={"read": True})
