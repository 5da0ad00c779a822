"""Holding a round against what was published of it: `rounds verify`, on any copy of the database.

What an attacker with the database could forge together with its digests, members can tell by
the digests they were shown: on the pages, in the mails, in the published file.
"""

import sqlalchemy as sa

from membership.extensions import db
from membership.rounds import ballots, equal_shares, proof, published, results, roll
from membership.rounds.equal_shares import Check
from membership.rounds.models import Ballot, RollEntry, Round


def verify(round: Round) -> list[Check]:
    """Every check that the round's state allows. Raises RoundNotOpen."""
    if round.opened_at is None:
        raise ballots.RoundNotOpen
    checks = [_roll(round), _terms(round), *_receipts(round), _as_many_as_voted(round)]
    if round.closed_at is None:
        return [*checks, _from_the_roll(round)]
    return [*checks, _ballots(round), _count(round), *_file(round)]


def _roll(round: Round) -> Check:
    size, digest = roll.digest(round)
    if round.roll_digest is None:
        return Check("roll", None, "opened before the roll had a digest")
    same = (size, digest) == (round.roll_size, round.roll_digest)
    return Check(
        "roll", same, f"{size} people, {digest}; noted {round.roll_size}, {round.roll_digest}"
    )


def _terms(round: Round) -> Check:
    if round.terms_digest is None:
        return Check("terms", None, "opened before the terms had a digest")
    found = proof.terms(round)
    return Check("terms", found == round.terms_digest, f"{found}; noted {round.terms_digest}")


def _receipts(round: Round) -> list[Check]:
    topics = {entry.topic_id for entry in round.entries}
    rows = db.session.execute(
        sa.select(Ballot.receipt, Ballot.salt, Ballot.approvals).where(Ballot.round_id == round.id)
    ).all()
    strange = [row.receipt for row in rows if not topics.issuperset(row.approvals)]
    found = [Check("topics", not strange, _named("with a topic that is not there", strange))]
    if round.terms_digest is None:
        return [*found, Check("receipts", None, "opened before there were receipts")]
    wrong = [
        row.receipt
        for row in rows
        if row.receipt
        != equal_shares.receipt(round.terms_digest, row.salt, map(str, row.approvals))
    ]
    return [*found, Check("receipts", not wrong, _named("unlike their receipts", wrong))]


def _as_many_as_voted(round: Round) -> Check:
    there = db.session.scalar(
        sa.select(sa.func.count()).select_from(Ballot).where(Ballot.round_id == round.id)
    )
    voted = roll.turnout(round).voted
    return Check("voters", there == voted, f"{there} ballots, {voted} people who voted")


def _from_the_roll(round: Round) -> Check:
    """While the key is there, each ballot has a voter, whoever they are."""
    voted = db.session.scalars(
        sa.select(RollEntry.person_id).where(RollEntry.round_id == round.id, RollEntry.voted)
    ).all()
    keys = frozenset(db.session.scalars(sa.select(Ballot.key).where(Ballot.round_id == round.id)))
    same = keys == ballots.names(round, voted)
    return Check("owners", same, "each ballot belongs to somebody who voted")


def _ballots(round: Round) -> Check:
    if round.ballots_digest is None:
        return Check("ballots", None, "closed before the ballots had a digest")
    found = proof.ballots(round)
    return Check("ballots", found == round.ballots_digest, f"{found}; noted {round.ballots_digest}")


def _count(round: Round) -> Check:
    same = results.counted(round) == round.result
    return Check("count", same, "counting again gives the result on the page")


def _file(round: Round) -> list[Check]:
    """What anybody can check with the published file alone."""
    data = "".join(f"{line}\n" for line in published.recount_file(round)).encode()
    return [
        Check(f"file: {check.name}", check.ok, check.detail) for check in equal_shares.checked(data)
    ]


def _named(what: str, receipts: list[str]) -> str:
    shown = ", ".join(receipts[:10])
    return f"{len(receipts)} ballots {what}{': ' + shown if shown else ''}"
