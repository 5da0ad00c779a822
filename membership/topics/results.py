"""What a round decided, why, and the file with which anybody counts again."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from flask import current_app

from membership.extensions import db
from membership.topics import equal_shares, life
from membership.topics.equal_shares import Election, Vote
from membership.topics.models import Ballot, Round, RoundTopic, Topic, TopicState

FEWEST_LISTED = 20


def record(round: Round) -> None:
    """Count the ballots, keep what the count found, and move the topics on."""
    election = _election(round)
    count = equal_shares.count(election)
    round.result = equal_shares.as_json(count) | {"most_votes": _most_votes(election)}
    for entry in round.entries:
        won = str(entry.topic_id) in count.winners
        life.move(entry.topic, TopicState.chosen if won else TopicState.carried_over)


@dataclass(frozen=True)
class TopicOutcome:
    """What became of a topic; times in minutes.

    `payment` is the most that one supporter paid, None for a loser. `left` is what its
    supporters had left together, cut to whole minutes, and `missing` the rest of its cost.
    """

    topic: Topic
    minutes: int
    approvals: int
    won: bool
    payment: float | None
    left: int
    missing: int


@dataclass(frozen=True)
class Outcome:
    """A round's result; times in minutes. `served` voters ticked at least one winner, and
    `served_by_most_votes` would have if the favourites had been taken one after the other.
    `beyond` is what the next raise of the shares would have spent, None if nothing was left."""

    voters: int
    served: int
    served_by_most_votes: int
    budget: int
    spent: int
    left_over: int
    share: float
    beyond: int | None
    chosen: Sequence[TopicOutcome]
    others: Sequence[TopicOutcome]


def of(round: Round) -> Outcome | None:
    """The outcome for the page; None before the round is closed."""
    if (result := round.result) is None:
        return None
    entries = {str(entry.topic_id): entry for entry in round.entries}
    topics = {row["id"]: _topic_outcome(entries[row["id"]], row) for row in result["topics"]}
    return Outcome(
        voters=result["voters"],
        served=result["served"],
        served_by_most_votes=result["most_votes"]["served"],
        budget=result["budget"],
        spent=result["spent"],
        left_over=result["left_over"],
        share=result["share"],
        beyond=result["next_cost"],
        chosen=[topics[topic_id] for topic_id in result["winners"]],
        others=sorted(
            (topic for topic in topics.values() if not topic.won),
            key=lambda topic: -topic.approvals,
        ),
    )


def _topic_outcome(entry: RoundTopic, row: dict[str, Any]) -> TopicOutcome:
    left = math.floor(Fraction(row["exact"]["left"]))
    return TopicOutcome(
        topic=entry.topic,
        minutes=entry.minutes,
        approvals=row["approvals"],
        won=row["won"],
        payment=row["payment"],
        left=left,
        missing=0 if row["won"] else entry.minutes - left,
    )


def recount_file(round: Round) -> Iterator[str]:
    """The lines of a Pabulib file of a closed round.

    With fewer than 20 voters a single ballot could be guessed, so only the totals are there.
    """
    assert round.result is not None and round.opened_at is not None and round.closed_at is not None
    voters = round.result["voters"]
    listed = voters >= FEWEST_LISTED
    totals = {} if listed else {"comment": "#1: Fewer than 20 voted, so no ballot is listed."}
    return equal_shares.written(
        meta={
            "description": round.title,
            "unit": current_app.config["NEWSROOM_NAME"],
            "num_projects": len(round.entries),
            "num_votes": voters,
            "budget": round.budget_minutes,
            "vote_type": "approval",
            "rule": round.rule,
            "share_step": round.share_step,
            "seed": round.seed,
            "date_begin": f"{round.opened_at:%d.%m.%Y}",
            "date_end": f"{round.closed_at:%d.%m.%Y}",
            **totals,
        },
        projects=[
            {
                "project_id": row["id"],
                "cost": entry.minutes,
                "votes": row["approvals"],
                "name": entry.topic.title,
                "selected": int(row["won"]),
            }
            for entry, row in zip(round.entries, round.result["topics"], strict=True)
        ],
        votes=_listed_votes(round) if listed else (),
    )


def _listed_votes(round: Round) -> Iterator[Vote]:
    """All ballots, sorted by what they say and then numbered, so that nothing else shows."""
    ballots = sorted([str(topic_id) for topic_id in ballot] for ballot in _ballots(round))
    return (Vote(f"ballot{number}", ballot) for number, ballot in enumerate(ballots, 1))


def _election(round: Round) -> Election:
    return Election(
        topics=[
            equal_shares.Topic(str(entry.topic_id), Fraction(entry.minutes), entry.topic.title)
            for entry in round.entries
        ],
        ballots=Counter(frozenset(map(str, ballot)) for ballot in _ballots(round)),
        budget=Fraction(round.budget_minutes),
        share_step=Fraction(round.share_step),
        rule=round.rule,
        seed=round.seed,
    )


def _ballots(round: Round) -> Sequence[list[Any]]:
    return db.session.scalars(sa.select(Ballot.approvals).where(Ballot.round_id == round.id)).all()


def _most_votes(election: Election) -> dict[str, object]:
    """What taking the favourites one after the other, as long as they fit, would have chosen."""
    ticks = Counter[str]()
    for ballot, number in election.ballots.items():
        ticks.update(dict.fromkeys(ballot, number))
    left, taken = election.budget, set[str]()
    for topic in sorted(election.topics, key=lambda topic: -ticks[topic.id]):
        if ticks[topic.id] and topic.cost <= left:
            left -= topic.cost
            taken.add(topic.id)
    served = sum(n for ballot, n in election.ballots.items() if not ballot.isdisjoint(taken))
    return {"winners": sorted(taken), "served": served}
