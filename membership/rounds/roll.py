"""The roll: who may vote in a round, and who of them has."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import sqlalchemy as sa

from membership.clock import clock
from membership.extensions import db, insert_missing, insert_once
from membership.patrons import memberships
from membership.patrons.models import Person
from membership.rounds.models import RollEntry, Round

ENTRIES = cast(sa.Table, RollEntry.__table__)
VOTED = (
    sa.update(ENTRIES)
    .where(
        ENTRIES.c.round_id == sa.bindparam("of_round"),
        ENTRIES.c.person_id == sa.bindparam("of_person"),
    )
    .values(voted=True)
)

HELD = (
    sa.select(Person.active).where(Person.id == sa.bindparam("person")).with_for_update(read=True)
)


class CannotVote(Exception):
    """Why a person has no vote in a round."""


class NotAMember(CannotVote):
    """Only members vote and propose."""


class NotSettled(CannotVote):
    """A member whose payment is disputed, or of a kind that has no vote here."""


class NotOnRoll(CannotVote):
    """A member, but since a time when the roll was closed already."""


@dataclass(frozen=True)
class Turnout:
    voted: int
    roll: int


def take(round: Round, *, at: datetime) -> None:
    """Put all who may vote at `at` (UTC) on the roll, in one statement, and note its digest."""
    voters = memberships.voters(at).subquery()
    rows = sa.select(sa.literal(round.id), voters.c.person_id, sa.false(), sa.false()).where(
        voters.c.person_id.is_not(None)
    )
    insert_missing(
        RollEntry, ["round_id", "person_id"], ["round_id", "person_id", "voted", "let_in"], rows
    )
    round.roll_size, round.roll_digest = digest(round)


def digest(round: Round) -> tuple[int, str]:
    """How many were on the roll at the opening, and a SHA-256 of who, salted and sorted by id.

    The salt keeps anybody from trying who is on it; who has the database can compute it anew.
    """
    people = db.session.scalars(
        sa.select(RollEntry.person_id)
        .where(RollEntry.round_id == round.id, RollEntry.let_in.is_(False))
        .order_by(RollEntry.person_id)
    ).all()
    lines = "\n".join([round.roll_salt, *map(str, people)])
    return len(people), hashlib.sha256(lines.encode()).hexdigest()


def check(round: Round, person: Person, *, at: datetime | None = None) -> None:
    """Whether `person` may vote at `at` (UTC, default now).

    Who is on the roll stays on it, even when their membership ends before the round does.
    Raises NotAMember, NotSettled, NotOnRoll.
    """
    if db.session.get(RollEntry, (round.id, person.id)) is not None:
        return
    at = at or clock.now()
    if not memberships.is_member(person, at=at):
        raise NotAMember
    if not memberships.may_vote(person, at=at):
        raise NotSettled
    if round.join_by is None or at > round.join_by:
        raise NotOnRoll


def hold(person: Person) -> None:
    """Keep the account of `person` from being closed, or joined, until the transaction ends.

    Raises NotAMember if it is closed: who is one with somebody else votes as them.
    """
    if not db.session.scalar(HELD, {"person": person.id}):
        raise NotAMember


def enter_vote(round: Round, person: Person, *, at: datetime) -> None:
    """Note that `person` votes, letting in who joined in time.

    Raises NotAMember, NotSettled, NotOnRoll.
    """
    if _note_vote(round, person):
        return
    check(round, person, at=at)
    key = {"round_id": round.id, "person_id": person.id}
    if not insert_once(RollEntry, list(key), key | {"voted": True, "let_in": True}):
        _note_vote(round, person)


def _note_vote(round: Round, person: Person) -> bool:
    """On the entry of somebody who is on the roll; False if they are not."""
    noted = db.session.execute(VOTED, {"of_round": round.id, "of_person": person.id})
    return bool(noted.rowcount)  # type: ignore[attr-defined]


def leave_vote(round: Round, person: Person) -> None:
    """Note that `person` has no ballot any more."""
    db.session.execute(
        sa.update(RollEntry).filter_by(round_id=round.id, person_id=person.id).values(voted=False)
    )


def turnouts(rounds: Iterable[Round]) -> dict[int, Turnout]:
    """How many are on each roll and how many of them have voted, by the round's id."""
    ids = [round.id for round in rounds]
    rows = db.session.execute(
        sa.select(
            RollEntry.round_id,
            sa.func.count(),
            sa.func.count(sa.case((RollEntry.voted, 1))),
        )
        .where(RollEntry.round_id.in_(ids))
        .group_by(RollEntry.round_id)
    )
    counted = {round_id: Turnout(voted=voted, roll=roll) for round_id, roll, voted in rows}
    return dict.fromkeys(ids, Turnout(voted=0, roll=0)) | counted


def turnout(round: Round) -> Turnout:
    return turnouts([round])[round.id]
