"""How the count grows: ballots counted a second, ten times as many against as many."""

import random
from collections.abc import Iterator

from bench.pair import Pair, in_turn
from membership.rounds import equal_shares

TOPICS = 30


def figures() -> Iterator[Pair]:
    for few, many in ((1_000, 10_000), (10_000, 100_000)):
        small, large = _election(few), _election(many)
        yield in_turn(
            f"counting {many:,} ballots to {few:,}",
            "ballots",
            lambda _number, e=large, n=many: _count(e, n),
            lambda _number, e=small, n=few: _count(e, n),
            rounds=3,
        )


def _count(election: equal_shares.Election, ballots: int) -> int:
    equal_shares.count(election)
    return ballots


def _election(ballots: int) -> equal_shares.Election:
    """A .pb file of that many ballots over 30 topics, the popular ones ticked more often."""
    chance = random.Random(ballots)
    names = [f"t{number}" for number in range(TOPICS)]
    projects = [
        {"project_id": name, "cost": chance.randrange(4, 40) * 60, "name": name} for name in names
    ]
    weights = [TOPICS - number for number in range(TOPICS)]
    votes = (
        equal_shares.Vote(
            f"v{number}", sorted(set(chance.choices(names, weights, k=chance.randint(1, 6))))
        )
        for number in range(ballots)
    )
    meta = {"budget": 200 * 60, "rule": "equalshares/add1", "share_step": "0.001"}
    lines = equal_shares.written(meta, projects, votes)
    return equal_shares.parsed("\n".join(lines).encode())
