"""Casting, changing, withdrawing and reading back a ballot (docs/voting.md, "Secrecy")."""

import hmac
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from membership.clock import clock
from membership.extensions import db, insert_or_replace
from membership.patrons.models import Person
from membership.rounds import equal_shares, locks, roll
from membership.rounds.models import Ballot, Round, RoundTopic

ON_BALLOT = sa.select(RoundTopic.topic_id).where(
    RoundTopic.round_id == sa.bindparam("round_id"), RoundTopic.withdrawn_at.is_(None)
)


class RoundNotOpen(roll.CannotVote):
    """The round is still being prepared."""


class RoundClosed(roll.CannotVote):
    """The closing second has come, or the round was closed before it."""


class UnknownTopic(ValueError):
    """A tick for something that is not on this ballot, or no longer."""


@dataclass(frozen=True)
class OwnBallot:
    """What a voter ticked, by id, and the receipt to find it by after the close."""

    ticked: frozenset[int]
    receipt: str


def cast(
    round: Round, *, by: Person, approvals: Collection[int], at: datetime | None = None
) -> str:
    """Put or replace the one ballot of `by`, in the caller's transaction; its receipt.

    `approvals` are ids of topics; `at` (UTC) is now unless a history is being made up. Every
    saving has a receipt of its own, because it commits to what was ticked. Raises RoundNotOpen,
    RoundClosed, NotAMember, NotSettled, NotOnRoll, UnknownTopic.
    """
    key = _hold_open(round)
    at = at or clock.now()
    check_open(round, at=at)
    roll.hold(by)
    roll.enter_vote(round, by, at=at)
    ticked = sorted(set(approvals))
    if not set(ticked) <= set(db.session.scalars(ON_BALLOT, {"round_id": round.id})):
        raise UnknownTopic
    salt = secrets.token_hex(16)
    receipt = equal_shares.receipt(round.terms_digest or "", salt, map(str, ticked))
    values = {"approvals": ticked, "salt": salt, "receipt": receipt}
    insert_or_replace(Ballot, ["key"], {"key": _name(key, by), "round_id": round.id, **values})
    return receipt


def withdraw(round: Round, *, by: Person) -> bool:
    """Take back the ballot of `by`, in the caller's transaction; False if there is none.

    Raises RoundNotOpen, RoundClosed, NotAMember for whose account was closed.
    """
    key = _hold_open(round)
    check_open(round)
    roll.hold(by)
    gone = db.session.execute(sa.delete(Ballot).where(Ballot.key == _name(key, by)))
    roll.leave_vote(round, by)
    return bool(gone.rowcount)  # type: ignore[attr-defined]


def hand_over(round: Round, source: int, target: int) -> None:
    """Let the ballot of one person, by id, be another's; its receipt stays."""
    assert round.ballot_key is not None
    names = [_hmac(round.ballot_key, f"ballot:{person_id}") for person_id in (source, target)]
    db.session.execute(sa.update(Ballot).where(Ballot.key == names[0]).values(key=names[1]))


def check_open(round: Round, *, at: datetime | None = None) -> None:
    """Whether ballots are taken at `at` (UTC, default now). Raises RoundNotOpen, RoundClosed."""
    if round.opened_at is None:
        raise RoundNotOpen
    if round.closed_at is not None or (at or clock.now()) >= round.closes_at:
        raise RoundClosed


def own(round: Round, person: Person) -> OwnBallot | None:
    """The ballot of `person`; None if they have not voted, or the key is no more."""
    if round.ballot_key is None:
        return None
    row = db.session.execute(
        sa.select(Ballot.approvals, Ballot.receipt).where(
            Ballot.key == _name(round.ballot_key, person)
        )
    ).first()
    return None if row is None else OwnBallot(frozenset(row.approvals), row.receipt)


def by_receipt(round: Round, receipt: str) -> frozenset[int] | None:
    """What the ballot with this receipt ticked, in a closed round whose ballots are published."""
    approvals = db.session.scalar(
        sa.select(Ballot.approvals).where(Ballot.round_id == round.id, Ballot.receipt == receipt)
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


def names(round: Round, people: Collection[int]) -> frozenset[str]:
    """Under which codes ballots of these people, by id, would be found while the round is open."""
    assert round.ballot_key is not None
    return frozenset(_hmac(round.ballot_key, f"ballot:{person_id}") for person_id in people)


def seal(round: Round) -> None:
    """Destroy the key and lay the ballots down anew, in the order of their names.

    Otherwise PostgreSQL's own notes on a row, the transaction that wrote it and its place on
    the disk, would lead from a ballot to the entry in the roll that was written with it.
    """
    columns = (Ballot.key, Ballot.round_id, Ballot.approvals, Ballot.salt, Ballot.receipt)
    rows = [
        dict(row._mapping)
        for row in db.session.execute(
            sa.select(*columns).where(Ballot.round_id == round.id).order_by(Ballot.key)
        )
    ]
    db.session.execute(sa.delete(Ballot).where(Ballot.round_id == round.id))
    if rows:
        db.session.execute(sa.insert(Ballot), rows)
    round.ballot_key = None


def _hold_open(round: Round) -> bytes:
    """Keep the round from being closed until the transaction ends; its key."""
    locks.shared(round)
    if round.closed_at is not None:
        raise RoundClosed
    if round.ballot_key is None:
        raise RoundNotOpen
    return round.ballot_key


def _name(key: bytes, person: Person) -> str:
    return _hmac(key, f"ballot:{person.id}")


def _hmac(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode(), "sha256").hex()
