"""What the rule promises, whatever the ballots, and what it does not."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from membership.rounds import equal_shares
from membership.rounds.equal_shares import ONCE, STEP_BY_STEP, Ballot, Election, Standing
from tests.rounds import naive
from tests.rounds.elections import EITHER, SLOTS, election, elections
from tests.rounds.worked_by_hand import AFTER_THE_TICK, BEFORE_THE_TICK

thorough = settings(max_examples=400, deadline=None)

# The same as one voter and one step at a time


@given(EITHER)
@thorough
def test_leaping_and_grouping_give_what_the_rule_gives_word_for_word(story: Election) -> None:
    result, slow = equal_shares.count(story), naive.count(story)
    assert (list(result.winners), result.share) == (slow.winners, slow.share)


@given(EITHER)
@thorough
def test_the_reasons_are_those_of_single_voters(story: Election) -> None:
    result, slow = equal_shares.count(story), naive.count(story)
    for standing in result.standings:
        assert told(standing) == found(slow, standing)
    assert [replace(tie, others=sorted(tie.others)) for tie in result.ties] == slow.ties


def told(standing: Standing) -> tuple[object, ...]:
    if standing.won:
        return standing.least_payment, standing.payment, standing.left, standing.missing
    return standing.spenders, standing.spent, standing.left, standing.missing


def found(slow: naive.Outcome, standing: Standing) -> tuple[object, ...]:
    topic = standing.topic
    supporters = slow.supporters(topic.id)
    left = sum(purse.money for purse in supporters)
    if standing.won:
        return min(slow.payments(topic.id)), max(slow.payments(topic.id)), left, 0
    spent = [sum(purse.paid.values()) for purse in supporters]
    return sum(map(bool, spent)), sum(spent), left, topic.cost - left


@given(EITHER)
@thorough
def test_the_next_share_would_have_overspent_or_there_is_nothing_left_to_buy(
    story: Election,
) -> None:
    result = equal_shares.count(story)
    if result.next_share is None:
        assert story.rule == ONCE or set(result.winners) == set().union(*story.ballots)
    else:
        assert result.next_share == result.share + story.share_step
        bought = naive.outcome(story, result.next_share).winners
        assert result.next_cost == sum(topic.cost for topic in story.topics if topic.id in bought)
        assert result.next_cost > story.budget


# The budget and the order


@given(EITHER)
def test_the_budget_is_never_overspent(story: Election) -> None:
    result = equal_shares.count(story)
    assert result.left_over >= 0
    assert result.spent == sum(s.topic.cost for s in result.standings if s.won)


@given(EITHER)
def test_every_loser_lacked_something_and_no_winner_did(story: Election) -> None:
    assert all((s.missing > 0) != s.won for s in equal_shares.count(story).standings)


@given(EITHER, st.randoms())
def test_the_order_of_the_ballots_does_not_matter(story: Election, random: Random) -> None:
    ballots = list(story.ballots.items())
    random.shuffle(ballots)
    shuffled = replace(story, ballots=dict(ballots))
    assert outcome(shuffled) == outcome(story)


@given(elections(seeds=st.just("2024")), st.randoms())
def test_with_a_seed_the_order_of_the_topics_does_not_matter(
    story: Election, random: Random
) -> None:
    shuffled = replace(story, topics=random.sample(story.topics, len(story.topics)))
    assert outcome(shuffled) == outcome(story)


def outcome(story: Election) -> tuple[object, ...]:
    result = equal_shares.count(story)
    standings = {standing.topic.id: standing for standing in result.standings}
    ties = [replace(tie, others=sorted(tie.others)) for tie in result.ties]
    return list(result.winners), result.share, standings, ties


# Representation


@given(EITHER)
@thorough
def test_a_group_without_its_topic_has_somebody_who_is_well_served(story: Election) -> None:
    """Extended justified representation, EJR+ up to any project, for the shares as raised.

    Of any group who all ticked a topic that was not bought, one member at least has so much of
    what was bought that with this topic it would cost more than the shares of the whole group.

    Proof, for one run with some share s. Say n voters ticked the topic, which costs c. In the end
    they cannot pay it, so at some time the first of them, i, had less than c/n left. Until then
    each of them could have paid c/n for it, with a rho of 1/n, so whatever i paid for had a rho
    of at most 1/n: for the more than s - c/n that i had spent, i has topics for more than n times
    that, n*s - c. A raise is nothing but another run with a larger s, so it keeps the guarantee.
    """
    result = equal_shares.count(story)
    costs = {topic.id: topic.cost for topic in story.topics}
    for standing in result.standings:
        supporters = [b for b in story.ballots.elements() if standing.topic.id in b]
        worth = sorted(sum(costs[w] for w in result.winners if w in b) for b in supporters)
        for size, best_served in enumerate(worth, 1):
            assert standing.won or best_served + standing.topic.cost > size * result.share


@given(SLOTS, st.integers(1, 9), st.integers(0, 6))
def test_of_k_slots_a_group_of_like_mind_has_its_part_rounded_down(
    story: Election, size: int, breadth: int
) -> None:
    wanted = frozenset(topic.id for topic in story.topics[:breadth])
    together = replace(story, ballots=Counter(story.ballots) + Counter({wanted: size}))
    part = story.budget * size // together.voters
    served = wanted.intersection(equal_shares.count(together).winners)
    assert len(served) >= min(part, len(wanted))


# One more tick


@given(EITHER, st.randoms())
@thorough
def test_with_one_share_another_tick_never_costs_a_topic_its_place(
    story: Election, random: Random
) -> None:
    """All goes as before until the topic is bought, except that it asks no more than before."""
    story = replace(story, rule=ONCE)
    for winner in equal_shares.count(story).winners:
        if others := [ballot for ballot in story.ballots if winner not in ballot]:
            ballot = random.choice(others)
            ballots = story.ballots - Counter([ballot]) + Counter([ballot | {winner}])
            assert winner in equal_shares.count(replace(story, ballots=ballots)).winners


def test_where_shares_are_raised_another_tick_can_cost_a_topic_its_place() -> None:
    before, after = (
        equal_shares.parsed(worked.file().encode()) for worked in (BEFORE_THE_TICK, AFTER_THE_TICK)
    )
    ticked = Counter(before.ballots) - Counter([Ballot()]) + Counter([Ballot("b")])
    assert replace(before, ballots=ticked) == after
    assert equal_shares.count(before).winners == ["b"]
    assert equal_shares.count(after).winners == ["a"]


def test_so_can_another_tick_where_there_are_slots() -> None:
    slots, step = dict.fromkeys("abcd", 1), Fraction(1, 10)
    others = "1 -, 2 ab, 1 abcd, 1 acd, 1 c, 1 bc"
    before = election(slots, f"1 a, {others}", budget=2, step=step)
    after = election(slots, f"1 ab, {others}", budget=2, step=step)
    assert equal_shares.count(before).winners == ["a", "b"]
    assert equal_shares.count(after).winners == ["a", "c"]


# The search for the last share


def test_alike_at_both_ends_is_not_alike_throughout() -> None:
    # Steps 5 and 7 both buy d, c and a, but step 6 buys d, c and b, which overspends.
    costs = {"a": 7, "b": 11, "c": 7, "d": 5}
    story = election(costs, "2 c, 1 acd, 1 abd, 1 bd", budget=22, step=Fraction(1, 2))
    result = equal_shares.count(story)
    assert (result.steps, result.share) == (5, naive.count(story).share)


def test_a_million_steps_are_leapt_over() -> None:
    # a asks 1 of each; the one voter for b needs 1,000,000, and the share begins at about 1,001.
    result = equal_shares.count(election({"a": 999, "b": 10**6}, "999 a, 1 b", budget=1_001_000))
    assert (result.winners, result.steps) == (["a", "b"], 10**6 - 1001)


@given(elections(rules=st.just(STEP_BY_STEP)), st.integers(0, 20), st.integers(2, 20))
@settings(deadline=None)
def test_a_leap_is_only_over_steps_that_buy_alike(story: Election, low: int, width: int) -> None:
    tally = equal_shares._Tally(story)

    def bought(step: int) -> list[int]:
        return [p.offer.topic for p in equal_shares._buy(tally, step=step).purchases]

    ends = (equal_shares._buy(tally, step=step) for step in (low, low + width))
    if story.voters and equal_shares._same_throughout(*ends):
        assert all(bought(low + i) == bought(low) for i in range(width))
