"""The rule word for word: one voter and one step at a time, in fractions, however slow."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from membership.rounds.equal_shares import ONCE, Ballot, Election, Tie, Topic


@dataclass
class Purse:
    """What one voter has left, and what they paid for which topic."""

    ballot: Ballot
    money: Fraction
    paid: dict[str, Fraction] = field(default_factory=dict)


@dataclass
class Outcome:
    share: Fraction
    purses: list[Purse]
    winners: list[str] = field(default_factory=list)
    ties: list[Tie] = field(default_factory=list)

    def supporters(self, topic: str) -> list[Purse]:
        return [purse for purse in self.purses if topic in purse.ballot]

    def payments(self, topic: str) -> list[Fraction]:
        return [purse.paid[topic] for purse in self.supporters(topic)]


def count(story: Election) -> Outcome:
    if not story.voters:
        return Outcome(Fraction(), [])
    costs = {topic.id: topic.cost for topic in story.topics}
    last = outcome(story, story.budget / story.voters)
    while story.rule != ONCE and set(last.winners) != set().union(*story.ballots):
        following = outcome(story, last.share + story.share_step)
        if sum(costs[winner] for winner in following.winners) > story.budget:
            break
        last = following
    return last


def outcome(story: Election, share: Fraction) -> Outcome:
    ballots = (ballot for ballot, number in story.ballots.items() for _ in range(number))
    found = Outcome(share, [Purse(ballot, share) for ballot in ballots])
    while offers := _offers(story, found):
        rho = min(asked for asked, _ in offers)
        equal = [topic for asked, topic in offers if asked == rho]
        first = min(equal, key=lambda topic: _rank(story, found, topic))
        _note_tie(story, found, first, [topic for topic in equal if topic is not first])
        for purse in found.supporters(first.id):
            purse.paid[first.id] = min(purse.money, rho * first.cost)
            purse.money -= purse.paid[first.id]
        found.winners.append(first.id)
    return found


def _offers(story: Election, found: Outcome) -> list[tuple[Fraction, Topic]]:
    """The topics that can be paid for now, each with the rho that it asks."""
    offers = []
    for topic in story.topics:
        purses = sorted(purse.money for purse in found.supporters(topic.id))
        if topic.id in found.winners or not purses or sum(purses) < topic.cost:
            continue
        due, asked = topic.cost, Fraction()
        for paid, money in enumerate(purses):
            asked = due / (len(purses) - paid)
            due -= min(money, asked)
        offers.append((asked / topic.cost, topic))
    return offers


def _rank(story: Election, found: Outcome, topic: Topic) -> tuple[Fraction, int, str, int]:
    lot = hashlib.sha256((story.seed + topic.id).encode()).hexdigest() if story.seed else ""
    approvals = len(found.supporters(topic.id))
    return topic.cost, -approvals, lot, list(story.topics).index(topic)


def _note_tie(story: Election, found: Outcome, first: Topic, others: Sequence[Topic]) -> None:
    if not others:
        return
    cheapest = [topic for topic in others if topic.cost == first.cost]
    approvals = {topic.id: len(found.supporters(topic.id)) for topic in cheapest}
    if not cheapest:
        chosen_by = "cost"
    elif max(approvals.values()) < len(found.supporters(first.id)):
        chosen_by = "approvals"
    else:
        chosen_by = "lot" if story.seed else "order of the file"
    found.ties.append(Tie(first.id, sorted(topic.id for topic in others), chosen_by))
