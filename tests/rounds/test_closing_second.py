"""Thousands of ballots from several processes, across the closing second.

The clock that all processes follow is moved over the close when half of the work is done, while
others cast, change and withdraw, and one waits to close and count.
"""

import json
import os
import random
import time
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from config import Mode
from membership.clock import clock
from membership.extensions import db
from membership.patrons.models import MembershipKind, MembershipPeriod, Person
from membership.rounds import ballots, planning, rounds, schedule, verify
from membership.rounds.models import Ballot
from membership.topics import proposals
from tests.children import all_went_well, in_a_child
from tests.factories import Newsroom

OPERATIONS, PROCESSES, VOTERS = 5_000, 4, 1_200


def members(newsroom: Newsroom, number: int) -> list[int]:
    with newsroom.at_work():
        now = clock.now()
        people = [
            Person(email=f"v{n}@example.org", language="en", fs_uniquifier=f"v{n}", created_at=now)
            for n in range(number)
        ]
        db.session.add_all(people)
        db.session.flush()
        db.session.add_all(
            MembershipPeriod(
                person_id=person.id,
                kind=MembershipKind.patron,
                source=f"test:{person.id}",
                mode=Mode.sandbox,
                starts_at=now - timedelta(days=1),
                ends_at=now + timedelta(days=30),
            )
            for person in people
        )
        db.session.commit()
        return [person.id for person in people]


def hammer(slug: str, voters: list[int], number: int, done: int, report: Path) -> None:
    """Cast, change and withdraw for these voters; a byte to `done` for each operation."""
    chance = random.Random(number)
    acknowledged: list[tuple[int, str | None]] = []
    refused = 0
    topics = [entry.topic_id for entry in rounds.by_slug(slug).entries]  # type: ignore[union-attr]
    db.session.commit()
    for _ in range(OPERATIONS // PROCESSES):
        voter = db.session.get_one(Person, chance.choice(voters))
        round = rounds.by_slug(slug)
        assert round is not None
        try:
            receipt = None
            if chance.random() < 0.85:
                ticked = [topic for topic in topics if chance.random() < 0.4]
                receipt = ballots.cast(round, by=voter, approvals=ticked)
            else:
                ballots.withdraw(round, by=voter)
            db.session.commit()
            acknowledged.append((voter.id, receipt))
        except ballots.RoundClosed:
            db.session.rollback()
            refused += 1
        os.write(done, b".")
    report.write_text(json.dumps({"acknowledged": acknowledged, "refused": refused}))


def close_when_due() -> None:
    while not schedule.close_due():
        db.session.rollback()
        time.sleep(0.01)


def test_every_acknowledged_ballot_counts_once_and_every_refused_one_is_told_so(
    newsroom: Newsroom, tmp_path: Path
):
    clock.set(None)
    clock.follow(tmp_path / "clock")
    people = members(newsroom, VOTERS)
    with newsroom.at_work():
        topics = [proposals.suggest(title, "Why?", minutes=480) for title in "ABCDEF"]
        round = planning.prepare(
            "R", topics, budget=1440, closes_at=clock.now() + timedelta(hours=6)
        )
        rounds.open(round)
        db.session.commit()
        slug, closes_at = round.slug, round.closes_at
    reading, writing = os.pipe()
    reports = [tmp_path / f"report{number}" for number in range(PROCESSES)]
    children = [
        in_a_child(
            newsroom.app,
            lambda number=number: hammer(
                slug, people[number::PROCESSES], number, writing, reports[number]
            ),
        )
        for number in range(PROCESSES)
    ]
    children.append(in_a_child(newsroom.app, close_when_due))
    os.close(writing)
    seen = 0
    while chunk := os.read(reading, 4096):
        if seen < OPERATIONS // 2 <= seen + len(chunk):
            clock.run_ahead_to(closes_at)
        seen += len(chunk)
    os.close(reading)
    all_went_well(children)

    last: dict[int, str | None] = {}
    refused = acknowledged = 0
    for report in reports:
        told = json.loads(report.read_text())
        last.update(map(tuple, told["acknowledged"]))
        acknowledged += len(told["acknowledged"])
        refused += told["refused"]
    assert acknowledged + refused == OPERATIONS
    assert acknowledged
    assert refused
    expected = {receipt for receipt in last.values() if receipt}
    with newsroom.at_work():
        assert set(db.session.scalars(sa.select(Ballot.receipt))) == expected
        closed = rounds.by_slug(slug)
        assert closed is not None
        assert closed.result is not None
        assert closed.result["voters"] == len(expected)
        assert not [check for check in verify.verify(closed) if check.ok is not True]
