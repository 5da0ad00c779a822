"""Topics and rounds of an invented newsroom."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from membership.clock import clock
from membership.days import time_zone
from membership.extensions import db, insert_once
from membership.patrons.models import Person
from membership.rounds import ballots, planning, results, rounds
from membership.rounds.models import RollEntry, Round
from membership.topics import follows, life, proposals
from membership.topics.models import News, Topic, TopicState

# Title, why, hours of reporting, and how many in a hundred care in town and in the villages.
Idea = tuple[str, str, int, int, int]

AUTUMN: list[Idea] = [
    (
        "Who is cutting down the old limes?",
        "Forty trees went in one street this spring, and no permit is on file.",
        *(8, 52, 6),
    ),
    (
        "What became of the new kindergarten?",
        "Opened twice with ribbons, still without heating.",
        *(16, 48, 10),
    ),
    (
        "Why does the water smell?",
        "Three districts complain each August; the laboratory says nothing.",
        *(8, 55, 12),
    ),
    (
        "The last bus at half past seven",
        "How people get home from the late shift.",
        *(4, 8, 72),
    ),
    (
        "Who owns the river bank?",
        "The path along the water has had a fence since May.",
        *(16, 22, 30),
    ),
    (
        "A day in the emergency room",
        "What the waiting times look like from the inside.",
        *(16, 40, 18),
    ),
]

WINTER: list[Idea] = [
    (
        "Where did the road money go?",
        "Eleven million for Shevchenko Street, and the holes are back after one winter.",
        *(16, 56, 20),
    ),
    (
        "Waiting for the hospital",
        "Four months for a scan in the public clinic, two days in the private one next door.",
        *(16, 46, 40),
    ),
    (
        "Where else are meters missing?",
        "Two blocks on Sadova Street paid for heat that leaks away. We look at the other streets.",
        *(8, 50, 8),
    ),
    (
        "What children eat at school",
        "One supplier feeds nineteen schools. We want to see the contracts.",
        *(8, 38, 34),
    ),
    (
        "Coming home: veterans and work",
        "Which employers keep their promises, and which only hang up the poster.",
        *(24, 42, 42),
    ),
    (
        "The factory and the river",
        "Fishermen say one thing, the measurements another.",
        *(16, 20, 48),
    ),
    (
        "Who rents to refugees?",
        "What people who moved here pay, and what their landlords declare.",
        *(8, 36, 12),
    ),
    (
        "The village without a bus",
        "Six villages lost their line; we ride along with those who walk.",
        *(4, 6, 70),
    ),
]

STORIES = {
    AUTUMN[0][0]: ("who-is-cutting-down-the-old-limes", 30),
    AUTUMN[3][0]: ("last-bus", 20),
}
"""The ideas whose stories the demo's newspaper has: where in it, how many days after the vote."""
VILLAGERS_IN_A_HUNDRED = 30
AUTUMN_HOURS, WINTER_HOURS = 40, 60
MOST_VOTERS = 300


def furnish(people: Sequence[Person], chance: random.Random, *, newspaper: str) -> None:
    """An earlier round with its outcome, an open one in which some have voted, and proposals.

    What came of the earlier one is published in the `newspaper` at this address.

    In the caller's transaction; the same for the same `people` and `chance`, but for the keys
    and seeds, which are secret. Nobody is written to about any of it. Does nothing where there
    are rounds already.
    """
    if db.session.scalar(sa.select(sa.exists().where(Round.id.is_not(None)))):
        return
    voters = chance.sample(people, min(len(people), MOST_VOTERS))
    earlier = _earlier(people, voters, chance, newspaper)
    open_round = _open(voters, chance, carry_from=earlier)
    _proposals(people)
    for entry in (*earlier.entries, *open_round.entries):
        for person in chance.sample(people, min(len(people), chance.randrange(2, 12))):
            follows.follow(entry.topic, person)
    db.session.flush()
    db.session.execute(sa.update(News).values(done_at=clock.now()))


def _earlier(
    people: Sequence[Person], voters: Sequence[Person], chance: random.Random, newspaper: str
) -> Round:
    closes = _six_in_the_evening(clock.now() - timedelta(days=40))
    opens = closes - timedelta(days=14)
    round = planning.prepare(
        "Autumn round",
        [_topic(*idea[:3], at=opens - timedelta(days=10)) for idea in AUTUMN],
        budget=AUTUMN_HOURS * 60,
        closes_at=closes,
    )
    _as_if_members_then(round, people)
    rounds.open(round, at=opens)
    _vote(round, voters, AUTUMN, chance, turnout=0.7, at=opens + timedelta(days=3))
    rounds.close(round, at=closes)
    chosen = [entry.topic for entry in round.entries if entry.topic.state is TopicState.chosen]
    _carry_on(chosen, closes, newspaper)
    return round


def _as_if_members_then(round: Round, people: Sequence[Person]) -> None:
    """The invented people became members one after the other; all vote in the story."""
    for person in people:
        key = {"round_id": round.id, "person_id": person.id}
        insert_once(RollEntry, list(key), key | {"voted": False, "let_in": False})


def _carry_on(chosen: Sequence[Topic], since: datetime, newspaper: str) -> None:
    """What became of the chosen topics: those with a story are published, the next is reported."""
    for topic in chosen:
        if topic.title in STORIES:
            slug, days = STORIES[topic.title]
            _report(topic, since, after=(2, 5))
            at = since + timedelta(days=days)
            life.move(topic, TopicState.published, link=f"{newspaper}/{slug}", at=at)
    for topic in [topic for topic in chosen if topic.title not in STORIES][:1]:
        _report(topic, since, after=(5, 30))


def _report(topic: Topic, since: datetime, *, after: tuple[int, int]) -> None:
    """Somebody is assigned, and sets out, so many days `after` the vote."""
    states = (TopicState.assigned, TopicState.reporting)
    for state, days in zip(states, after, strict=True):
        life.move(topic, state, at=since + timedelta(days=days))


def _open(voters: Sequence[Person], chance: random.Random, *, carry_from: Round) -> Round:
    now = clock.now()
    left = results.left_over(carry_from)
    round = planning.prepare(
        "Winter round",
        [_topic(*idea[:3], at=now - timedelta(days=6)) for idea in WINTER],
        budget=WINTER_HOURS * 60,
        closes_at=_six_in_the_evening(now + timedelta(days=9)),
        join_by=_six_in_the_evening(now + timedelta(days=7)),
        remind_at=_six_in_the_evening(now + timedelta(days=7)),
        carry_from=carry_from if left else None,
    )
    rounds.open(round)
    _vote(round, voters, WINTER, chance, turnout=0.35, at=now)
    return round


def _proposals(people: Sequence[Person]) -> None:
    if people:
        proposals.propose(
            "Why are the libraries closing at five?",
            "Pupils and people who work cannot use them any more.",
            by=people[0],
        )
    life.move(
        proposals.suggest(
            "What is wrong with the neighbour's dog?",
            "It barks at night.",
            minutes=4 * 60,
        ),
        TopicState.declined,
        reason="A matter between two households; the district's mediator helps.",
    )


def _topic(title: str, why: str, hours: int, *, at: datetime) -> Topic:
    return proposals.suggest(title, why, minutes=hours * 60, at=at)


def _vote(
    round: Round,
    voters: Sequence[Person],
    ideas: Sequence[Idea],
    chance: random.Random,
    *,
    turnout: float,
    at: datetime,
) -> None:
    for person in voters:
        if chance.random() < turnout:
            villager = chance.random() * 100 < VILLAGERS_IN_A_HUNDRED
            ticked = [
                entry.topic_id
                for entry, (_title, _why, _hours, town, villages) in zip(
                    round.entries, ideas, strict=True
                )
                if chance.random() * 100 < (villages if villager else town)
            ]
            ballots.cast(round, by=person, approvals=ticked, at=at)


def _six_in_the_evening(day: datetime) -> datetime:
    return day.astimezone(time_zone()).replace(hour=18, minute=0, second=0, microsecond=0)
