"""The roll: who may vote in a round, and who of them has."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from membership.clock import clock
from membership.extensions import db, insert_once
from membership.patrons import memberships
from membership.patrons.models import Person
from membership.topics.models import RollEntry, Round


class CannotVote(Exception):
    """Why a person has no vote in a round."""


class NotAMember(CannotVote):
    """Only members vote and propose."""


class NotOnRoll(CannotVote):
    """A member, but since a time when the roll was closed already."""


@dataclass(frozen=True)
class Turnout:
    voted: int
    roll: int


def take(round: Round, *, at: datetime) -> None:
    """Put all members of `at` (UTC) on the roll, in one statement."""
    members = memberships.members(at).subquery()
    rows = sa.select(sa.literal(round.id), members.c.person_id, sa.false())
    db.session.execute(sa.insert(RollEntry).from_select(["round_id", "person_id", "voted"], rows))


def check(round: Round, person: Person, *, at: datetime | None = None) -> None:
    """Whether `person` may vote at `at` (UTC, default now). Raises NotAMember, NotOnRoll.

    Who is on the roll stays on it, even when their membership ends before the round does.
    """
    if db.session.get(RollEntry, (round.id, person.id)) is not None:
        return
    at = at or clock.now()
    if not memberships.is_member(person, at=at):
        raise NotAMember
    if round.join_by is None or at > round.join_by:
        raise NotOnRoll


def enter_vote(round: Round, person: Person, *, at: datetime) -> None:
    """Note that `person` votes, letting in who joined in time. Raises NotAMember, NotOnRoll."""
    check(round, person, at=at)
    key = {"round_id": round.id, "person_id": person.id}
    if not insert_once(RollEntry, list(key), key | {"voted": True}):
        db.session.execute(
            sa.update(RollEntry).filter_by(**key).where(~RollEntry.voted).values(voted=True)
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
