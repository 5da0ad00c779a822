"""The file with which anybody counts a closed round again: what is in it, and what is not."""

from collections.abc import Iterator

import sqlalchemy as sa

from membership.extensions import db, settings
from membership.rounds import equal_shares, proof, roll
from membership.rounds.equal_shares import Vote
from membership.rounds.models import Ballot, Round

FEWEST_LISTED = 20


def is_listed(round: Round) -> bool:
    """Whether the ballots of a closed round are published, by their receipts."""
    return round.result is not None and round.result["voters"] >= FEWEST_LISTED


def recount_file(round: Round) -> Iterator[str]:
    """The lines of a Pabulib file of a closed round.

    With fewer than 20 voters a single ballot could be guessed, so only the totals are there.
    """
    assert round.result is not None and round.opened_at is not None and round.closed_at is not None
    listed = is_listed(round)
    return equal_shares.written(
        meta={
            "description": round.title,
            "unit": settings.newsroom_name,
            "num_projects": len(round.ballot),
            "num_votes": round.result["voters"],
            "budget": round.budget,
            "cost_unit": round.unit.value,
            "vote_type": "approval",
            "rule": round.rule,
            "share_step": round.share_step,
            "seed": round.seed,
            "date_begin": f"{round.opened_at:%d.%m.%Y}",
            "date_end": f"{round.closed_at:%d.%m.%Y}",
            **_proofs(round),
            **({} if listed else {"totals_only": 1}),
        },
        projects=[
            {
                "project_id": row["id"],
                "cost": row["cost"],
                "votes": row["approvals"],
                "name": row["name"],
                "selected": int(row["won"]),
            }
            for row in round.result["topics"]
        ],
        votes=_listed_votes(round) if listed else (),
    )


def _proofs(round: Round) -> dict[str, object]:
    if round.terms_digest is None:
        return {}
    return {
        "quorum": round.quorum,
        "closes_at": proof.moment(round.closes_at),
        "join_by": proof.moment(round.join_by),
        "roll": round.roll_size,
        "let_in": roll.turnout(round).roll - (round.roll_size or 0),
        "roll_digest": round.roll_digest,
        "seed_digest": proof.seed_digest(round),
        "terms_digest": round.terms_digest,
        "ballots_digest": round.ballots_digest,
        **{
            f"withdrawn_{entry.topic_id}": f"{entry.cost} {entry.title}"
            for entry in round.entries
            if entry.withdrawn_at is not None
        },
    }


def _listed_votes(round: Round) -> Iterator[Vote]:
    """All ballots, sorted by their receipts, which say nothing of who or when."""
    rows = db.session.execute(
        sa.select(Ballot.receipt, Ballot.salt, Ballot.approvals)
        .where(Ballot.round_id == round.id)
        .order_by(Ballot.receipt)
    )
    has_terms = round.terms_digest is not None
    return (
        Vote(receipt, sorted(map(str, approvals)), salt if has_terms else None)
        for receipt, salt, approvals in rows
    )
