"""The count against published elections, and as a member runs it."""

import json
from fractions import Fraction
from pathlib import Path

import pytest

from membership.rounds import equal_shares
from tests.rounds.elections import election
from tests.rounds.script import run
from tests.rounds.test_count_files import GOOD
from tests.rounds.worked_by_hand import ALL, Worked

ELECTIONS = Path(__file__).parents[2].parent / "shared" / "elections"
PUBLISHED = sorted(ELECTIONS.glob("*.pb"))


# Published elections


def published_winners(path: Path) -> str:
    projects = path.read_text("utf-8").split("PROJECTS")[1].split("VOTES")[0].split("\n")[2:]
    rows = [line.split(";") for line in projects if line.strip()]
    return " ".join(row[0] for row in rows if row[4].strip() == "1")


if PUBLISHED:
    published = pytest.mark.parametrize("path", PUBLISHED, ids=[path.stem for path in PUBLISHED])

    @published
    def test_a_published_election_gives_its_published_winners(path: Path) -> None:
        assert run(path).stdout == published_winners(path) + "\n"

    @published
    def test_a_published_election_passes_every_check_of_what_it_says(path: Path) -> None:
        said = {check.name: check.ok for check in equal_shares.checked(path.read_bytes())}
        assert {name for name, ok in said.items() if ok} == {
            "repeats",
            "count",
            "votes",
            "selected",
        }
        assert False not in said.values()

    @pytest.mark.parametrize("path", [path for path in PUBLISHED if "Swiecie" in path.name])
    def test_the_last_share_of_swiecie_is_as_published(path: Path) -> None:
        result = equal_shares.count(equal_shares.parsed(path.read_bytes()))
        assert result.share == Fraction(1_070_000, 2553) + 242
        assert "661.1147" in "\n".join(equal_shares.explained(result))


# Reasons in words


def worked(name: str) -> Worked:
    return next(worked for worked in ALL if worked.name == name)


def words(name: str) -> list[str]:
    story = equal_shares.parsed(worked(name).file().encode())
    return [line.strip() for line in equal_shares.explained(equal_shares.count(story))]


def test_the_whole_count_is_told_in_words() -> None:
    assert words("who has spent on one topic may lack the money for another") == [
        "2 voters, 2 topics, a budget of 8.",
        "Every voter's share began at 4 and was raised to 5, in steps of 1 (how many: 1).",
        "Bought, in this order:",
        "b: costs 4. Supporters: 2, who paid 2 each.",
        "When b was bought, it asked as much of its voters as a. "
        "What decided was its cost, which is lower.",
        "Not bought:",
        "a: costs 8. Supporters: 2, who had 6 left together, 2 too little. "
        "2 of them had spent 4 together on topics that were bought.",
        "4 is spent and 4 is left over.",
        "2 of 2 voters ticked at least one topic that was bought.",
        "With the next share, 6, the topics bought would cost 12: more than the budget. "
        "So the count ends here.",
    ]


def test_the_least_and_the_most_that_one_voter_paid_are_told() -> None:
    told = words("who has less than an even part gives all, and the others pay the rest")
    assert "b: costs 4. Supporters: 2, who paid between 1 and 3 each." in told
    assert told[-1] == "Every topic that anybody ticked is bought. So the count ends here."


def test_losers_whose_supporters_had_spent_nothing_and_losers_without_supporters_are_told() -> None:
    assert words("a minority smaller than its topic goes without")[-4] == (
        "b: costs 2. Supporters: 1, who had 1 left together, 1 too little. "
        "None of them had spent anything on topics that were bought."
    )
    assert "b: nobody ticked it." in words(
        "a topic that nobody ticked is not bought and does not keep the count going"
    )


@pytest.mark.parametrize(
    ("name", "decided"),
    [
        ("at equal rho and cost the topic with more supporters comes first",
         "as b. What decided was its supporters, who are more."),
        ("with a seed the lot decides in the end",
         "as c, b. What decided was the lot drawn from the seed."),
        ("without a seed the order of the file decides in the end",
         "as a, b. What decided was the order of the file, which gives no seed for a lot."),
    ],
)  # fmt: skip
def test_what_decided_a_tie_is_told(name: str, decided: str) -> None:
    assert [line for line in words(name) if line.endswith(decided)]


def test_the_rule_without_steps_says_nothing_of_a_next_share() -> None:
    assert words("the rule without steps keeps the first share")[-1] == (
        "2 of 3 voters ticked at least one topic that was bought."
    )


# Served


def test_ballots_without_any_choice_in_common_serve_everybody() -> None:
    result = equal_shares.count(election({"a": 5, "b": 5}, "1 a, 1 b", budget=10))
    assert (result.winners, result.served) == (["a", "b"], 2)


def test_who_ticked_no_winner_is_not_served() -> None:
    result = equal_shares.count(election({"a": 6, "b": 9}, "2 a, 1 b, 1 -", budget=12))
    assert (result.winners, result.served) == (["a"], 2)


# The lot


@pytest.mark.parametrize(("seed", "winner"), [("2024", "a"), ("2030", "b"), ("2026", "c")])
def test_the_lot_depends_on_the_seed(seed: str, winner: str) -> None:
    story = election({"a": 6, "b": 6, "c": 6}, "2 abc", budget=6, seed=seed)
    assert equal_shares.count(story).winners == [winner]


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
    told = run(good_file, "--explain").stdout
    assert "a (Road money): costs 6. Supporters: 2, who paid 3 each." in told
    assert "b (Hospitals; waiting): costs 4.5. Supporters: 1, who had" in told
    assert "more than the budget. So the count ends here." in told


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


def test_the_script_lists_ties_as_json(tmp_path: Path) -> None:
    path = tmp_path / "tie.pb"
    path.write_text(worked("with a seed the lot decides in the end").file(), "utf-8")
    told = json.loads(run(path, "--json").stdout)
    assert told["ties"] == [{"winner": "a", "others": ["c", "b"], "chosen_by": "lot"}]


def test_the_script_says_when_there_is_no_such_file(tmp_path: Path) -> None:
    done = run(tmp_path / "none.pb")
    assert (done.returncode, done.stderr) == (
        1,
        f"{tmp_path / 'none.pb'}: No such file or directory\n",
    )
