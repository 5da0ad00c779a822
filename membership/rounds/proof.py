"""What is published of a round so that nobody can change it unseen (docs/voting.md)."""

import hashlib
from datetime import UTC, datetime

import sqlalchemy as sa

from membership.extensions import db
from membership.rounds import equal_shares
from membership.rounds.models import Ballot, Round


def terms(round: Round) -> str:
    """The digest of what is frozen at the opening, withdrawn topics with it."""
    assert round.roll_size is not None and round.roll_digest is not None
    return equal_shares.terms_digest(
        rule=round.rule,
        share_step=round.share_step,
        budget=round.budget,
        unit=round.unit.value,
        quorum=round.quorum,
        closes_at=moment(round.closes_at),
        join_by=moment(round.join_by),
        roll=round.roll_size,
        roll_digest=round.roll_digest,
        seed_digest=seed_digest(round),
        topics=[(str(entry.topic_id), entry.cost, entry.title) for entry in round.entries],
    )


def moment(value: datetime | None) -> str:
    """A time as the terms and the file have it: ISO 8601 in UTC, to the second; "" for none."""
    return value.astimezone(UTC).isoformat(timespec="seconds") if value else ""


def seed_digest(round: Round) -> str:
    """What is public of the seed while the round is open."""
    return hashlib.sha256(round.seed.encode()).hexdigest()


def ballots(round: Round) -> str:
    """The digest of all ballots with their receipts."""
    rows = db.session.execute(
        sa.select(Ballot.receipt, Ballot.salt, Ballot.approvals).where(Ballot.round_id == round.id)
    )
    return equal_shares.ballots_digest(
        (row.receipt, row.salt, map(str, row.approvals)) for row in rows
    )
