"""Ballots cast, against raw durable one-row commits."""

import random
from collections.abc import Iterator
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask

from bench import databases
from bench.pair import Pair, in_turn
from membership.clock import clock
from membership.extensions import db
from membership.patrons.models import Person
from membership.rounds import ballots, planning, rounds
from membership.topics import proposals
from tests.factories import Newsroom

VOTERS, ROUNDS = 200, 5


def figures() -> Iterator[Pair]:
    with databases.each() as newsrooms:
        for name, app in newsrooms:
            yield _figure(name, app)


def _figure(name: str, app: Flask) -> Pair:
    voters = [person.id for person in Newsroom(app).members(VOTERS)]
    chance = random.Random(1)
    with app.app_context():
        topics = [
            proposals.suggest(f"Topic {number}", "Why not?", minutes=60 * number)
            for number in range(1, 9)
        ]
        db.session.flush()
        round = planning.prepare(
            "Bench", topics, budget=900, closes_at=clock.now() + timedelta(days=7)
        )
        db.session.flush()
        rounds.open(round)
        db.session.commit()
        round_id, ids = round.id, [topic.id for topic in topics]

    def cast(_number: int) -> int:
        with app.app_context():
            for voter in voters:
                ticked = frozenset(chance.sample(ids, 3))
                ballots.cast(
                    db.session.get_one(rounds.Round, round_id),
                    by=db.session.scalars(sa.select(Person).where(Person.id == voter)).one(),
                    approvals=ticked,
                )
                db.session.commit()
        return VOTERS

    return in_turn(
        f"ballots cast to raw commits, {name}",
        "ballots, commits",
        cast,
        lambda _number: databases.raw_commits(app, 300),
        rounds=ROUNDS,
    )
