"""Topics and rounds of an invented newsroom."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import current_app

from membership.clock import clock
from membership.extensions import db, insert_once
from membership.patrons.models import Person
from membership.topics import ballots, life, proposals, rounds
from membership.topics.models import RollEntry, Round, Topic, TopicState

# Title, why, hours of reporting, and how many in a hundred care in town and in the villages.
Idea = tuple[str, str, int, int, int]

AUTUMN: list[Idea] = [
    (
        "Who is cutting down the old limes?",
        "Forty trees went in one street this spring, and no permit is on file.",
        *(12, 52, 6),
    ),
    (
        "What became of the new kindergarten?",
        "Opened twice with ribbons, still without heating.",
        *(16, 48, 10),
    ),
    (
        "Why does the water smell?",
        "Three districts complain each August; the laboratory says nothing.",
        *(10, 55, 12),
    ),
    (
        "The last bus at half past seven",
        "How people get home from the late shift.",
        *(6, 8, 72),
    ),
    (
        "Who owns the river bank?",
        "The path along the water has had a fence since May.",
        *(18, 22, 30),
    ),
    (
        "A day in the emergency room",
        "What the waiting times look like from the inside.",
        *(14, 40, 18),
    ),
]

WINTER: list[Idea] = [
    (
        "Where did the road money go?",
        "Eleven million for Shevchenko Street, and the holes are back after one winter.",
        *(14, 56, 20),
    ),
    (
        "Waiting for the hospital",
        "Four months for a scan in the public clinic, two days in the private one next door.",
        *(16, 46, 40),
    ),
    (
        "Who pays for the cold flats?",
        "Heating bills rose by a third where the meters were never installed.",
        *(10, 50, 8),
    ),
    (
        "What children eat at school",
        "One supplier feeds nineteen schools. We want to see the contracts.",
        *(8, 38, 34),
    ),
    (
        "Coming home: veterans and work",
        "Which employers keep their promises, and which only hang up the poster.",
        *(20, 42, 42),
    ),
    (
        "The factory and the river",
        "Fishermen say one thing, the measurements another.",
        *(18, 20, 48),
    ),
    (
        "Who rents to refugees?",
        "What people who moved here pay, and what their landlords declare.",
        *(12, 36, 12),
    ),
    (
        "The village without a bus",
        "Six villages lost their line; we ride along with those who walk.",
        *(6, 6, 70),
    ),
]

VILLAGERS_IN_A_HUNDRED = 30
AUTUMN_HOURS, WINTER_HOURS = 40, 60
MOST_VOTERS = 300


def furnish(people: Sequence[Person], chance: random.Random) -> None:
    """An earlier round with its outcome, an open one in which some have voted, and proposals.

    In the caller's transaction; the same for the same `people` and `chance`, but for the keys
    and seeds, which are secret. Does nothing where there are rounds already.
    """
    if db.session.scalar(sa.select(sa.exists().where(Round.id.is_not(None)))):
        return
    voters = chance.sample(people, min(len(people), MOST_VOTERS))
    _earlier(people, voters, chance)
    _open(voters, chance)
    _proposals(people)


def _earlier(people: Sequence[Person], voters: Sequence[Person], chance: random.Random) -> None:
    closes = _six_in_the_evening(clock.now() - timedelta(days=40))
    opens = closes - timedelta(days=14)
    round = rounds.prepare(
        "Autumn round",
        [_topic(*idea[:3]) for idea in AUTUMN],
        budget_minutes=AUTUMN_HOURS * 60,
        closes_at=closes,
    )
    rounds.open(round, at=opens)
    for person in people:
        key = {"round_id": round.id, "person_id": person.id}
        insert_once(RollEntry, list(key), key | {"voted": False})
    _vote(round, voters, AUTUMN, chance, turnout=0.7, at=opens + timedelta(days=3))
    rounds.close(round, at=closes)
    _carry_on([entry.topic for entry in round.entries if entry.topic.state is TopicState.chosen])


def _carry_on(chosen: Sequence[Topic]) -> None:
    """What became of the chosen topics: the first is published, the second being reported."""
    if chosen:
        for state in (TopicState.assigned, TopicState.reporting):
            life.move(chosen[0], state)
        link = f"https://hromada.example/{chosen[0].slug}"
        life.move(chosen[0], TopicState.published, link=link)
    for topic in chosen[1:2]:
        life.move(topic, TopicState.assigned)
        life.move(topic, TopicState.reporting)


def _open(voters: Sequence[Person], chance: random.Random) -> None:
    now = clock.now()
    round = rounds.prepare(
        "Winter round",
        [_topic(*idea[:3]) for idea in WINTER],
        budget_minutes=WINTER_HOURS * 60,
        closes_at=_six_in_the_evening(now + timedelta(days=9)),
        join_by=_six_in_the_evening(now + timedelta(days=7)),
    )
    rounds.open(round)
    _vote(round, voters, WINTER, chance, turnout=0.35, at=now)


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
            minutes=60,
        ),
        TopicState.declined,
        reason="A matter between two households; the district's mediator helps.",
    )


def _topic(title: str, why: str, hours: int) -> Topic:
    return proposals.suggest(title, why, minutes=hours * 60)


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
    zone = ZoneInfo(current_app.config["BABEL_DEFAULT_TIMEZONE"])
    return day.astimezone(zone).replace(hour=18, minute=0, second=0, microsecond=0)
