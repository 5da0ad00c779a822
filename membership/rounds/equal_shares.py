#!/usr/bin/env python3
"""Counts approval ballots by the Method of Equal Shares, with the standard library alone.

    python equal_shares.py FILE.pb [--explain | --json | --check]

prints the winning topics of a Pabulib file, says why they won, or checks whatever the file says
of itself. It is the same file that the newsroom counts with, so that anybody can count again.

The rule. The budget is shared out evenly: every voter gets the same money. A topic is bought
when those who ticked it can pay for it together, as evenly as they can: each pays the same,
and who has less gives all they have. Whichever topic asks the least of its payers, measured
as the most that one of them pays per unit of its cost (rho), is bought first. When nothing
more can be paid for, every voter's share is raised by one step and the count starts afresh.
The last outcome before one that would overspend the budget stands.

Sources: Peters, Pierczynski and Skowron, "Proportional Participatory Budgeting with Additive
Utilities" (2021), utility being cost; equalshares.net for the steps; pabulib.org/format for
the file. Every amount is a whole number or a fraction: no float decides anything.
"""

import argparse
import base64
import csv
import hashlib
import heapq
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from functools import lru_cache
from io import BytesIO
from math import lcm
from pathlib import Path
from typing import NamedTuple, NoReturn, TypeVar

STEP_BY_STEP = "equalshares/add1"
ONCE = "equalshares"

Ballot = frozenset[str]
T = TypeVar("T")


class Malformed(Exception):
    """A file that cannot be counted, with the line where that shows."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(problem)
        self.line = line


@dataclass(frozen=True)
class Topic:
    """What can be bought; its cost is in the unit of the budget."""

    id: str
    cost: Fraction
    name: str = ""


@dataclass(frozen=True)
class Election:
    """All that decides an outcome. Identical ballots are one entry with their number."""

    topics: Sequence[Topic]
    ballots: Mapping[Ballot, int]
    budget: Fraction
    share_step: Fraction = Fraction(1)
    rule: str = STEP_BY_STEP
    seed: str = ""

    @property
    def voters(self) -> int:
        return sum(self.ballots.values())


@dataclass(frozen=True)
class Standing:
    """What became of one topic.

    Of one that was bought, `payment` is the most that one supporter paid, `rho` the same per unit
    of cost, and `least_payment` the least. Of one that was not, `spenders` is how many of its
    supporters had spent on topics that were bought, and `spent` how much they had together. What
    does not apply is None. `left` is what the supporters still had together at the end, and
    `missing` how much more they would have needed.
    """

    topic: Topic
    approvals: int
    won: bool
    left: Fraction
    missing: Fraction
    payment: Fraction | None = None
    least_payment: Fraction | None = None
    rho: Fraction | None = None
    spenders: int | None = None
    spent: Fraction | None = None


@dataclass(frozen=True)
class Tie:
    """A purchase for which `others` asked the same rho.

    The topic was `chosen_by` its "cost", its "approvals" or the "lot", or, where no seed is
    given, by the "order of the file".
    """

    winner: str
    others: Sequence[str]
    chosen_by: str


@dataclass(frozen=True)
class Count:
    """An outcome with its reasons. `standings` are in the order of the topics.

    `served` is the number of voters who ticked at least one winner. `next_share` and
    `next_cost` tell what the next step would have cost, None where no step was left to try.
    """

    election: Election
    winners: Sequence[str]
    standings: Sequence[Standing]
    ties: Sequence[Tie]
    first_share: Fraction
    share: Fraction
    steps: int
    spent: Fraction
    served: int
    next_share: Fraction | None = None
    next_cost: Fraction | None = None

    @property
    def left_over(self) -> Fraction:
        return self.election.budget - self.spent


def count(election: Election) -> Count:
    """The outcome of `election`, with the winners in the order in which they were bought."""
    tally = _Tally(election)
    if election.rule == ONCE:
        last, beyond = _buy(tally, step=0), None
    else:
        last, beyond = _last_that_fits(tally)
    return _told(election, tally, last, beyond)


class _Tally:
    """The election in whole numbers: money in 1/`unit` of the budget's unit, topics by position,
    ballots as bits."""

    def __init__(self, election: Election) -> None:
        amounts = [election.budget, election.share_step, *(t.cost for t in election.topics)]
        self.unit = lcm(*(amount.denominator for amount in amounts))
        self.budget, self.share_step, *self.costs = (int(amount * self.unit) for amount in amounts)
        self.voters = election.voters
        position = {topic.id: i for i, topic in enumerate(election.topics)}
        self.ballots: dict[int, int] = {}
        self.supporters: list[list[int]] = [[] for _ in election.topics]
        for ballot, number in election.ballots.items():
            ticked = [position[topic_id] for topic_id in ballot]
            bits = sum(1 << topic for topic in ticked)
            self.ballots[bits] = number
            for topic in ticked:
                self.supporters[topic].append(bits)
        self.approvals = [
            sum(self.ballots[bits] for bits in supporters) for supporters in self.supporters
        ]
        self.supported = [topic for topic, number in enumerate(self.approvals) if number]
        self.ranks = _ranks(election, self.approvals)
        # Most shares buy alike, so the same classes are asked for again and again.
        self.classes = lru_cache(maxsize=512)(self._classes)

    def _classes(self, topic: int, bought: int) -> Mapping[int, int]:
        """How many supporters of `topic` ticked which of the topics `bought` (bits).

        Who ticked the same of them has paid the same, so has the same money left.
        """
        number_of: dict[int, int] = defaultdict(int)
        for bits in self.supporters[topic]:
            number_of[bits & bought] += self.ballots[bits]
        return number_of


def _ranks(election: Election, approvals: Sequence[int]) -> list[int]:
    """Who goes first at equal rho: lower cost, then more approvals, then the lot."""

    def lot(position: int) -> str:
        if not election.seed:
            return ""  # sorting is stable: the order of the file
        return _sha256(election.seed + election.topics[position].id)

    order = sorted(
        range(len(election.topics)),
        key=lambda i: (election.topics[i].cost, -approvals[i], lot(i)),
    )
    ranks = [0] * len(order)
    for rank, position in enumerate(order):
        ranks[position] = rank
    return ranks


class _Offer(NamedTuple):
    """A topic and the rho that it asks for now. The smallest offer is bought."""

    rho: Fraction
    rank: int
    topic: int


@dataclass(frozen=True)
class _Purchase:
    """The smallest offer and, at that moment, the second smallest and all others of equal rho.

    `least` is what the poorest supporter paid, in the tally's unit.
    """

    offer: _Offer
    runner_up: _Offer | None
    rivals: Sequence[_Offer]
    least: Fraction


@dataclass
class _Outcome:
    """What one share buys.

    `bought` are the topics' bits. `money` is what a voter has left, in 1/`scale` of the tally's
    unit, by which of those bits their ballot bears.
    """

    step: int
    money: dict[int, int]
    scale: int
    purchases: list[_Purchase] = field(default_factory=list)
    bought: int = 0
    cost: int = 0


def _last_that_fits(tally: _Tally) -> tuple[_Outcome, _Outcome | None]:
    """The outcome before the first that overspends, and that one; None if all can be bought.

    Gives what trying every step in turn gives, but leaps over spans of steps which provably
    have one outcome. `ahead` holds the steps to be reached, the nearest last.
    """
    everything = len(tally.supported)
    low, ahead = _buy(tally, step=0), list[_Outcome]()
    while len(low.purchases) < everything:
        if not ahead:
            ahead.append(_buy(tally, step=2 * low.step + 1))
        high = ahead[-1]
        if _same_throughout(low, high):
            low = ahead.pop()
        elif high.step - low.step > 1:
            ahead.append(_buy(tally, step=(low.step + high.step) // 2))
        elif high.cost > tally.budget:
            return low, high
        else:
            low = ahead.pop()
    return low, None


def _same_throughout(low: _Outcome, high: _Outcome) -> bool:
    """Whether every step from `low` to `high` provably buys the same topics in the same order.

    Having bought the same topics in the same order, nobody has less under a larger share: by
    induction, a topic's payers with more money pay no more each, so each keeps no less. Hence
    a topic's rho lies between its rho at `high` and its rho at `low`, and what cannot be paid
    for at `high` cannot be paid for below. So a topic that is chosen at both ends, and whose
    worst rho, at `low`, still comes before the best of every other, at `high`, is chosen at
    each step between them.
    """
    return len(low.purchases) == len(high.purchases) and all(
        ours.offer.topic == theirs.offer.topic
        and (theirs.runner_up is None or ours.offer < theirs.runner_up)
        for ours, theirs in zip(low.purchases, high.purchases, strict=True)
    )


def _buy(tally: _Tally, *, step: int) -> _Outcome:
    """Equal shares with the share of `step`."""
    share = tally.budget + step * tally.share_step * tally.voters
    outcome = _Outcome(step, {0: share}, scale=tally.voters)
    queue = [_Offer(Fraction(1, tally.approvals[t]), tally.ranks[t], t) for t in tally.supported]
    heapq.heapify(queue)
    fresh: set[int] = set()
    while offer := _smallest(tally, outcome, queue, fresh):
        heapq.heappop(queue)
        rivals = _rivals(tally, outcome, queue, fresh, offer)
        runner_up = queue[0] if queue else None
        least = _collect(tally, outcome, offer)
        outcome.purchases.append(_Purchase(offer, runner_up, rivals, least))
        fresh.clear()
    return outcome


def _smallest(
    tally: _Tally, outcome: _Outcome, queue: list[_Offer], fresh: set[int]
) -> _Offer | None:
    """The smallest offer of now; None if nothing can be paid for any more.

    Money only becomes less, so rho only grows: an offer made earlier is a lower bound, and only
    those that come to the front of the queue are worked out anew (`fresh` tells which were).
    """
    while queue and queue[0].topic not in fresh:
        _, rank, topic = queue[0]
        payment = _even_payment(tally, outcome, topic)
        if payment is None:
            heapq.heappop(queue)
        else:
            heapq.heapreplace(queue, _Offer(payment / tally.costs[topic], rank, topic))
            fresh.add(topic)
    return queue[0] if queue else None


def _rivals(
    tally: _Tally, outcome: _Outcome, queue: list[_Offer], fresh: set[int], offer: _Offer
) -> Sequence[_Offer]:
    """The other offers of the same rho. Leaves the smallest offer of now in front of the queue."""
    rivals = list[_Offer]()
    while (rival := _smallest(tally, outcome, queue, fresh)) and rival.rho == offer.rho:
        rivals.append(heapq.heappop(queue))
    for rival in rivals:
        heapq.heappush(queue, rival)
    return rivals


def _even_payment(tally: _Tally, outcome: _Outcome, topic: int) -> Fraction | None:
    """The most each supporter is asked for when they share the cost, whoever has less giving all.

    None if they cannot pay it together.
    """
    due = tally.costs[topic] * outcome.scale
    classes = tally.classes(topic, outcome.bought)
    purses = [(outcome.money[ticked], number) for ticked, number in classes.items()]
    payers = tally.approvals[topic]
    while payers:
        even = -(-due // payers)
        rich = [purse for purse in purses if purse[0] >= even]
        if len(rich) == len(purses):
            return Fraction(due, payers * outcome.scale)
        for money, number in purses:
            if money < even:
                due -= money * number
                payers -= number
        purses = rich
    return None


def _collect(tally: _Tally, outcome: _Outcome, offer: _Offer) -> Fraction:
    """Let the supporters pay, or give all they have; refine the scale to stay whole.

    Returns the least that one of them pays.
    """
    amount = offer.rho * tally.costs[offer.topic] * outcome.scale
    supporters = tally.classes(offer.topic, outcome.bought)
    poorest = min(outcome.money[ticked] for ticked in supporters)
    least = min(amount, Fraction(poorest)) / outcome.scale
    bit, refined = 1 << offer.topic, amount.denominator
    outcome.scale *= refined
    outcome.bought |= bit
    outcome.cost += tally.costs[offer.topic]
    before = {ticked: money * refined for ticked, money in outcome.money.items()}
    paid = {ticked | bit: max(0, before[ticked] - amount.numerator) for ticked in supporters}
    # Where all have paid, `before` has money that is nobody's; nothing asks for it any more.
    outcome.money = before | paid
    return least


def _told(election: Election, tally: _Tally, last: _Outcome, beyond: _Outcome | None) -> Count:
    purchases = {purchase.offer.topic: purchase for purchase in last.purchases}
    winners = [election.topics[topic].id for topic in purchases]
    return Count(
        election=election,
        winners=winners,
        standings=[
            _winner(election, tally, last, purchases[topic])
            if topic in purchases
            else _loser(election, tally, last, topic)
            for topic in range(len(election.topics))
        ],
        ties=[_tie(election, tally, purchase) for purchase in last.purchases if purchase.rivals],
        first_share=_share(election, 0),
        share=_share(election, last.step),
        steps=last.step,
        spent=Fraction(last.cost, tally.unit),
        served=sum(n for ballot, n in election.ballots.items() if not ballot.isdisjoint(winners)),
        next_share=_share(election, beyond.step) if beyond else None,
        next_cost=Fraction(beyond.cost, tally.unit) if beyond else None,
    )


def _winner(election: Election, tally: _Tally, last: _Outcome, purchase: _Purchase) -> Standing:
    rho, _, position = purchase.offer
    topic = election.topics[position]
    return Standing(
        topic,
        tally.approvals[position],
        won=True,
        left=_left(tally, last, position),
        missing=Fraction(),
        payment=rho * topic.cost,
        least_payment=purchase.least / tally.unit,
        rho=rho,
    )


def _loser(election: Election, tally: _Tally, last: _Outcome, position: int) -> Standing:
    topic, approvals = election.topics[position], tally.approvals[position]
    left = _left(tally, last, position)
    return Standing(
        topic,
        approvals,
        won=False,
        left=left,
        missing=topic.cost - left,
        # Everybody pays something for the first of their topics that is bought.
        spenders=sum(n for ticked, n in tally.classes(position, last.bought).items() if ticked),
        spent=approvals * _share(election, last.step) - left,
    )


def _left(tally: _Tally, last: _Outcome, topic: int) -> Fraction:
    classes = tally.classes(topic, last.bought)
    money = sum(last.money[ticked] * number for ticked, number in classes.items())
    return Fraction(money, last.scale * tally.unit) if money else Fraction()


def _tie(election: Election, tally: _Tally, purchase: _Purchase) -> Tie:
    winner, others = purchase.offer.topic, [rival.topic for rival in purchase.rivals]
    as_cheap = [topic for topic in others if tally.costs[topic] == tally.costs[winner]]
    if not as_cheap:
        chosen_by = "cost"
    elif all(tally.approvals[topic] < tally.approvals[winner] for topic in as_cheap):
        chosen_by = "approvals"
    else:
        chosen_by = "lot" if election.seed else "order of the file"
    return Tie(
        election.topics[winner].id, [election.topics[topic].id for topic in others], chosen_by
    )


def _share(election: Election, step: int) -> Fraction:
    if not election.voters:
        return Fraction()
    return election.budget / election.voters + step * election.share_step


def parsed(data: bytes) -> Election:
    """The election in the bytes of a Pabulib file. Raises Malformed.

    Topics that were withdrawn while the round was open stand in META as `withdrawn_<id>`, and
    the ticks for them in a column of their own: they decide nothing.
    """
    meta: dict[str, tuple[int, str]] = {}
    topics: dict[str, Topic] = {}
    withdrawn: dict[str, Topic] = {}
    voters: set[str] = set()
    ballots: Counter[Ballot] = Counter()
    line = 0
    for section, line, row in _rows(data):
        if section == "META":
            if row["key"] in meta:
                raise Malformed(line, f"META gives {row['key']} twice")
            meta[row["key"]] = line, row["value"]
            if row["key"].startswith(WITHDRAWN):
                topic = _withdrawn_topic(line, row["key"], row["value"])
                withdrawn[topic.id] = topic
        elif section == "PROJECTS":
            topic = _topic(line, row)
            if topic.id in topics:
                raise Malformed(line, f"topic {topic.id} is listed twice")
            if topic.id in withdrawn:
                raise Malformed(line, f"topic {topic.id} is listed, but META says withdrawn")
            topics[topic.id] = topic
        else:
            if (voter := row.get("voter_id", str(line))) in voters:
                raise Malformed(line, f"voter {voter} has a second ballot")
            voters.add(voter)
            ballots[_ballot(line, row["vote"], topics)] += 1
            if "vote_withdrawn" in row:
                _ballot(line, row["vote_withdrawn"], withdrawn)
    return _election(meta, topics, ballots, last_line=line)


WITHDRAWN = "withdrawn_"
SECTIONS = {
    "META": ("key", "value"),
    "PROJECTS": ("project_id", "cost"),
    "VOTES": ("vote",),
}


def _rows(data: bytes) -> Iterator[tuple[str, int, dict[str, str]]]:
    """Each row with the section it stands in and its line, by the names in the section's head."""
    missing = list(SECTIONS)
    section, names, number = "", list[str](), 0
    for number, line in _lines(data):
        cells = _cells(number, line)
        if len(cells) == 1 and cells[0] in SECTIONS:
            if cells != missing[:1]:
                raise Malformed(number, f"the section {cells[0]} is out of place")
            section, names = missing.pop(0), []
        elif not section:
            raise Malformed(number, "the section META must come first")
        elif not names:
            names = cells
            for name in (*SECTIONS[section], *names):
                if names.count(name) != 1:
                    which = "two columns" if name in names else "no column"
                    raise Malformed(number, f"{section} has {which} {name}")
        elif len(cells) != len(names):
            raise Malformed(
                number, f"{len(cells)} values where the head of {section} names {len(names)}"
            )
        else:
            yield section, number, dict(zip(names, cells, strict=True))
    if missing:
        raise Malformed(number + 1, f"the file ends without a section {missing[0]}")
    if not names:
        raise Malformed(number + 1, f"the file ends before the head of {section}")


def _lines(data: bytes) -> Iterator[tuple[int, str]]:
    for number, raw in enumerate(BytesIO(data.removeprefix(b"\xef\xbb\xbf")), 1):
        try:
            line = raw.decode().strip()
        except UnicodeDecodeError:
            raise Malformed(number, "is not UTF-8 text") from None
        if line:
            yield number, line


def _cells(number: int, line: str) -> list[str]:
    if '"' not in line:
        return [cell.strip() for cell in line.split(";")]
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=";"))]
    except csv.Error as error:
        raise Malformed(number, str(error)) from None


def _topic(line: int, row: Mapping[str, str]) -> Topic:
    if not row["project_id"]:
        raise Malformed(line, "a topic without project_id")
    cost = _amount(line, "cost", row["cost"])
    if not cost:
        raise Malformed(line, "cost must be more than 0")
    return Topic(row["project_id"], cost, row.get("name", ""))


def _withdrawn_topic(line: int, key: str, value: str) -> Topic:
    cost, _, name = value.partition(" ")
    return Topic(key.removeprefix(WITHDRAWN), _amount(line, f"the cost in {key}", cost), name)


def _ballot(line: int, vote: str, topics: Mapping[str, Topic]) -> Ballot:
    ticks = _ticks(vote)
    for tick in ticks:
        if tick not in topics:
            raise Malformed(line, f"a vote for {tick or 'nothing'}, which is not a topic here")
    # Small for a hundred thousand of them: the topics' own ids, not a copy each, and from a set,
    # because a frozenset that is grown one by one keeps room for many more.
    ballot = frozenset({topics[tick].id for tick in ticks})
    if len(ballot) < len(ticks):
        raise Malformed(line, "a vote that names one topic twice")
    return ballot


def _ticks(vote: str) -> list[str]:
    return [tick.strip() for tick in vote.split(",")] if vote else []


def _amount(line: int, name: str, text: str) -> Fraction:
    if not re.fullmatch(r"[0-9]{1,30}([.,][0-9]{1,30})?", text):
        raise Malformed(line, f"{name} must be a number such as 1200 or 1200.50, not {text!r}")
    return Fraction(text.replace(",", "."))


def _election(
    meta: Mapping[str, tuple[int, str]],
    topics: Mapping[str, Topic],
    ballots: Counter[Ballot],
    *,
    last_line: int,
) -> Election:
    if "budget" not in meta:
        raise Malformed(last_line, "META gives no budget")
    totals_line, totals_only = meta.get("totals_only", (0, "0"))
    if totals_only == "1" and ballots:
        raise Malformed(totals_line, f"totals_only is 1, but {ballots.total()} ballots are listed")
    if totals_only == "1" and meta.get("num_votes", (0, ""))[1] != "0":
        raise Malformed(
            totals_line,
            "the file has totals only: so few voted that single ballots could be guessed. "
            "Without ballots nobody can count again",
        )
    for name, found in (("num_projects", len(topics)), ("num_votes", ballots.total())):
        line, said = meta.get(name, (0, str(found)))
        if said != str(found):
            raise Malformed(line, f"{name} is {said}, but {found} are listed")
    vote_line, vote_type = meta.get("vote_type", (0, "approval"))
    if vote_type != "approval":
        raise Malformed(vote_line, f"vote_type must be approval, not {vote_type}")
    rule_line, rule = meta.get("rule", (0, STEP_BY_STEP))
    if rule not in (STEP_BY_STEP, ONCE):
        raise Malformed(rule_line, f"rule must be {STEP_BY_STEP} or {ONCE}, not {rule}")
    step_line, step = meta.get("share_step", (0, "1"))
    share_step = _amount(step_line, "share_step", step)
    if not share_step:
        raise Malformed(step_line, "share_step must be more than 0")
    return Election(
        topics=list(topics.values()),
        ballots=ballots,
        budget=_amount(meta["budget"][0], "budget", meta["budget"][1]),
        share_step=share_step,
        rule=rule,
        seed=meta.get("seed", (0, ""))[1],
    )


@dataclass(frozen=True)
class Vote:
    """One ballot as a file lists it. `approvals` are all that was ticked, withdrawn topics too.

    In our files `voter_id` is the receipt; with the `salt` anybody can work it out.
    """

    voter_id: str
    approvals: Iterable[str]
    salt: str | None = None


def written(
    meta: Mapping[str, object],
    projects: Iterable[Mapping[str, object]],
    votes: Iterable[Vote],
) -> Iterator[str]:
    """The lines of a Pabulib file. `projects` all have the keys of the first.

    Either all `votes` have a salt or none has. Ticks for topics that `meta` calls withdrawn are
    listed apart, so that a program which knows nothing of them counts right.
    """
    withdrawn = {key.removeprefix(WITHDRAWN) for key in meta if key.startswith(WITHDRAWN)}
    yield from ("META", "key;value")
    yield from (_line(pair) for pair in meta.items())
    yield "PROJECTS"
    yield from _table(projects, empty=("project_id", "cost"))
    yield "VOTES"
    yield from _table((_vote_row(vote, withdrawn) for vote in votes), empty=("voter_id", "vote"))


def _table(rows: Iterable[Mapping[str, object]], *, empty: Sequence[str]) -> Iterator[str]:
    """The rows under the names of their columns; a table without rows has the head `empty`."""
    number = 0
    for number, row in enumerate(rows, 1):
        if number == 1:
            yield _line(row)
        yield _line(row.values())
    if not number:
        yield _line(empty)


def _vote_row(vote: Vote, withdrawn: Collection[str]) -> dict[str, str]:
    approvals = list(vote.approvals)
    row = {
        "voter_id": vote.voter_id,
        "vote": ",".join(topic for topic in approvals if topic not in withdrawn),
    }
    if vote.salt is not None:
        row["salt"] = vote.salt
    if withdrawn:
        row["vote_withdrawn"] = ",".join(topic for topic in approvals if topic in withdrawn)
    return row


def _line(values: Iterable[object]) -> str:
    return ";".join(_quoted(" ".join(str(value).split())) for value in values)


def _quoted(text: str) -> str:
    if ";" in text or '"' in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def terms_digest(
    *,
    rule: str,
    share_step: str,
    budget: int,
    unit: str,
    quorum: int,
    closes_at: str,
    join_by: str,
    roll: int,
    roll_digest: str,
    seed_digest: str,
    topics: Iterable[tuple[str, int, str]],
) -> str:
    """SHA-256, in hex, of all that is frozen when a round opens.

    `unit`, "minutes" or "topics", is that of the budget and of the costs; `quorum` is per cent
    of the roll. `closes_at` and `join_by` are written as in the file, the latter empty where
    nobody joins later. `roll` is the number of members at the opening. `topics` are ids, costs
    and names, in any order.
    """
    frozen = [
        ("rule", rule),
        ("share_step", share_step),
        ("budget", budget),
        ("unit", unit),
        ("quorum", quorum),
        ("closes_at", closes_at),
        ("join_by", join_by),
        ("roll", roll),
        ("roll_digest", roll_digest),
        ("seed_digest", seed_digest),
    ]
    listed = [("topic", topic_id, cost, name) for topic_id, cost, name in sorted(topics)]
    return _sha256("\n".join(map(_line, [*frozen, *listed])))


def receipt(terms: str, salt: str, approvals: Iterable[str]) -> str:
    """A commitment to a ballot under the digest of the `terms`: 24 letters in groups of four.

    They hold 120 bits of a SHA-256, so that not even who runs the server finds two ballots with
    one receipt, which would take about 2**60 tries.
    """
    text = f"{terms};{salt};{','.join(sorted(approvals))}"
    letters = base64.b32encode(hashlib.sha256(text.encode()).digest()[:15]).decode()
    return "-".join(letters[i : i + 4] for i in range(0, len(letters), 4))


def ballots_digest(ballots: Iterable[tuple[str, str, Iterable[str]]]) -> str:
    """SHA-256, in hex, of all ballots in any order: the receipt, the salt and the topics' ids."""
    rows = ((code, salt, ",".join(sorted(ids))) for code, salt, ids in ballots)
    return _sha256("\n".join(map(_line, sorted(rows))))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Check:
    """One thing that a file says of itself. `ok` is None where the file does not say it."""

    name: str
    ok: bool | None
    detail: str = ""


def checked(data: bytes) -> list[Check]:
    """Whatever a Pabulib file says of itself and anybody can work out anew.

    Raises Malformed if it is not laid out as such a file; one that is and still cannot be counted
    fails the check "count".
    """
    file = _Stated(data)
    return [
        _seed_check(file),
        _terms_check(file),
        _roll_check(file),
        _receipts_check(file),
        _repeats_check(file),
        _ballots_check(file),
        *_outcome_checks(file, data),
    ]


class _Stated:
    """A file word for word: META as a mapping, the rows of the other sections."""

    def __init__(self, data: bytes) -> None:
        sections: dict[str, list[dict[str, str]]] = {name: [] for name in SECTIONS}
        for section, _, row in _rows(data):
            sections[section].append(row)
        self.meta = {row["key"]: row["value"] for row in sections["META"]}
        self.topics = sections["PROJECTS"]
        self.votes = sections["VOTES"]
        self.has_totals_only = (
            self.meta.get("totals_only") == "1"
            and self.meta.get("num_votes") != "0"
            and not self.votes
        )


def _compared(name: str, stated: str, found: str) -> Check:
    if stated == found:
        return Check(name, True, found)
    return Check(name, False, f"the file says {stated}, but what it has gives {found}")


def _seed_check(file: _Stated) -> Check:
    if "seed_digest" not in file.meta:
        return Check("seed", None)
    return _compared("seed", file.meta["seed_digest"], _sha256(file.meta.get("seed", "")))


def _terms_check(file: _Stated) -> Check:
    if "terms_digest" not in file.meta:
        return Check("terms", None)
    try:
        return _compared("terms", file.meta["terms_digest"], _terms_found(file))
    except KeyError as lacking:
        return Check("terms", False, f"the file does not say {lacking.args[0]}")
    except ValueError:
        return Check("terms", False, "budget, roll and costs must be whole numbers")


def _terms_found(file: _Stated) -> str:
    withdrawn = (
        (key.removeprefix(WITHDRAWN), *value.partition(" ")[::2])
        for key, value in file.meta.items()
        if key.startswith(WITHDRAWN)
    )
    listed = ((row["project_id"], row["cost"], row["name"]) for row in file.topics)
    return terms_digest(
        rule=file.meta["rule"],
        share_step=file.meta["share_step"],
        budget=int(file.meta["budget"]),
        unit=file.meta["cost_unit"],
        quorum=int(file.meta["quorum"]),
        closes_at=file.meta["closes_at"],
        join_by=file.meta["join_by"],
        roll=int(file.meta["roll"]),
        roll_digest=file.meta["roll_digest"],
        seed_digest=file.meta["seed_digest"],
        topics=[(topic, int(cost), name) for topic, cost, name in (*listed, *withdrawn)],
    )


def _roll_check(file: _Stated) -> Check:
    if "roll" not in file.meta:
        return Check("roll", None)
    voters = file.meta.get("num_votes", str(len(file.votes)))
    rolls = (file.meta["roll"], file.meta.get("let_in", "0"))
    if not all(number.isdecimal() for number in (voters, *rolls)):
        return Check("roll", False, f"{voters} and {' and '.join(rolls)} must be whole numbers")
    may_vote = sum(map(int, rolls))
    return Check("roll", int(voters) <= may_vote, f"{voters} ballots by {may_vote} who may vote")


def _receipts_check(file: _Stated) -> Check:
    if "terms_digest" not in file.meta or file.has_totals_only:
        return Check("receipts", None)
    terms = file.meta["terms_digest"]
    wrong = [row.get("voter_id", "") for row in file.votes if not _fits(terms, row)]
    if wrong:
        return _wrong("receipts", wrong, f"of {len(file.votes)} do not fit their ballots")
    return Check("receipts", True, f"{len(file.votes)} fit their ballots")


def _fits(terms: str, row: Mapping[str, str]) -> bool:
    salt = row.get("salt", "")
    # With a separator in it, a salt could swallow a tick, and one receipt would fit two ballots.
    return ";" not in salt and row.get("voter_id") == receipt(terms, salt, _all_ticks(row))


def _all_ticks(row: Mapping[str, str]) -> list[str]:
    return _ticks(row["vote"]) + _ticks(row.get("vote_withdrawn", ""))


def _repeats_check(file: _Stated) -> Check:
    if not file.votes or "voter_id" not in file.votes[0]:
        return Check("repeats", None)
    number_of = Counter(row["voter_id"] for row in file.votes)
    if repeated := [voter for voter, number in number_of.items() if number > 1]:
        return _wrong("repeats", repeated, "stand there more than once")
    return Check("repeats", True, "nobody's ballot stands there twice")


def _ballots_check(file: _Stated) -> Check:
    if "ballots_digest" not in file.meta:
        return Check("ballots", None)
    stated = file.meta["ballots_digest"]
    if file.has_totals_only:
        return Check("ballots", None, f"{stated}, but the file has totals only")
    ballots = (
        (row.get("voter_id", ""), row.get("salt", ""), _all_ticks(row)) for row in file.votes
    )
    return _compared("ballots", stated, ballots_digest(ballots))


def _outcome_checks(file: _Stated, data: bytes) -> list[Check]:
    try:
        standings = count(parsed(data)).standings
    except Malformed as error:
        ok = None if file.has_totals_only else False
        refused = Check("count", ok, f"line {error.line}: {error}")
        return [refused, Check("votes", None), Check("selected", None)]
    return [
        Check("count", True, " ".join(s.topic.id for s in standings if s.won)),
        _column_check(file, "votes", [str(s.approvals) for s in standings]),
        _column_check(file, "selected", [str(int(s.won)) for s in standings]),
    ]


def _column_check(file: _Stated, name: str, found: Sequence[str]) -> Check:
    if not file.topics or name not in file.topics[0]:
        return Check(name, None)
    pairs = zip(file.topics, found, strict=True)
    if wrong := [row["project_id"] for row, value in pairs if row[name] != value]:
        return _wrong(name, wrong, "have another value than the count gives")
    return Check(name, True, "as counted")


def _wrong(name: str, which: Sequence[str], problem: str) -> Check:
    """Names no more than ten, so that a file that is wrong throughout is not printed whole."""
    more = ", ..." if len(which) > 10 else ""
    return Check(name, False, f"{len(which)} {problem}: {', '.join(which[:10])}{more}")


def explained(result: Count) -> Iterator[str]:
    """The outcome and its reasons in plain words, line by line."""
    election = result.election
    yield (
        f"{election.voters} voters, {len(election.topics)} topics, "
        f"a budget of {_shown(election.budget)}."
    )
    yield (
        f"Every voter's share began at {_shown(result.first_share)} and was raised to "
        f"{_shown(result.share)}, in steps of {_shown(election.share_step)} "
        f"(how many: {result.steps})."
    )
    standings = {standing.topic.id: standing for standing in result.standings}
    if result.winners:
        yield "Bought, in this order:"
        yield from (f"  {_why_bought(standings[winner])}" for winner in result.winners)
        yield from (_why_first(tie, standings) for tie in result.ties)
    if len(result.winners) < len(standings):
        yield "Not bought:"
        yield from (f"  {_why_not(standing)}" for standing in result.standings if not standing.won)
    yield f"{_shown(result.spent)} is spent and {_shown(result.left_over)} is left over."
    yield f"{result.served} of {election.voters} voters ticked at least one topic that was bought."
    if result.next_share is not None and result.next_cost is not None:
        yield (
            f"With the next share, {_shown(result.next_share)}, the topics bought would cost "
            f"{_shown(result.next_cost)}: more than the budget. So the count ends here."
        )
    elif election.rule == STEP_BY_STEP:
        yield "Every topic that anybody ticked is bought. So the count ends here."


def _why_bought(standing: Standing) -> str:
    most, least = standing.payment or Fraction(), standing.least_payment or Fraction()
    paid = _shown(most) if least == most else f"between {_shown(least)} and {_shown(most)}"
    return (
        f"{_named(standing.topic)}: costs {_shown(standing.topic.cost)}. Supporters: "
        f"{standing.approvals}, who paid {paid} each."
    )


def _why_first(tie: Tie, standings: Mapping[str, Standing]) -> str:
    reasons = {
        "cost": "its cost, which is lower",
        "approvals": "its supporters, who are more",
        "lot": "the lot drawn from the seed",
        "order of the file": "the order of the file, which gives no seed for a lot",
    }
    others = ", ".join(_named(standings[other].topic) for other in tie.others)
    return (
        f"When {_named(standings[tie.winner].topic)} was bought, it asked as much of its voters as "
        f"{others}. What decided was {reasons[tie.chosen_by]}."
    )


def _why_not(standing: Standing) -> str:
    if not standing.approvals:
        return f"{_named(standing.topic)}: nobody ticked it."
    spent = (
        f"{standing.spenders} of them had spent {_shown(standing.spent or Fraction())} together"
        if standing.spenders
        else "None of them had spent anything"
    )
    return (
        f"{_named(standing.topic)}: costs {_shown(standing.topic.cost)}. Supporters: "
        f"{standing.approvals}, who had {_shown(standing.left)} left together, "
        f"{_shown(standing.missing)} too little. {spent} on topics that were bought."
    )


def _named(topic: Topic) -> str:
    return f"{topic.id} ({topic.name})" if topic.name else topic.id


def _shown(amount: Fraction) -> str:
    """Cut off after four places, so that no more is ever shown than there is."""
    whole, places = divmod(int(amount * 10_000), 10_000)
    return f"{whole:,}" + f".{places:04}".rstrip("0").rstrip(".")


def as_json(result: Count) -> dict[str, object]:
    """The outcome as JSON can hold it: amounts as numbers to read and, under `exact`, as
    fractions to check."""
    election = result.election
    return {
        "rule": election.rule,
        "seed": election.seed,
        "voters": election.voters,
        "served": result.served,
        "steps": result.steps,
        "winners": list(result.winners),
        **_amounts(
            budget=election.budget,
            share_step=election.share_step,
            first_share=result.first_share,
            share=result.share,
            spent=result.spent,
            left_over=result.left_over,
            next_share=result.next_share,
            next_cost=result.next_cost,
        ),
        "topics": [
            {
                "id": standing.topic.id,
                "name": standing.topic.name,
                "approvals": standing.approvals,
                "won": standing.won,
                "spenders": standing.spenders,
                **_amounts(
                    cost=standing.topic.cost,
                    payment=standing.payment,
                    least_payment=standing.least_payment,
                    rho=standing.rho,
                    left=standing.left,
                    missing=standing.missing,
                    spent=standing.spent,
                ),
            }
            for standing in result.standings
        ],
        "ties": [asdict(tie) for tie in result.ties],
    }


def _amounts(**amounts: Fraction | None) -> dict[str, object]:
    given = {name: amount for name, amount in amounts.items() if amount is not None}
    return {
        **dict.fromkeys(amounts),
        **{name: _number(amount) for name, amount in given.items()},
        "exact": {name: str(amount) for name, amount in given.items()},
    }


def _number(amount: Fraction) -> int | float:
    return int(amount) if amount.denominator == 1 else float(amount)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description="Count a Pabulib file of approval ballots by the Method of Equal Shares."
    )
    parser.add_argument("file", type=Path, metavar="FILE.pb")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--explain", action="store_true", help="say in words why each topic won")
    form.add_argument("--json", action="store_true", help="print the whole count as JSON")
    form.add_argument("--check", action="store_true", help="check what the file says of itself")
    given = parser.parse_args(arguments)
    if given.check:
        report(_read(given.file, checked))
        return
    result = _read(given.file, lambda data: count(parsed(data)))
    if given.explain:
        print("\n".join(explained(result)))
    elif given.json:
        print(json.dumps(as_json(result), ensure_ascii=False, indent=2))
    else:
        print(" ".join(standing.topic.id for standing in result.standings if standing.won))


def report(checks: Iterable[Check]) -> None:
    """Print a line for each check. Exits with 1 if anything is wrong."""
    checks = list(checks)
    words = {True: "ok", False: "WRONG", None: "not stated"}
    for check in checks:
        print(f"{check.name:<16}{words[check.ok]:<12}{check.detail}".rstrip())
    if any(check.ok is False for check in checks):
        raise SystemExit(1)


def _read(path: Path, use: Callable[[bytes], T]) -> T:
    try:
        return use(path.read_bytes())
    except Malformed as error:
        _refuse(f"{path}, line {error.line}: {error}")
    except OSError as error:
        _refuse(f"{path}: {error.strerror}")


def _refuse(problem: str) -> NoReturn:
    print(problem, file=sys.stderr)
    raise SystemExit(1)


if __name__ == "__main__":
    main()
