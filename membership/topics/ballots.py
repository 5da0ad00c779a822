"""Casting, changing and reading back a ballot (docs/voting.md, "Secrecy")."""

import hmac
from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from membership.clock import clock
from membership.extensions import db, insert_once
from membership.patrons.models import Person
from membership.topics import roll
from membership.topics.models import Ballot, Round, RoundTopic


class RoundNotOpen(roll.CannotVote):
    """The round is still being prepared."""


class RoundClosed(roll.CannotVote):
    """The closing second has come, or the round was closed before it."""


class UnknownTopic(ValueError):
    """A tick for something that is not on this ballot."""


def cast(
    round: Round, *, by: Person, approvals: Collection[int], at: datetime | None = None
) -> None:
    """Put or replace the one ballot of `by`, in the caller's transaction.

    `approvals` are ids of topics; `at` (UTC) is now unless a history is being made up.
    Raises RoundNotOpen, RoundClosed, NotAMember, NotOnRoll, UnknownTopic.
    """
    key = _hold_open(round)
    at = at or clock.now()
    check_open(round, at=at)
    roll.enter_vote(round, by, at=at)
    if not set(approvals) <= {entry.topic_id for entry in round.entries}:
        raise UnknownTopic
    row = {"key": _name(key, by), "round_id": round.id, "approvals": sorted(set(approvals))}
    if not insert_once(Ballot, ["key"], row):
        db.session.execute(
            sa.update(Ballot).where(Ballot.key == row["key"]).values(approvals=row["approvals"])
        )


def check_open(round: Round, *, at: datetime | None = None) -> None:
    """Whether ballots are taken at `at` (UTC, default now). Raises RoundNotOpen, RoundClosed."""
    if round.opened_at is None:
        raise RoundNotOpen
    if round.closed_at is not None or (at or clock.now()) >= round.closes_at:
        raise RoundClosed


def own(round: Round, person: Person) -> frozenset[int] | None:
    """The ids that `person` has ticked; None if they have not voted, or the key is no more."""
    if round.ballot_key is None:
        return None
    approvals = db.session.scalar(
        sa.select(Ballot.approvals).where(Ballot.key == _name(round.ballot_key, person))
    )
    return None if approvals is None else frozenset(approvals)


def shuffled(round: Round, person: Person) -> Sequence[RoundTopic]:
    """The topics in an order of this voter's own that stays, so that none gains by its place."""
    if round.ballot_key is None:
        return round.entries
    key = round.ballot_key
    return sorted(
        round.entries, key=lambda entry: _hmac(key, f"order:{person.id}:{entry.topic_id}")
    )


def seal(round: Round) -> None:
    """Destroy the key and lay the ballots down anew, in the order of their names.

    Otherwise PostgreSQL's own notes on a row, the transaction that wrote it and its place on
    the disk, would lead from a ballot to the entry in the roll that was written with it.
    """
    rows = [
        {"key": key, "round_id": round.id, "approvals": approvals}
        for key, approvals in db.session.execute(
            sa.select(Ballot.key, Ballot.approvals)
            .where(Ballot.round_id == round.id)
            .order_by(Ballot.key)
        )
    ]
    db.session.execute(sa.delete(Ballot).where(Ballot.round_id == round.id))
    if rows:
        db.session.execute(sa.insert(Ballot), rows)
    round.ballot_key = None


def _hold_open(round: Round) -> bytes:
    """Keep the round from being closed until the transaction ends; its key."""
    db.session.refresh(round, with_for_update={"read": True})
    if round.closed_at is not None:
        raise RoundClosed
    if round.ballot_key is None:
        raise RoundNotOpen
    return round.ballot_key


def _name(key: bytes, person: Person) -> str:
    return _hmac(key, f"ballot:{person.id}")


def _hmac(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode(), "sha256").hex()
