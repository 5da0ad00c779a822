"""What a round decided, and why."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

import sqlalchemy as sa

from membership.extensions import db
from membership.rounds import equal_shares, roll
from membership.rounds.equal_shares import Election
from membership.rounds.models import Ballot, Round, RoundTopic, Unit
from membership.topics import life
from membership.topics.models import Topic, TopicState


def record(round: Round, *, at: datetime) -> None:
    """Count the ballots, keep what the count found, and move the topics on at `at` (UTC)."""
    found = counted(round)
    round.result = found
    for entry in sorted(round.ballot, key=lambda entry: entry.topic_id):
        won = str(entry.topic_id) in found["chosen"]
        state = TopicState.chosen if won else TopicState.carried_over
        life.move(entry.topic, state, round_id=round.id, at=at)


def counted(round: Round) -> dict[str, Any]:
    """The count of the ballots as they are now, with what is said of it beside the count."""
    count = equal_shares.count(election := _election(round))
    turnout = roll.turnout(round)
    needed = -(-turnout.roll * round.quorum // 100)
    met = turnout.voted >= needed
    return equal_shares.as_json(count) | {
        "most_votes": _most_votes(election),
        "quorum": {"needed": needed, "met": met},
        "chosen": list(count.winners) if met else [],
    }


@dataclass(frozen=True)
class TopicOutcome:
    """What became of a topic; amounts in the round's unit.

    `least` and `most` are what one supporter paid, None for a loser. `left` is what its
    supporters had left together, cut to whole minutes or hundredths of a topic, and `missing`
    the rest of its cost; `spenders` of them had spent something on other topics, `spent` together.
    """

    topic: Topic
    title: str
    cost: int
    approvals: int
    won: bool
    least: float | None
    most: float | None
    left: Fraction
    missing: Fraction
    spenders: int
    spent: Fraction


@dataclass(frozen=True)
class Outcome:
    """A round's result; amounts in its unit. `served` voters ticked at least one winner, and
    `served_by_most_votes` would have if the favourites had been taken one after the other.
    `beyond` is what the next raise of the shares would have spent, None if nothing was left.
    Without a quorum, `needed` ballots, the count is told but nothing is chosen."""

    voters: int
    needed: int
    quorum_met: bool
    served: int
    served_by_most_votes: int
    budget: int
    spent: int
    left_over: int
    first_share: float
    share: float
    steps: int
    beyond: int | None
    chosen: Sequence[TopicOutcome]
    others: Sequence[TopicOutcome]
    ties: Sequence["Tie"]


@dataclass(frozen=True)
class Tie:
    """Topics with the same claim, and by what the first of them came first."""

    first: str
    others: Sequence[str]
    decided_by: str


def of(round: Round) -> Outcome | None:
    """The outcome for the page; None before the round is closed."""
    if (result := round.result) is None:
        return None
    entries = {str(entry.topic_id): entry for entry in round.entries}
    topics = {row["id"]: _topic_outcome(entries[row["id"]], row) for row in result["topics"]}
    quorum = result.get("quorum", {"needed": 0, "met": True})
    return Outcome(
        voters=result["voters"],
        needed=quorum["needed"],
        quorum_met=quorum["met"],
        served=result["served"],
        served_by_most_votes=result["most_votes"]["served"],
        budget=result["budget"],
        spent=result["spent"],
        left_over=result["left_over"],
        first_share=result["first_share"],
        share=result["share"],
        steps=result["steps"],
        beyond=result["next_cost"],
        chosen=[topics[topic_id] for topic_id in result["winners"]],
        others=sorted(
            (topic for topic in topics.values() if not topic.won),
            key=lambda topic: -topic.approvals,
        ),
        ties=[_tie(entries, tie) for tie in result.get("ties", ())],
    )


def left_over(round: Round) -> int:
    """What a closed round left to the next one, in whole units; all of it without a quorum."""
    outcome = of(round)
    if outcome is None:
        return 0
    return math.floor(outcome.left_over) if outcome.quorum_met else outcome.budget


def _topic_outcome(entry: RoundTopic, row: dict[str, Any]) -> TopicOutcome:
    exact, unit = row["exact"], entry.round.unit
    left = _cut(exact["left"], unit)
    return TopicOutcome(
        topic=entry.topic,
        title=row["name"],
        cost=entry.cost,
        approvals=row["approvals"],
        won=row["won"],
        least=row.get("least_payment"),
        most=row["payment"],
        left=left,
        missing=Fraction(0) if row["won"] else entry.cost - left,
        spenders=row.get("spenders") or 0,
        spent=_cut(exact.get("spent", 0), unit),
    )


def _cut(amount: str | int, unit: Unit) -> Fraction:
    parts = 1 if unit is Unit.minutes else 100
    return Fraction(math.floor(Fraction(amount) * parts), parts)


def _tie(entries: Mapping[str, RoundTopic], tie: Mapping[str, Any]) -> Tie:
    return Tie(
        first=entries[tie["winner"]].title,
        others=[entries[topic_id].title for topic_id in tie["others"]],
        decided_by=tie["chosen_by"],
    )


def _election(round: Round) -> Election:
    on_ballot = {entry.topic_id for entry in round.ballot}
    approvals = db.session.scalars(sa.select(Ballot.approvals).where(Ballot.round_id == round.id))
    return Election(
        topics=[
            equal_shares.Topic(str(entry.topic_id), Fraction(entry.cost), entry.title)
            for entry in round.ballot
        ],
        ballots=Counter(frozenset(map(str, on_ballot.intersection(ids))) for ids in approvals),
        budget=Fraction(round.budget),
        share_step=Fraction(round.share_step),
        rule=round.rule,
        seed=round.seed,
    )


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
