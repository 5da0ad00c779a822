"""What was frozen and cast is told by digests, and a file that strays from them is caught."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from membership.rounds import equal_shares
from membership.rounds.equal_shares import Check, Malformed, Vote
from tests.rounds.script import run

ROLL_DIGEST = "ab" * 32
SEED = "5eed"
SEED_DIGEST = hashlib.sha256(SEED.encode()).hexdigest()
TERMS = {
    "rule": "equalshares/add1",
    "share_step": "0.5",
    "budget": 600,
    "unit": "minutes",
    "quorum": 10,
    "closes_at": "2026-03-17T16:00:00+00:00",
    "join_by": "",
    "roll": 40,
    "roll_digest": ROLL_DIGEST,
    "seed_digest": SEED_DIGEST,
}
TOPICS = [("10", 240, 'Old; "lime" trees'), ("9", 360, "Roads"), ("7", 60, "Buses")]
WITHDRAWN = "7"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# What the digests are, to the letter


def test_the_terms_are_lines_of_a_file_with_the_topics_by_their_ids_as_text() -> None:
    lines = (
        "rule;equalshares/add1",
        "share_step;0.5",
        "budget;600",
        "unit;minutes",
        "quorum;10",
        "closes_at;2026-03-17T16:00:00+00:00",
        "join_by;",
        "roll;40",
        f"roll_digest;{ROLL_DIGEST}",
        f"seed_digest;{SEED_DIGEST}",
        'topic;10;240;"Old; ""lime"" trees"',
        "topic;7;60;Buses",
        "topic;9;360;Roads",
    )
    assert equal_shares.terms_digest(**TERMS, topics=TOPICS) == sha256("\n".join(lines))


@pytest.mark.parametrize(
    "changed",
    [
        {"rule": "equalshares"},
        {"share_step": "1"},
        {"budget": 601},
        {"unit": "topics"},
        {"quorum": 11},
        {"closes_at": "2026-03-17T16:00:01+00:00"},
        {"join_by": "2026-03-12T16:00:00+00:00"},
        {"roll": 41},
        {"roll_digest": "cd" * 32},
        {"seed_digest": "cd" * 32},
        {"topics": TOPICS[1:]},
        {"topics": [("10", 241, TOPICS[0][2]), *TOPICS[1:]]},
        {"topics": [("11", *TOPICS[0][1:]), *TOPICS[1:]]},
        {"topics": [("10", 240, "Old lime trees"), *TOPICS[1:]]},
    ],
    ids=str,
)
def test_no_term_can_change_without_its_digest(changed: dict[str, object]) -> None:
    terms = TERMS | {"topics": TOPICS}
    assert equal_shares.terms_digest(**terms | changed) != equal_shares.terms_digest(**terms)


def test_a_receipt_is_120_bits_of_what_it_commits_to() -> None:
    digest = hashlib.sha256(b"terms;salt;10,7,9").digest()
    code = equal_shares.receipt("terms", "salt", ["9", "10", "7"])
    assert re.fullmatch(r"([A-Z2-7]{4}-){5}[A-Z2-7]{4}", code)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    number = 0
    for letter in code.replace("-", ""):
        number = number * 32 + alphabet.index(letter)
    assert number == int.from_bytes(digest, "big") >> (256 - 120)


def test_a_receipt_tells_terms_salts_and_ballots_apart() -> None:
    codes = [
        equal_shares.receipt(terms, salt, ballot)
        for terms in ("t", "u")
        for salt in ("s", "r")
        for ballot in ([], ["1"], ["1", "2"], ["12"])
    ]
    assert len(set(codes)) == 16


def test_the_ballots_are_lines_sorted_by_receipt() -> None:
    ballots = [("BB", "s2", ["9", "10"]), ("AA", "s1", [])]
    assert equal_shares.ballots_digest(ballots) == sha256("AA;s1;\nBB;s2;10,9")
    assert equal_shares.ballots_digest(reversed(ballots)) == equal_shares.ballots_digest(ballots)


def test_no_ballots_have_a_digest_too() -> None:
    assert equal_shares.ballots_digest([]) == sha256("")


# A file of ours


def ballot(salt: str, *approvals: str) -> Vote:
    terms = equal_shares.terms_digest(**TERMS, topics=TOPICS)
    return Vote(equal_shares.receipt(terms, salt, approvals), approvals, salt)


VOTES = [
    *(ballot(f"a{number}", "10") for number in range(12)),
    *(ballot(f"b{number}", "9", "10", "7") for number in range(6)),
    ballot("c", "7"),
    ballot("d"),
]


def our_file(
    votes: Sequence[Vote] = VOTES, meta: dict[str, object] | None = None, *, listed: bool = True
) -> str:
    """Topics 10 and 9 on the ballot, 7 withdrawn, and twenty voters.

    Eighteen pay 13 1/3 each for topic 10. Six of them want topic 9 too, for 60 each: at a share
    of 73.5 they have it, and both together cost the 600 that there are.
    """
    ballots = [(vote.voter_id, vote.salt or "", vote.approvals) for vote in votes]
    facts = {
        "description": "March; round",
        "num_projects": 2,
        "num_votes": len(votes),
        "budget": 600,
        "vote_type": "approval",
        "rule": "equalshares/add1",
        "share_step": "0.5",
        "cost_unit": "minutes",
        **{name: TERMS[name] for name in ("quorum", "closes_at", "join_by")},
        "roll": 40,
        "roll_digest": ROLL_DIGEST,
        "seed": SEED,
        "seed_digest": SEED_DIGEST,
        "terms_digest": equal_shares.terms_digest(**TERMS, topics=TOPICS),
        "ballots_digest": equal_shares.ballots_digest(ballots),
        "withdrawn_7": "60 Buses",
    }
    approvals = Counter(topic for vote in votes for topic in vote.approvals)
    projects = [
        {"project_id": topic, "cost": cost, "votes": approvals[topic], "name": name, "selected": 1}
        for topic, cost, name in TOPICS
        if topic != WITHDRAWN
    ]
    lines = equal_shares.written(facts | (meta or {}), projects, votes if listed else ())
    return "".join(f"{line}\n" for line in lines)


def wrong(text: str) -> set[str]:
    return {check.name for check in equal_shares.checked(text.encode()) if check.ok is False}


def told(text: str, name: str) -> Check:
    return next(check for check in equal_shares.checked(text.encode()) if check.name == name)


def test_everything_that_a_file_of_ours_says_is_so() -> None:
    checks = equal_shares.checked(our_file().encode())
    assert " ".join(check.name for check in checks) == (
        "seed terms roll receipts repeats ballots count votes selected"
    )
    assert all(check.ok for check in checks)


def test_the_digests_are_printed_for_those_who_noted_them() -> None:
    assert told(our_file(), "terms").detail == equal_shares.terms_digest(**TERMS, topics=TOPICS)
    ballots = [(vote.voter_id, vote.salt, vote.approvals) for vote in VOTES]
    assert told(our_file(), "ballots").detail == equal_shares.ballots_digest(ballots)


def test_ticks_for_a_withdrawn_topic_stand_apart_and_count_for_nothing() -> None:
    text = our_file()
    assert "voter_id;vote;salt;vote_withdrawn\n" in text
    assert f"{VOTES[12].voter_id};9,10;b0;7\n" in text
    assert "\n7;" not in text
    assert [topic.id for topic in equal_shares.parsed(text.encode()).topics] == ["10", "9"]


def swapped(old: str, new: str) -> Callable[[str], str]:
    def manipulate(text: str) -> str:
        assert text.count(old) == 1, old
        return text.replace(old, new)

    return manipulate


FIRST, SECOND, LAST = VOTES[0], VOTES[1], VOTES[-1]
EXTRA = ballot("x", "9")
OTHER_TERMS = equal_shares.receipt("other terms", "x", ["9"])
FIRST_ROW = f"{FIRST.voter_id};10;a0;\n"

MANIPULATIONS = {
    "a changed ballot": (
        swapped(FIRST_ROW, f"{FIRST.voter_id};9;a0;\n"),
        {"receipts", "ballots", "votes"},
    ),
    "a changed ballot with the receipt to it": (
        swapped(FIRST_ROW, f"{equal_shares.receipt('t', 'a0', ['9'])};9;a0;\n"),
        {"receipts", "ballots", "votes"},
    ),
    "a changed salt": (swapped(";10;a0;", ";10;a99;"), {"receipts", "ballots"}),
    "a salt that could hold a tick": (
        swapped(FIRST_ROW, f'{ballot("a;0", "10").voter_id};10;"a;0";\n'),
        {"receipts", "ballots"},
    ),
    "an added ballot": (
        lambda text: swapped("num_votes;20", "num_votes;21")(text) + f"{EXTRA.voter_id};9;x;\n",
        {"ballots", "votes"},
    ),
    "an added ballot of another round": (
        lambda text: swapped("num_votes;20", "num_votes;21")(text) + f"{OTHER_TERMS};9;x;\n",
        {"receipts", "ballots", "votes"},
    ),
    "an added ballot and the number left": (
        lambda text: text + f"{EXTRA.voter_id};9;x;\n",
        {"ballots", "count"},
    ),
    "a removed ballot": (
        lambda text: swapped(FIRST_ROW, "")(swapped("num_votes;20", "num_votes;19")(text)),
        {"ballots", "votes"},
    ),
    "a removed ballot and the number left": (swapped(FIRST_ROW, ""), {"ballots", "count"}),
    "a ballot put there twice": (
        lambda text: swapped("num_votes;20", "num_votes;21")(text) + FIRST_ROW,
        {"repeats", "ballots", "count"},
    ),
    "one receipt for two voters": (
        swapped(f"{SECOND.voter_id};10;a1;", f"{FIRST.voter_id};10;a0;"),
        {"repeats", "ballots", "count"},
    ),
    "more ballots than members": (swapped("roll;40", "roll;19"), {"terms", "roll"}),
    "a changed cost": (swapped("10;240;", "10;241;"), {"terms", "selected"}),
    "a cost with a fraction": (swapped("10;240;", "10;240.5;"), {"terms", "selected"}),
    "a lower cost": (swapped("10;240;", "10;239;"), {"terms"}),
    "a changed title": (swapped("Roads", "Bridges"), {"terms"}),
    "a changed id": (
        lambda text: text.replace(";9,10;", ";8,10;").replace("\n9;", "\n8;"),
        {"terms", "receipts", "ballots"},
    ),
    "another budget": (swapped("budget;600", "budget;500"), {"terms", "selected"}),
    "another step": (swapped("share_step;0.5", "share_step;0.6"), {"terms"}),
    "another rule": (swapped("equalshares/add1", "equalshares"), {"terms", "selected"}),
    "another unit": (swapped("cost_unit;minutes", "cost_unit;topics"), {"terms"}),
    "another quorum": (swapped("quorum;10", "quorum;9"), {"terms"}),
    "another close": (swapped("closes_at;2026", "closes_at;2027"), {"terms"}),
    "a day to join by": (swapped("join_by;", "join_by;2026"), {"terms"}),
    "another roll": (swapped(ROLL_DIGEST, "cd" * 32), {"terms"}),
    "a swapped seed": (swapped("seed;5eed", "seed;5eee"), {"seed"}),
    "a swapped seed and its digest": (
        lambda text: swapped(SEED_DIGEST, sha256("5eee"))(swapped("d;5eed", "d;5eee")(text)),
        {"terms"},
    ),
    "a seed left out": (swapped("seed;5eed\n", ""), {"seed"}),
    "a term left out": (swapped("roll;40\n", ""), {"terms"}),
    "other terms": (
        swapped(equal_shares.terms_digest(**TERMS, topics=TOPICS), "ef" * 32),
        {"terms", "receipts"},
    ),
    "a withdrawn topic left out": (
        lambda text: swapped("withdrawn_7;60 Buses\n", "")(text).replace(";7\n", ";\n"),
        {"terms", "receipts", "ballots"},
    ),
    "a withdrawn topic's other cost": (swapped("7;60 Buses", "7;61 Buses"), {"terms"}),
    "a topic that nobody withdrew": (
        swapped("withdrawn_7;60 Buses\n", "withdrawn_7;60 Buses\nwithdrawn_8;60 Trams\n"),
        {"terms"},
    ),
    "a tick put among those for withdrawn topics": (
        swapped(FIRST_ROW, f"{FIRST.voter_id};;a0;10\n"),
        {"count"},
    ),
    "a topic both listed and withdrawn": (
        swapped("withdrawn_7;60 Buses\n", "withdrawn_7;60 Buses\nwithdrawn_9;360 Roads\n"),
        {"terms", "count"},
    ),
    "salts left out": (
        lambda text: re.sub(r"(?m)^([A-Z2-7-]{29};[^;]*);\w+;", r"\1;", text).replace(
            "vote;salt;", "vote;"
        ),
        {"receipts", "ballots"},
    ),
    "ballots listed and called totals": (
        swapped("num_votes;20", "num_votes;20\ntotals_only;1"),
        {"count"},
    ),
    "a changed number of ticks": (swapped("10;240;18;", "10;240;17;"), {"votes"}),
    "a changed outcome": (
        swapped("9;360;6;Roads;1", "9;360;6;Roads;0"),
        {"selected"},
    ),
}


@pytest.mark.parametrize(("manipulate", "caught"), MANIPULATIONS.values(), ids=MANIPULATIONS.keys())
def test_a_manipulation_is_told_by_what_it_breaks(
    manipulate: Callable[[str], str], caught: set[str]
) -> None:
    assert wrong(manipulate(our_file())) == caught


def test_what_does_not_fit_is_named_up_to_the_tenth() -> None:
    few = told(swapped(FIRST_ROW, f"{FIRST.voter_id};9;a0;\n")(our_file()), "receipts")
    assert few.detail == f"1 of 20 do not fit their ballots: {FIRST.voter_id}"
    named = ", ".join(vote.voter_id for vote in VOTES[:10])
    ten = re.sub(r";a(\d);", r";z\1;", our_file())
    assert told(ten, "receipts").detail == f"10 of 20 do not fit their ballots: {named}"
    eleven = re.sub(r";a(\d|10);", r";z\1;", our_file())
    assert told(eleven, "receipts").detail == f"11 of 20 do not fit their ballots: {named}, ..."


def test_a_term_that_is_left_out_is_named() -> None:
    text = swapped("roll;40\n", "")(our_file())
    assert told(text, "terms").detail == "the file does not say roll"


# Files that say less


def test_of_a_foreign_file_only_what_it_says_is_checked() -> None:
    text = (
        "META\nkey;value\nbudget;10\nPROJECTS\nproject_id;cost;selected\na;6;1\nb;5;0\n"
        "VOTES\nage;vote\n30;a,b\n41;a\n"
    )
    said = {check.name: check.ok for check in equal_shares.checked(text.encode())}
    assert said == {
        "seed": None,
        "terms": None,
        "roll": None,
        "receipts": None,
        "repeats": None,
        "ballots": None,
        "count": True,
        "votes": None,
        "selected": True,
    }
    assert wrong(text.replace("a;6;1", "a;6;0")) == {"selected"}


def test_a_foreign_file_by_another_rule_cannot_be_counted_here() -> None:
    text = our_file().replace("equalshares/add1", "greedy")
    assert told(text, "count").detail == (
        "line 8: rule must be equalshares/add1 or equalshares, not greedy"
    )


def test_a_file_without_topics_says_nothing_of_them() -> None:
    text = "META\nkey;value\nbudget;1\nPROJECTS\nproject_id;cost\nVOTES\nvote\n"
    assert (told(text, "count").ok, told(text, "votes").ok) == (True, None)


def totals_only() -> str:
    return our_file(meta={"totals_only": 1}, listed=False)


def test_a_file_with_totals_only_is_not_counted_and_says_why() -> None:
    assert totals_only().endswith("VOTES\nvoter_id;vote\n")
    with pytest.raises(Malformed, match="the file has totals only: so few voted") as caught:
        equal_shares.parsed(totals_only().encode())
    assert totals_only().splitlines()[caught.value.line - 1] == "totals_only;1"


def test_of_totals_only_the_terms_and_the_seed_are_checked() -> None:
    said = {check.name: check.ok for check in equal_shares.checked(totals_only().encode())}
    assert said == {
        "seed": True,
        "terms": True,
        "roll": True,
        "receipts": None,
        "repeats": None,
        "ballots": None,
        "count": None,
        "votes": None,
        "selected": None,
    }


def test_ballots_that_are_missing_without_a_word_are_told() -> None:
    text = our_file(listed=False)
    assert wrong(text) == {"ballots", "count"}
    assert told(text, "count").detail == "line 5: num_votes is 20, but 0 are listed"


def test_nobody_s_ballots_are_totals_that_can_be_counted() -> None:
    text = our_file(votes=[], meta={"totals_only": 1}).replace("0;Roads;1", "0;Roads;0")
    assert wrong(text) == {"selected"}
    assert told(text, "selected").detail.endswith(": 10")


# Any file that we write


@st.composite
def rounds(draw: st.DrawFn) -> str:
    """A file of ours about a random round, some of its topics withdrawn."""
    names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
    ids = draw(st.lists(st.integers(1, 99).map(str), min_size=1, max_size=5, unique=True))
    topics = [(topic, draw(st.integers(1, 90)), draw(names)) for topic in ids]
    withdrawn = draw(st.sets(st.sampled_from(ids)))
    terms = TERMS | {"budget": draw(st.integers(0, 200)), "share_step": draw(steps)}
    digest = equal_shares.terms_digest(**terms, topics=topics)
    ballots = draw(st.lists(st.sets(st.sampled_from(ids)).map(sorted), max_size=8))
    votes = sorted(
        (equal_shares.receipt(digest, f"s{i}", ticks), f"s{i}", ticks)
        for i, ticks in enumerate(ballots)
    )
    meta = {
        "num_votes": len(votes),
        **{key: terms[key] for key in terms if key not in ("unit", "seed_digest")},
        "cost_unit": terms["unit"],
        "seed": SEED,
        "seed_digest": SEED_DIGEST,
        "terms_digest": digest,
        "ballots_digest": equal_shares.ballots_digest(votes),
        **{f"withdrawn_{i}": f"{cost} {name}" for i, cost, name in topics if i in withdrawn},
    }
    listed = [topic for topic in topics if topic[0] not in withdrawn]
    projects = [
        {
            "project_id": topic,
            "cost": cost,
            "votes": sum(topic in ballot for ballot in ballots),
            "name": name,
        }
        for topic, cost, name in listed
    ]
    cast = [Vote(code, ticks, salt) for code, salt, ticks in votes]
    return "\n".join(equal_shares.written(meta, projects, cast))


steps = st.sampled_from(["1", "0.5", "10"])


@given(rounds())
@settings(deadline=None)
def test_what_is_written_is_read_back_and_everything_checked(text: str) -> None:
    checks = {check.name: check for check in equal_shares.checked(text.encode())}
    assert not [check for check in checks.values() if check.ok is False]
    stated = ("seed", "terms", "roll", "receipts", "ballots", "count")
    assert all(checks[name].ok for name in stated)


@given(rounds(), st.data())
@settings(deadline=None)
def test_no_single_sign_of_a_ballot_can_change(text: str, data: st.DataObject) -> None:
    _head, _, ballots = text.partition("\nVOTES\n")[2].partition("\n")
    assume(ballots)
    place = data.draw(st.integers(len(text) - len(ballots), len(text) - 1))
    sign = data.draw(st.sampled_from("0123456789,;sAB-"))
    assume(text[place] != sign)
    assert is_refused(text[:place] + sign + text[place + 1 :])


def is_refused(text: str) -> bool:
    try:
        return bool(wrong(text))
    except Malformed:
        return True


# The script


@pytest.fixture
def our_path(tmp_path: Path) -> Path:
    path = tmp_path / "round.pb"
    path.write_text(our_file(), "utf-8")
    return path


def test_the_script_prints_a_line_for_each_check(our_path: Path) -> None:
    done = run(our_path, "--check")
    ballots = [(vote.voter_id, vote.salt or "", vote.approvals) for vote in VOTES]
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"seed            ok          {SEED_DIGEST}",
        f"terms           ok          {equal_shares.terms_digest(**TERMS, topics=TOPICS)}",
        "roll            ok          20 ballots by 40 who may vote",
        "receipts        ok          20 fit their ballots",
        "repeats         ok          nobody's ballot stands there twice",
        f"ballots         ok          {equal_shares.ballots_digest(ballots)}",
        "count           ok          10 9",
        "votes           ok          as counted",
        "selected        ok          as counted",
    ]


def test_the_script_fails_when_anything_is_wrong(our_path: Path) -> None:
    our_path.write_text(our_file().replace("budget;600", "budget;500"), "utf-8")
    done = run(our_path, "--check")
    assert done.returncode == 1
    said = "selected        WRONG       1 have another value than the count gives: 9"
    assert said in done.stdout.splitlines()


def test_the_script_does_not_fail_over_what_is_not_stated(our_path: Path) -> None:
    our_path.write_text(totals_only(), "utf-8")
    done = run(our_path, "--check")
    assert done.returncode == 0
    assert "\nreceipts        not stated\n" in done.stdout
    said = r"ballots         not stated  \w{64}, but the file has totals only\n"
    assert re.search(said, done.stdout)


def test_the_script_refuses_to_check_what_is_no_such_file(our_path: Path) -> None:
    our_path.write_text("# March\n", "utf-8")
    done = run(our_path, "--check")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"{our_path}, line 1: the section META must come first\n"
