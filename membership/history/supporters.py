"""Who came, left and came back, each person once: worked out from their membership periods."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple

import sqlalchemy as sa

from config import Mode
from membership import days
from membership.books.models import Interval, Subscription
from membership.history.derived import Derived
from membership.history.facts import TERMS, UNDONE, Facts
from membership.history.models import SupporterChange, SupporterMove
from membership.history.movements import Step
from membership.history.sums import Key, Part, Total
from membership.history.together import of_people
from membership.patrons.models import MembershipKind, MembershipPeriod, Person
from membership.patrons.touched import Told

FIGURES = {move: f"supporters_{move.value}" for move in SupporterMove}
KINDS = (
    MembershipKind.patron,
    MembershipKind.offline,
    MembershipKind.gift,
    MembershipKind.comped,
)
"""Whoever is a member for several reasons at once counts with the first of these."""

EVER = datetime.max.replace(tzinfo=UTC)


class Values(NamedTuple):
    """A row of `SupporterChange` without its number."""

    mode: Mode
    person_id: int
    at: datetime
    day: date
    move: SupporterMove
    people: int
    kind: MembershipKind
    tier_id: int | None
    interval: Interval | None
    currency: str | None
    language: str


class State(NamedTuple):
    """What somebody supports the newsroom as; only of patrons is it known what they give."""

    kind: MembershipKind
    tier_id: int | None = None
    interval: Interval | None = None
    currency: str | None = None


@dataclass(frozen=True)
class Spell:
    """A membership period (UTC; `until` exclusive), and what was given in the course of it."""

    since: datetime
    until: datetime
    source: str
    states: tuple[tuple[datetime, State], ...]

    @property
    def rank(self) -> tuple[int, datetime, str]:
        return KINDS.index(self.states[0][1].kind), self.since, self.source

    @property
    def moments(self) -> Iterator[datetime]:
        """When it may come to another state."""
        yield from (self.since, self.until)
        yield from (at for at, _state in self.states if self.since < at < self.until)

    def at(self, moment: datetime) -> State:
        place = bisect_right([at for at, _state in self.states], moment)
        return self.states[max(place - 1, 0)][1]


class Change(NamedTuple):
    """`people` is 1 for a state that begins and -1 for one that ends."""

    at: datetime
    move: SupporterMove
    people: int
    state: State


def of_person(spells: Sequence[Spell]) -> Iterator[Change]:
    """The changes of one person's support, the oldest first; an end that is known may lie ahead."""
    before: State | None = None
    has_come = False
    for moment in sorted({moment for spell in spells for moment in spell.moments}):
        now = [spell for spell in spells if spell.since <= moment < spell.until]
        after = min(now, key=lambda spell: spell.rank).at(moment) if now else None
        if after == before or moment == EVER:
            continue
        if before is None and after is not None:
            move = SupporterMove.returned if has_come else SupporterMove.new
            yield Change(moment, move, 1, after)
        elif before is not None:
            move = SupporterMove.changed if after else SupporterMove.lost
            yield Change(moment, move, -1, before)
            if after is not None:
                yield Change(moment, move, 1, after)
        before, has_come = after, True


PERIODS = (
    sa.select(
        MembershipPeriod.person_id,
        MembershipPeriod.kind,
        MembershipPeriod.source,
        MembershipPeriod.starts_at,
        MembershipPeriod.ends_at,
        Person.language,
        Subscription.tier_id,
        Subscription.interval,
        Subscription.currency,
    )
    .join(Person, Person.id == MembershipPeriod.person_id)
    .outerjoin(Subscription, Subscription.stripe_id == MembershipPeriod.source)
    .where(*of_people(MembershipPeriod))
)


def found(facts: Facts) -> Iterator[Values]:
    """The changes that the periods of these people come to."""
    given = {
        life.subscription: steps for lives in facts.lives.values() for life, steps in lives.items()
    }
    spells: dict[tuple[int, str], list[Spell]] = defaultdict(list)
    for row in facts.read(PERIODS):
        now = State(row.kind, row.tier_id, row.interval, row.currency)
        its = _states(given.get(row.source, []), now)
        spell = Spell(row.starts_at, row.ends_at or EVER, row.source, its)
        if spell.since < spell.until:
            spells[row.person_id, row.language].append(spell)
    for (person_id, language), lived in spells.items():
        for change in of_person(lived):
            day = days.of(change.at)
            yield Values(
                facts.mode,
                person_id,
                change.at,
                day,
                change.move,
                change.people,
                *change.state,
                language,
            )


def _states(given: Sequence[Step], now: State) -> tuple[tuple[datetime, State], ...]:
    """What was given from when on; as it is known now where no invoice tells."""
    told = tuple(
        (step.at, now._replace(tier_id=step.tier, interval=step.interval)) for step in given
    )
    return told or ((EVER, now),)


def parts(row: Values) -> Iterator[Part]:
    """What one change adds: in all, and by each thing that supporters are counted by."""
    told = {
        "": "",
        "kind": row.kind.value,
        "tier": str(row.tier_id) if row.tier_id else None,
        "interval": row.interval.value if row.interval else None,
        "currency": row.currency,
        "language": row.language,
    }
    for by, value in told.items():
        if value is not None:
            key = Key(row.mode, FIGURES[row.move], "", by, row.day, value)
            yield Part(key, Total(0, row.people, 1))


CHANGES = Derived(
    table=SupporterChange,
    values=Values,
    found=found,
    parts=parts,
    figures=tuple(FIGURES.values()),
    follows_from=Told.given,
    reads=(TERMS, UNDONE, PERIODS),
)
