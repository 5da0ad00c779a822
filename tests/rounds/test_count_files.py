"""Files that are counted, and files that are refused at the line that is wrong."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given

from membership.rounds import equal_shares
from membership.rounds.equal_shares import Ballot, Election, Malformed, Topic, Vote
from tests.rounds.elections import EITHER
from tests.rounds.script import run

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

# As if a third topic had been withdrawn, for which v1 had voted.
WITHDRAWN = (
    GOOD.replace("rule;equalshares/add1", "withdrawn_c;3 Buses")
    .replace("voter_id;vote", "voter_id;vote;vote_withdrawn")
    .replace("v1;a,b", "v1;a,b;c")
    .replace("v2;a", "v2;a;")
    .replace("v3;", "v3;;")
)

TOTALS = GOOD.partition("v1;")[0].replace("rule;equalshares/add1", "totals_only;1\nnum_votes;3")

BROKEN = [
    ("", 1, "the file ends without a section META"),
    ("PROJECTS\n", 1, "the section PROJECTS is out of place"),
    ("# My election\n", 1, "the section META must come first"),
    ("META\n", 2, "the file ends without a section PROJECTS"),
    (GOOD.partition("PROJECTS")[0], 6, "the file ends without a section PROJECTS"),
    (GOOD.partition("voter_id")[0], 11, "the file ends before the head of VOTES"),
    (GOOD.replace("VOTES", "META"), 10, "the section META is out of place"),
    (GOOD.replace("VOTES", "PROJECTS"), 10, "the section PROJECTS is out of place"),
    (GOOD.replace("key;value", "key;values"), 2, "META has no column value"),
    (GOOD.replace("project_id;cost", "id;cost"), 7, "PROJECTS has no column project_id"),
    (GOOD.replace("voter_id;vote", "voter_id;votes"), 11, "VOTES has no column vote"),
    (GOOD.replace("cost;name", "cost;cost"), 7, "PROJECTS has two columns cost"),
    (GOOD.replace("voter_id;vote", "vote;vote"), 11, "VOTES has two columns vote"),
    (GOOD.replace("Road money", '"' + "m" * 140_000 + '"'), 8, "field larger than field limit"),
    (GOOD.replace("budget;10\n", ""), 13, "META gives no budget"),
    (GOOD.replace("budget;10", "budget;ten"), 4, "budget must be a number"),
    (GOOD.replace("budget;10", "budget;-10"), 4, "budget must be a number"),
    (GOOD.replace("budget;10", "budget;10;0"), 4, "3 values where the head of META names 2"),
    (GOOD.replace("budget;10", "budget;10\nbudget;9"), 5, "META gives budget twice"),
    (GOOD.replace("a;6", "a;-6"), 8, "cost must be a number"),
    (GOOD.replace("a;6", "a;0"), 8, "cost must be more than 0"),
    (GOOD.replace("a;6", "a;1e9"), 8, "cost must be a number"),
    (GOOD.replace("a;6", "a;٦"), 8, "cost must be a number"),
    (GOOD.replace("a;6", ";6"), 8, "a topic without project_id"),
    (GOOD.replace("b;4,5", "a;4,5"), 9, "topic a is listed twice"),
    (GOOD.replace("v2;a", "v2;a,z"), 13, "a vote for z, which is not a topic here"),
    (GOOD.replace("v2;a", "v2;a,"), 13, "a vote for nothing"),
    (GOOD.replace("v2;a", "v2;a,a"), 13, "a vote that names one topic twice"),
    (GOOD.replace("v2;a", "v1;a"), 13, "voter v1 has a second ballot"),
    (GOOD.replace("v2;a", "v2"), 13, "1 values where the head of VOTES names 2"),
    (GOOD.replace("equalshares/add1", "greedy"), 5, "rule must be equalshares/add1 or equalshares"),
    (GOOD.replace("rule;equalshares/add1", "vote_type;ordinal"), 5, "vote_type must be approval"),
    (GOOD.replace("rule;equalshares/add1", "num_votes;4"), 5, "num_votes is 4, but 3 are listed"),
    (GOOD.replace("rule;equalshares/add1", "num_projects;1"), 5, "num_projects is 1, but 2 are"),
    (GOOD.replace("rule;equalshares/add1", "share_step;0"), 5, "share_step must be more than 0"),
    (GOOD.replace("rule;equalshares/add1", "share_step;"), 5, "share_step must be a number"),
    (GOOD.replace("rule;equalshares/add1", "totals_only;1"), 5, "totals_only is 1, but 3 ballots"),
    (TOTALS, 5, "the file has totals only: so few voted that single ballots could be guessed"),
    (TOTALS.replace("num_votes;3\n", ""), 5, "the file has totals only"),
    (WITHDRAWN.replace("3 Buses", "Buses"), 5, "the cost in withdrawn_c must be a number"),
    (WITHDRAWN.replace("a;6", "c;6"), 8, "topic c is listed, but META says withdrawn"),
    (WITHDRAWN.replace("a,b;c", "a,c;"), 12, "a vote for c, which is not a topic here"),
    (WITHDRAWN.replace("a,b;c", "b;a"), 12, "a vote for a, which is not a topic here"),
    (WITHDRAWN.replace("a,b;c", "a,b;c,c"), 12, "a vote that names one topic twice"),
]
broken = pytest.mark.parametrize(
    ("text", "line", "problem"), BROKEN, ids=[f"{row[1]} {row[2]}" for row in BROKEN]
)


@broken
def test_a_malformed_file_is_refused_at_its_line(text: str, line: int, problem: str) -> None:
    with pytest.raises(Malformed, match=problem) as caught:
        equal_shares.parsed(text.encode())
    assert caught.value.line == line


@broken
def test_the_script_names_the_file_the_line_and_the_mistake(
    text: str, line: int, problem: str, tmp_path: Path
) -> None:
    path = tmp_path / "bad.pb"
    path.write_text(text, "utf-8")
    done = run(path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{path}, line {line}: {problem}")
    assert done.stderr.count("\n") == 1


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.pb"
    path.write_bytes(b"META\nkey;value\nunit;\xff\n")
    with pytest.raises(Malformed) as caught:
        equal_shares.parsed(path.read_bytes())
    assert caught.value.line == 3
    assert run(path).stderr == f"{path}, line 3: is not UTF-8 text\n"


def test_a_file_with_quotes_decimals_and_windows_lines_is_read() -> None:
    story = equal_shares.parsed(("\ufeff" + GOOD.replace("\n", "\r\n")).encode())
    assert story.topics[1] == Topic("b", Fraction(9, 2), "Hospitals; waiting")
    assert story.ballots == {Ballot("ab"): 1, Ballot("a"): 1, Ballot(): 1}
    assert story.voters == 3


def test_votes_may_stand_without_voters_and_among_other_columns() -> None:
    text = GOOD.partition("VOTES")[0] + "VOTES\nage;vote;sex\n31;a,b;f\n31;a;m\n44;;f\n"
    assert equal_shares.parsed(text.encode()) == equal_shares.parsed(GOOD.encode())


def test_a_vote_for_a_withdrawn_topic_decides_nothing() -> None:
    story = equal_shares.parsed(WITHDRAWN.encode())
    assert [topic.id for topic in story.topics] == ["a", "b"]
    assert story.ballots == {Ballot("ab"): 1, Ballot("a"): 1, Ballot(): 1}


@given(EITHER)
def test_a_file_says_what_was_counted(story: Election) -> None:
    meta = {
        "budget": story.budget,
        "share_step": f"{float(story.share_step):.2f}",
        "rule": story.rule,
        "seed": story.seed,
    }
    projects = [
        {"project_id": t.id, "cost": f"{float(t.cost):.2f}", "name": f'"{t.id}"; so'}
        for t in story.topics
    ]
    voters = [ballot for ballot, number in story.ballots.items() for _ in range(number)]
    votes = [Vote(f"v{i}", sorted(ballot)) for i, ballot in enumerate(voters)]
    again = equal_shares.parsed("\n".join(equal_shares.written(meta, projects, votes)).encode())
    assert [(t.id, t.cost) for t in again.topics] == [(t.id, t.cost) for t in story.topics]
    assert all(topic.name == f'"{topic.id}"; so' for topic in again.topics)
    assert (again.ballots, again.rule, again.seed) == (story.ballots, story.rule, story.seed)
    assert (again.budget, again.share_step) == (story.budget, story.share_step)
