"""Elections for tests: written in a line, or drawn at random."""

from collections import Counter
from fractions import Fraction

from hypothesis import strategies as st

from membership.rounds.equal_shares import ONCE, STEP_BY_STEP, Ballot, Election, Topic


def election(
    costs: dict[str, int], ballots: str, *, budget: int, step: Fraction | int = 1, seed: str = ""
) -> Election:
    """`ballots` as "3 ab, 1 c": three voters ticked a and b, one ticked c; "1 -" ticked nothing."""
    votes: Counter[Ballot] = Counter()
    for part in filter(None, ballots.split(", ")):
        number, ticks = part.split(" ")
        votes[frozenset(ticks.strip("-"))] += int(number)
    topics = [Topic(name, Fraction(cost)) for name, cost in costs.items()]
    return Election(topics, votes, Fraction(budget), Fraction(step), seed=seed)


QUARTERS = st.integers(4, 48).map(lambda quarters: Fraction(quarters, 4))
COSTS = st.integers(1, 12).map(Fraction) | QUARTERS
BUDGETS = st.integers(0, 40)
RULES = st.sampled_from([STEP_BY_STEP, ONCE])
SEEDS = st.sampled_from(["", "2024", "2026"])
STEPS = st.sampled_from([Fraction(1), Fraction(1, 4), Fraction(1, 20)])


@st.composite
def elections(
    draw: st.DrawFn,
    *,
    costs: st.SearchStrategy[Fraction] = COSTS,
    budgets: st.SearchStrategy[int] = BUDGETS,
    rules: st.SearchStrategy[str] = RULES,
    seeds: st.SearchStrategy[str] = SEEDS,
) -> Election:
    names = "abcdef"[: draw(st.integers(0, 6))]
    ticks = st.frozensets(st.sampled_from(names)) if names else st.just(Ballot())
    return Election(
        topics=[Topic(name, draw(costs)) for name in names],
        ballots=Counter(draw(st.lists(ticks, max_size=9))),
        budget=Fraction(draw(budgets)),
        share_step=draw(STEPS),
        rule=draw(rules),
        seed=draw(seeds),
    )


SLOTS = elections(costs=st.just(Fraction(1)), budgets=st.integers(0, 6))
EITHER = elections() | SLOTS
