"""Two people who turn out to be one, in the rounds that are open: one vote, as before.

The roll stays as it is, whose digest is public: the entry of who goes is never voted on again,
because their account is closed. A ballot of theirs is handed over, with its receipt.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from membership.clock import clock
from membership.extensions import db
from membership.patrons.models import Person
from membership.rounds import ballots, locks
from membership.rounds.models import RollEntry, Round


class CannotJoinVotes(ValueError):
    """In the round with this title the two cannot become one before it is closed."""


class BothVoted(CannotJoinVotes):
    """Each has a ballot, and nobody may take one of them away."""


class OnlyOtherOnRoll(CannotJoinVotes):
    """Who would stay has no vote in it, and the roll is taken."""


def hold_open() -> Sequence[Round]:
    """The rounds that are open, kept from closing until the transaction ends."""
    found = db.session.scalars(
        sa.select(Round)
        .where(
            Round.opened_at.is_not(None),
            Round.closed_at.is_(None),
            Round.closes_at > clock.now(),
        )
        .order_by(Round.id)
    ).all()
    for round in found:
        locks.shared(round)
    return [round for round in found if round.closed_at is None]


def carry(rounds: Sequence[Round], *, kept: Person, gone: Person) -> list[int]:
    """Hand over the ballots of `gone` in open `rounds`; the ids of the rounds with one.

    The caller holds both people locked, and nobody of them votes meanwhile. Raises BothVoted,
    OnlyOtherOnRoll.
    """
    carried = []
    for round in rounds:
        theirs, other = _entry(round, kept), _entry(round, gone)
        if other is None:
            continue
        if theirs is None:
            raise OnlyOtherOnRoll(round.title)
        if theirs.voted and other.voted:
            raise BothVoted(round.title)
        if other.voted:
            _hand_over(round, other, theirs)
            carried.append(round.id)
    return carried


def give_back(
    rounds: Sequence[Round], carried: Sequence[int], *, kept: Person, gone: Person
) -> None:
    """Hand back what was carried in rounds that are still open; in others it has been counted."""
    for round in rounds:
        theirs, other = _entry(round, kept), _entry(round, gone)
        if round.id in carried and theirs and other and theirs.voted and not other.voted:
            _hand_over(round, theirs, other)


def _hand_over(round: Round, source: RollEntry, target: RollEntry) -> None:
    ballots.hand_over(round, source.person_id, target.person_id)
    source.voted, target.voted = False, True


def _entry(round: Round, person: Person) -> RollEntry | None:
    return db.session.get(RollEntry, (round.id, person.id), populate_existing=True)
