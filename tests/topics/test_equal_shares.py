"""The count, checked against published elections, by hand, and against a slow twin of itself."""

import json
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from membership.topics import equal_shares
from membership.topics.equal_shares import Ballot, Count, Election, Malformed, Topic, Vote
from tests.topics.script import run

ELECTIONS = Path(__file__).parents[2].parent / "shared" / "elections"
PUBLISHED = sorted(ELECTIONS.glob("*.pb"))


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


def winners(*args: object, **kwargs: object) -> str:
    return "".join(equal_shares.count(election(*args, **kwargs)).winners)  # type: ignore[arg-type]


def standing(result: Count, topic: str) -> equal_shares.Standing:
    return next(s for s in result.standings if s.topic.id == topic)


# Published elections


def published_winners(path: Path) -> str:
    projects = path.read_text("utf-8").split("PROJECTS")[1].split("VOTES")[0].split("\n")[2:]
    rows = [line.split(";") for line in projects if line.strip()]
    return " ".join(row[0] for row in rows if row[4].strip() == "1")


if PUBLISHED:

    @pytest.mark.parametrize("path", PUBLISHED, ids=[path.stem for path in PUBLISHED])
    def test_a_published_election_gives_its_published_winners(path: Path) -> None:
        assert run(path).stdout == published_winners(path) + "\n"

    @pytest.mark.parametrize("path", [path for path in PUBLISHED if "Swiecie" in path.name])
    def test_the_last_share_of_swiecie_is_as_published(path: Path) -> None:
        result = equal_shares.count(equal_shares.parsed(path.read_bytes()))
        assert result.share == Fraction(1_070_000, 2553) + 242
        assert "661.1147" in "\n".join(equal_shares.explained(result))


# Worked by hand


def test_one_voter_buys_what_fits() -> None:
    assert winners({"a": 10}, "1 a", budget=10) == "a"


def test_a_topic_dearer_than_the_budget_is_never_bought() -> None:
    result = equal_shares.count(election({"a": 11}, "1 a", budget=10))
    assert (result.winners, result.steps, result.next_cost) == ([], 0, 11)


def test_half_of_the_voters_decide_over_half_of_the_budget() -> None:
    # 60 voters with 1 each want a, b and c; 40 want d. Most votes would buy a, b and c.
    costs = {"a": 30, "b": 30, "c": 30, "d": 40}
    assert winners(costs, "60 abc, 40 d", budget=100) == "abd"


def test_the_topic_that_asks_the_least_of_each_is_bought_first() -> None:
    assert winners({"a": 4, "b": 6}, "2 a, 3 b", budget=10) == "ba"


def test_who_has_less_gives_all_and_the_others_pay_more() -> None:
    # Shares of 3. a: 4 voters pay 2. b: one has 1 left, one has 3; 1 + 3 = 4.
    result = equal_shares.count(election({"a": 8, "b": 4}, "3 a, 1 ab, 1 b", budget=15))
    assert result.winners == ["a", "b"]
    assert standing(result, "b").payment == 3
    assert standing(result, "b").rho == Fraction(3, 4)


def test_shares_are_raised_until_the_rest_can_be_bought() -> None:
    # Shares of 5: nobody can pay 6 alone. At 6 both can, and 12 is more than 10: nothing.
    result = equal_shares.count(election({"a": 6, "b": 6}, "1 a, 1 b", budget=10))
    assert (result.winners, result.share, result.next_cost) == ([], 5, 12)


def test_a_raise_buys_what_the_first_share_could_not() -> None:
    # Shares of 4: a costs its two 3 each. b needs 6 of one voter: at 6 both fit 12.
    result = equal_shares.count(election({"a": 6, "b": 6}, "2 a, 1 b", budget=12))
    assert (result.winners, result.share, result.steps) == (["a", "b"], 6, 2)


def test_the_last_outcome_that_fits_stands_even_if_an_earlier_one_bought_more() -> None:
    # Shares of 14/3: a, 2 each. 17/3: a, and b for what its two have left: 13 spent. 20/3: a,
    # then c can be paid for, by 4 each, and wins the tie with b: 12 spent. 23/3: all, 21.
    result = equal_shares.count(election({"a": 4, "b": 9, "c": 8}, "1 abc, 1 ac, 1 b", budget=14))
    assert (result.winners, result.steps, result.next_cost) == (["a", "c"], 2, 21)


def test_a_million_steps_are_leapt_over() -> None:
    # a asks 1 of each; the one voter for b needs 1,000,000, and the share begins at about 1,001.
    result = equal_shares.count(election({"a": 999, "b": 10**6}, "999 a, 1 b", budget=1_001_000))
    assert (result.winners, result.steps) == (["a", "b"], 10**6 - 1001)


def test_what_is_left_over_is_not_spent_on_the_next_favourite() -> None:
    # b would fit into what is left, but at the share that buys it c is bought too.
    result = equal_shares.count(election({"a": 6, "b": 3, "c": 3}, "4 a, 1 b, 1 c", budget=10))
    assert (result.winners, result.left_over) == (["a"], 4)


def test_a_smaller_step_can_stop_between_two_topics() -> None:
    costs, ballots = {"a": 4, "b": 5}, "1 a, 1 b"
    assert winners(costs, ballots, budget=7, step=2) == ""
    assert winners(costs, ballots, budget=7, step=Fraction(1, 2)) == "a"


def test_a_topic_without_supporters_is_not_bought_and_does_not_keep_the_count_going() -> None:
    result = equal_shares.count(election({"a": 2, "b": 1}, "1 a", budget=5))
    assert result.winners == ["a"]
    assert result.next_share is None
    assert standing(result, "b").missing == 1


def test_without_voters_nothing_is_bought() -> None:
    result = equal_shares.count(election({"a": 2}, "", budget=5))
    assert (result.winners, result.share, result.left_over) == ([], 0, 5)


def test_without_topics_nothing_is_bought() -> None:
    assert winners({}, "3 -", budget=5) == ""


def test_an_empty_ballot_is_a_voter_with_a_share() -> None:
    assert equal_shares.count(election({"a": 2}, "1 a, 1 -", budget=8)).first_share == 4


def test_without_a_budget_nothing_is_bought() -> None:
    assert winners({"a": 1}, "1 a", budget=0) == ""


def test_ballots_without_any_choice_in_common_serve_everybody() -> None:
    result = equal_shares.count(election({"a": 5, "b": 5}, "1 a, 1 b", budget=10))
    assert (result.winners, result.served) == (["a", "b"], 2)


def test_what_a_loser_lacked_is_told() -> None:
    # Shares of 4, raised to 5: both pay 2 for b and have 3 left each, where a needs 4 each.
    result = equal_shares.count(election({"a": 8, "b": 4}, "2 ab", budget=8))
    assert (standing(result, "a").left, standing(result, "a").missing) == (6, 2)
    assert (result.winners, result.share) == (["b"], 5)


# Ties


def test_at_equal_rho_the_cheaper_topic_comes_first() -> None:
    assert winners({"a": 4, "b": 2}, "2 ab", budget=6) == "ba"


def test_a_tie_without_a_seed_keeps_the_order_of_the_file() -> None:
    assert winners({"b": 5, "a": 5}, "1 a, 1 b", budget=10) == "ba"


@pytest.mark.parametrize(("seed", "winner"), [("2024", "a"), ("2030", "b"), ("2026", "c")])
def test_a_tie_with_a_seed_is_settled_by_lot(seed: str, winner: str) -> None:
    story = election({"a": 6, "b": 6, "c": 6}, "2 abc", budget=6, seed=seed)
    assert equal_shares.count(story).winners == [winner]


# Against a slow twin that follows the rule word for word


def slowly(story: Election) -> tuple[tuple[str, ...], Fraction]:
    """Winners as bought and the last share, one voter and one step at a time."""
    voters = [ballot for ballot, number in story.ballots.items() for _ in range(number)]
    supported = [topic for topic in story.topics if any(topic.id in ballot for ballot in voters)]
    costs = {topic.id: topic.cost for topic in story.topics}
    if not voters:
        return (), Fraction()
    share = story.budget / len(voters)
    last = slow_outcome(supported, voters, share)
    while len(last) < len(supported):
        following = slow_outcome(supported, voters, share + story.share_step)
        if sum(costs[name] for name in following) > story.budget:
            break
        share, last = share + story.share_step, following
    return last, share


def slow_outcome(
    topics: Sequence[Topic], voters: Sequence[Ballot], share: Fraction
) -> tuple[str, ...]:
    purses = [share] * len(voters)
    bought: list[str] = []
    while True:
        offers = []
        for position, topic in enumerate(topics):
            payers = [i for i, ballot in enumerate(voters) if topic.id in ballot]
            if topic.id in bought or sum(purses[i] for i in payers) < topic.cost:
                continue
            due, asked = topic.cost, Fraction()
            for still, i in enumerate(sorted(payers, key=lambda i: purses[i])):
                asked = due / (len(payers) - still)
                due -= min(purses[i], asked)
            offers.append((asked / topic.cost, topic.cost, -len(payers), position, payers))
        if not offers:
            return tuple(bought)
        rho, cost, _, position, payers = min(offers)
        bought.append(topics[position].id)
        for i in payers:
            purses[i] -= min(purses[i], rho * cost)


@st.composite
def elections(draw: st.DrawFn) -> Election:
    names = "abcdef"[: draw(st.integers(0, 6))]
    costs = {name: draw(st.integers(1, 12)) for name in names}
    ballots = draw(st.lists(st.frozensets(st.sampled_from(names)) if names else st.just(Ballot()),
                            max_size=9))  # fmt: skip
    step = draw(st.sampled_from([Fraction(1), Fraction(1, 3), Fraction(1, 20)]))
    topics = [Topic(name, Fraction(cost)) for name, cost in costs.items()]
    return Election(topics, Counter(ballots), Fraction(draw(st.integers(0, 40))), step)


@given(elections())
@settings(max_examples=400, deadline=None)
def test_leaping_and_grouping_give_what_the_rule_gives_word_for_word(story: Election) -> None:
    result = equal_shares.count(story)
    assert (tuple(result.winners), result.share) == slowly(story)


def test_alike_at_both_ends_is_not_alike_throughout() -> None:
    # Steps 5 and 7 both buy d, c and a, but step 6 buys d, c and b, which overspends.
    costs = {"a": 7, "b": 11, "c": 7, "d": 5}
    story = election(costs, "2 c, 1 acd, 1 abd, 1 bd", budget=22, step=Fraction(1, 2))
    result = equal_shares.count(story)
    assert (result.steps, result.share) == (5, slowly(story)[1])


@given(elections(), st.integers(0, 20), st.integers(2, 20))
@settings(deadline=None)
def test_a_leap_is_only_over_steps_that_buy_alike(story: Election, low: int, width: int) -> None:
    tally = equal_shares._Tally(story)

    def bought(step: int) -> list[int]:
        return [p.offer.topic for p in equal_shares._buy(tally, step=step).purchases]

    ends = (equal_shares._buy(tally, step=step) for step in (low, low + width))
    if story.voters and equal_shares._same_throughout(*ends):
        assert all(bought(low + i) == bought(low) for i in range(width))


@given(elections())
def test_the_budget_is_never_overspent(story: Election) -> None:
    result = equal_shares.count(story)
    assert result.left_over >= 0
    assert result.spent == sum(s.topic.cost for s in result.standings if s.won)


@given(elections(), st.randoms())
def test_the_order_of_the_ballots_does_not_matter(story: Election, random: object) -> None:
    ballots = list(story.ballots.items())
    random.shuffle(ballots)  # type: ignore[attr-defined]
    shuffled = Election(story.topics, dict(ballots), story.budget, story.share_step)
    assert equal_shares.count(shuffled).winners == equal_shares.count(story).winners


@given(elections())
def test_every_loser_lacked_something_and_no_winner_did(story: Election) -> None:
    assert all((s.missing > 0) != s.won for s in equal_shares.count(story).standings)


@given(elections())
def test_a_file_says_what_was_counted(story: Election) -> None:
    meta = {"budget": story.budget, "share_step": decimal(story.share_step)}
    projects = [{"project_id": t.id, "cost": t.cost, "name": f'"{t.id}"; so'} for t in story.topics]
    voters = [ballot for ballot, number in story.ballots.items() for _ in range(number)]
    votes = [Vote(f"v{i}", sorted(ballot)) for i, ballot in enumerate(voters)]
    text = "\n".join(equal_shares.written(meta, projects, votes))
    again = equal_shares.parsed(text.encode())
    assert [(t.id, t.cost) for t in again.topics] == [(t.id, t.cost) for t in story.topics]
    assert all(topic.name == f'"{topic.id}"; so' for topic in again.topics)
    assert dict(again.ballots) == dict(story.ballots)


def decimal(step: Fraction) -> str:
    return f"{float(step):.2f}"


# Files

GOOD = """META
key;value
description;"Autumn; round"
budget;10
rule;equalshares/add1
PROJECTS
project_id;cost;name
a;6;Road money
b;4,5;"Hospitals; waiting"
VOTES
voter_id;vote
v1;a,b
v2;a
v3;
"""

BROKEN = [
    ("", 1, "the file ends without a section META"),
    ("PROJECTS\n", 1, "the section PROJECTS is out of place"),
    ("# My election\n", 1, "the section META must come first"),
    ("META\n", 2, "the file ends without a section PROJECTS"),
    (GOOD.partition("PROJECTS")[0], 6, "the file ends without a section PROJECTS"),
    (GOOD.partition("voter_id")[0], 11, "the file ends before the head of VOTES"),
    (GOOD.replace("budget;10\n", ""), 13, "META gives no budget"),
    (GOOD.replace("budget;10", "budget;ten"), 4, "budget must be a number"),
    (GOOD.replace("budget;10", "budget;10;0"), 4, "3 values where the head of META names 2"),
    (GOOD.replace("budget;10", "budget;10\nbudget;9"), 5, "META gives budget twice"),
    (GOOD.replace("a;6", "a;-6"), 8, "cost must be a number"),
    (GOOD.replace("a;6", "a;0"), 8, "cost must be more than 0"),
    (GOOD.replace("a;6", "a;1e9"), 8, "cost must be a number"),
    (GOOD.replace("a;6", ";6"), 8, "a topic without project_id"),
    (GOOD.replace("b;4,5", "a;4,5"), 9, "topic a is listed twice"),
    (GOOD.replace("project_id;cost", "id;cost"), 7, "PROJECTS has no column project_id"),
    (GOOD.replace("v2;a", "v2;a,z"), 13, "a vote for z, which is not a topic here"),
    (GOOD.replace("v2;a", "v2;a,"), 13, "a vote for nothing"),
    (GOOD.replace("v2;a", "v2;a,a"), 13, "a vote that names one topic twice"),
    (GOOD.replace("v2;a", "v1;a"), 13, "voter v1 has a second ballot"),
    (GOOD.replace("v2;a", "v2"), 13, "1 values where the head of VOTES names 2"),
    (GOOD.replace("VOTES", "META"), 10, "the section META is out of place"),
    (GOOD.replace("VOTES", "PROJECTS"), 10, "the section PROJECTS is out of place"),
    (GOOD.replace("equalshares/add1", "greedy"), 5, "rule must be equalshares/add1 or equalshares"),
    (GOOD.replace("rule;equalshares/add1", "vote_type;ordinal"), 5, "vote_type must be approval"),
    (GOOD.replace("rule;equalshares/add1", "num_votes;4"), 5, "num_votes is 4, but 3 are listed"),
    (GOOD.replace("rule;equalshares/add1", "share_step;0"), 5, "share_step must be more than 0"),
]


def test_a_file_with_quotes_decimals_and_windows_lines_is_read() -> None:
    story = equal_shares.parsed(("\ufeff" + GOOD.replace("\n", "\r\n")).encode())
    assert story.topics[1] == Topic("b", Fraction(9, 2), "Hospitals; waiting")
    assert story.ballots == {Ballot("ab"): 1, Ballot("a"): 1, Ballot(): 1}
    assert story.voters == 3


def test_the_rule_without_steps_stops_at_the_first_share() -> None:
    story = equal_shares.parsed(GOOD.replace("equalshares/add1", "equalshares").encode())
    assert equal_shares.count(story).steps == 0


@pytest.mark.parametrize(("text", "line", "problem"), BROKEN, ids=[row[2] for row in BROKEN])
def test_a_malformed_file_is_refused_at_its_line(text: str, line: int, problem: str) -> None:
    with pytest.raises(Malformed, match=problem) as caught:
        equal_shares.parsed(text.encode())
    assert caught.value.line == line


def test_a_file_that_is_not_text_is_refused() -> None:
    with pytest.raises(Malformed, match="not UTF-8") as caught:
        equal_shares.parsed(b"META\nkey;value\nunit;\xff\n")
    assert caught.value.line == 3


# The script, with the standard library alone


@pytest.fixture
def good_file(tmp_path: Path) -> Path:
    path = tmp_path / "good.pb"
    path.write_text(GOOD, "utf-8")
    return path


def test_the_script_prints_the_winners_in_the_order_of_the_file(good_file: Path) -> None:
    done = run(good_file)
    assert (done.returncode, done.stdout, done.stderr) == (0, "a\n", "")


def test_the_script_explains_in_words(good_file: Path) -> None:
    words = run(good_file, "--explain").stdout
    assert "a (Road money): costs 6. Supporters: 2, who paid 3 each." in words
    assert "b (Hospitals; waiting): costs 4.5. Supporters: 1, who had" in words
    assert "more than the budget. So the count ends here." in words


def test_the_script_prints_json(good_file: Path) -> None:
    told = json.loads(run(good_file, "--json").stdout)
    assert told["winners"] == ["a"]
    assert told["topics"][0]["exact"] == {
        "cost": "6",
        "payment": "3",
        "least_payment": "3",
        "rho": "1/2",
        "left": "26/3",
        "missing": "0",
    }
    assert told["topics"][1]["payment"] is None
    assert (told["topics"][1]["spenders"], told["topics"][1]["exact"]["spent"]) == (1, "3")
    assert told["ties"] == []


def test_the_script_names_the_file_and_line_of_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "bad.pb"
    path.write_text(GOOD.replace("a;6", "a;six"), "utf-8")
    done = run(path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"{path}, line 8: cost must be a number such as 1200 or 1200.50, not 'six'\n"
    )


def test_the_script_says_when_there_is_no_such_file(tmp_path: Path) -> None:
    done = run(tmp_path / "none.pb")
    assert (done.returncode, done.stderr) == (
        1,
        f"{tmp_path / 'none.pb'}: No such file or directory\n",
    )
