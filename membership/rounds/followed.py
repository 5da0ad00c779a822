"""Whether those who vote stay: counted some months after each close, by a job, never on a page.

Only how many; and only where there are enough people that nobody is meant (docs/voting.md).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from dateutil.relativedelta import relativedelta

from membership.clock import clock
from membership.extensions import db, insert_or_replace
from membership.modes import of_process
from membership.patrons import memberships
from membership.patrons.models import MembershipPeriod, Person
from membership.rounds.follow_models import EverVoted, RollFollowed
from membership.rounds.models import RollEntry, Round

MONTHS = (0, 1, 3, 6, 12)
FEWEST = 20
"""Of fewer people no share is told."""

SHOWN = 50


@dataclass(frozen=True)
class Group:
    """Those who voted, or did not; `stayed` is by how many months after the close."""

    people: int
    stayed: dict[int, int]

    def share(self, months: int) -> Fraction | None:
        """None if it has not been counted yet, or they are too few."""
        if months not in self.stayed or self.people < FEWEST:
            return None
        return Fraction(self.stayed[months], self.people)


@dataclass(frozen=True)
class Followed:
    """A closed round: its voters beside those on its roll who did not vote."""

    title: str
    slug: str
    closed_at: datetime
    voters: Group
    others: Group

    @property
    def turnout(self) -> Fraction | None:
        roll = self.voters.people + self.others.people
        return Fraction(self.voters.people, roll) if roll else None


def follow_due() -> int:
    """Count what has fallen due of each closed round; how many counts. Commits."""
    done = 0
    for months in MONTHS:
        counted = sa.select(RollFollowed.round_id).where(RollFollowed.months == months)
        due = sa.select(Round).where(
            Round.closed_at <= clock.now() - relativedelta(months=months),
            Round.id.not_in(counted),
        )
        for round in db.session.scalars(due.order_by(Round.closed_at)).all():
            _follow(round, months)
            db.session.commit()
            done += 1
    return done


def count_members() -> None:
    """Write down how many of the members of today ever voted. Commits."""
    now = clock.now()
    voted = (
        sa.select(_person())
        .select_from(RollEntry)
        .join(Person, Person.id == RollEntry.person_id)
        .join(Round, Round.id == RollEntry.round_id)
        .where(RollEntry.voted, Round.closed_at.is_not(None))
    )
    members = memberships.members(now).subquery()
    row = db.session.execute(
        sa.select(
            sa.func.count(),
            sa.func.count(sa.case((members.c.person_id.in_(voted), 1))),
        ).select_from(members)
    ).one()
    day = now.astimezone(UTC).date()
    counted = {"day": day, "mode": of_process(), "members": row[0], "voted": row[1]}
    insert_or_replace(EverVoted, ["day", "mode"], counted)
    db.session.commit()


def latest() -> list[Followed]:
    """The rounds that closed last, the latest first; two queries."""
    rounds = db.session.execute(
        sa.select(Round.id, Round.title, Round.slug, Round.closed_at)
        .where(Round.closed_at.is_not(None))
        .order_by(Round.closed_at.desc(), Round.id.desc())
        .limit(SHOWN)
    ).all()
    counts: dict[tuple[int, bool], dict[int, RollFollowed]] = {}
    wanted = sa.select(RollFollowed).where(RollFollowed.round_id.in_([row.id for row in rounds]))
    for count in db.session.scalars(wanted):
        counts.setdefault((count.round_id, count.voted), {})[count.months] = count
    return [
        Followed(
            row.title,
            row.slug,
            row.closed_at,
            voters=_group(counts.get((row.id, True), {})),
            others=_group(counts.get((row.id, False), {})),
        )
        for row in rounds
    ]


def ever_voted() -> EverVoted | None:
    """As it was counted last."""
    return db.session.scalar(sa.select(EverVoted).order_by(EverVoted.day.desc()).limit(1))


def as_json() -> dict[str, Any]:
    """Counts of people; shares are told by the page, of enough people alone."""
    ever = ever_voted()
    return {
        "ever_voted": {"members": ever.members, "voted": ever.voted} if ever else None,
        "rounds": [
            {
                "round": one.slug,
                "on_roll": one.voters.people + one.others.people,
                "voted": one.voters.people,
            }
            for one in latest()
        ],
    }


def _follow(round: Round, months: int) -> None:
    assert round.closed_at is not None
    at = round.closed_at + relativedelta(months=months)
    member = sa.exists().where(MembershipPeriod.person_id == _person(), *memberships.current(at))
    rows = db.session.execute(
        sa.select(RollEntry.voted, sa.func.count(), sa.func.count(sa.case((member, 1))))
        .join(Person, Person.id == RollEntry.person_id)
        .where(RollEntry.round_id == round.id)
        .group_by(RollEntry.voted)
    ).all()
    counted = {voted: (people, stayed) for voted, people, stayed in rows}
    for voted in (True, False):
        people, stayed = counted.get(voted, (0, 0))
        row = {
            "round_id": round.id,
            "months": months,
            "voted": voted,
            "people": people,
            "stayed": stayed,
            "counted_at": clock.now(),
        }
        insert_or_replace(RollFollowed, ["round_id", "months", "voted"], row)


def _person() -> sa.ColumnElement[int]:
    """Whose membership tells: of two who became one, that of who stayed."""
    return sa.func.coalesce(Person.joined_into_id, Person.id)


def _group(counts: dict[int, RollFollowed]) -> Group:
    people = max((count.people for count in counts.values()), default=0)
    return Group(people, {months: count.stayed for months, count in sorted(counts.items())})
