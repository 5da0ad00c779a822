"""What was changed behind a round's back is told, and by which check."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from membership.clock import clock
from membership.extensions import db
from membership.rounds import equal_shares, proof, results, roll, rounds, verify
from membership.rounds.models import Ballot, RollEntry, Round, RoundTopic
from tests.factories import NOON, Newsroom
from tests.votes import Votes


@pytest.fixture
def voted(newsroom: Newsroom, open_round: Callable[..., Votes]) -> Votes:
    """An open round in which twenty of twenty-two have voted."""
    voters = newsroom.members(22)
    votes = open_round()
    for number, voter in enumerate(voters[:20]):
        votes.cast(voter, "Roads", *(["Hospitals"] if number % 3 else ["Buses"]))
    return votes


def wrong(votes: Votes) -> set[str]:
    with votes.newsroom.at_work():
        return {check.name for check in verify.verify(votes.row) if check.ok is False}


def tamper(votes: Votes, statement: sa.Executable) -> None:
    with votes.newsroom.at_work():
        db.session.execute(statement)
        db.session.commit()


def one_ballot(votes: Votes) -> str:
    with votes.newsroom.at_work():
        return db.session.scalars(sa.select(Ballot.key).order_by(Ballot.key).limit(1)).one()


def test_a_round_that_nobody_touched_is_in_order(voted):
    with voted.newsroom.at_work():
        assert all(check.ok for check in verify.verify(voted.row))
    voted.close()
    with voted.newsroom.at_work():
        checks = verify.verify(voted.row)
        assert all(check.ok for check in checks), checks
        assert {"terms", "roll", "receipts", "ballots", "count", "file: receipts"} <= {
            check.name for check in checks
        }


def test_who_was_let_in_after_the_opening_is_no_mark_against_the_roll(newsroom, open_round):
    voters = newsroom.members(20)
    votes = open_round(join_days=3)
    clock.advance(timedelta(days=1))
    for voter in [*voters, newsroom.member(since=clock.now())]:
        votes.cast(voter, "Roads")
    assert wrong(votes) == set()
    votes.close()
    assert wrong(votes) == set()
    with newsroom.at_work():
        assert (votes.row.roll_size, roll.turnout(votes.row).roll) == (20, 21)


@pytest.mark.parametrize("closed", [False, True])
def test_a_changed_ballot_is_told(voted, closed):
    if closed:
        voted.close()
    key = one_ballot(voted)
    tamper(voted, sa.update(Ballot).where(Ballot.key == key).values(approvals=[]))
    assert "receipts" in wrong(voted)
    assert not closed or {"ballots", "count", "file: receipts"} <= wrong(voted)


@pytest.mark.parametrize("closed", [False, True])
def test_an_added_ballot_is_told_even_with_a_receipt_that_fits(voted, closed):
    if closed:
        voted.close()
    with voted.newsroom.at_work():
        round = voted.row
        ids = sorted(voted.ids("Buses"))
        receipt = equal_shares.receipt(round.terms_digest or "", "salt", map(str, ids))
        row = {"key": "f" * 64, "round_id": round.id, "approvals": ids}
        db.session.execute(sa.insert(Ballot).values(**row, salt="salt", receipt=receipt))
        db.session.commit()
    assert {"voters", "ballots" if closed else "owners"} <= wrong(voted)


def test_an_added_ballot_is_told_even_if_somebody_is_marked_as_having_voted(voted):
    with voted.newsroom.at_work():
        round = voted.row
        receipt = equal_shares.receipt(round.terms_digest or "", "salt", [])
        row = {"key": "f" * 64, "round_id": round.id, "approvals": []}
        db.session.execute(sa.insert(Ballot).values(**row, salt="salt", receipt=receipt))
        idle = db.session.scalars(sa.select(RollEntry).where(~RollEntry.voted).limit(1)).one()
        idle.voted = True
        db.session.commit()
    assert wrong(voted) == {"owners"}


@pytest.mark.parametrize("closed", [False, True])
def test_a_removed_ballot_is_told(voted, closed):
    if closed:
        voted.close()
    tamper(voted, sa.delete(Ballot).where(Ballot.key == one_ballot(voted)))
    assert "voters" in wrong(voted)


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize(
    "edit",
    [
        sa.update(RoundTopic).where(RoundTopic.position == 1).values(cost=60),
        sa.update(RoundTopic).where(RoundTopic.position == 1).values(title="Highways"),
        sa.update(Round).values(budget=1560),
        sa.update(Round).values(share_step="5"),
        sa.update(Round).values(seed="mine"),
        sa.update(Round).values(rule="equalshares"),
        sa.update(Round).values(unit="topics"),
        sa.update(Round).values(quorum=99),
        sa.update(Round).values(closes_at=NOON),
        sa.update(Round).values(join_by=NOON),
    ],
    ids=["cost", "title", "budget", "step", "seed", "rule", "unit", "quorum", "close", "join"],
)
def test_terms_edited_after_the_opening_are_told(voted, edit, closed):
    if closed:
        voted.close()
    tamper(voted, edit)
    assert "terms" in wrong(voted)


@pytest.mark.parametrize("closed", [False, True])
def test_people_added_to_the_roll_are_told(voted, closed):
    if closed:
        voted.close()
    stranger = voted.newsroom.person()
    with voted.newsroom.at_work():
        round_id = voted.row.id
    entry = {"round_id": round_id, "person_id": stranger.id, "voted": False, "let_in": False}
    tamper(voted, sa.insert(RollEntry).values(**entry))
    assert "roll" in wrong(voted)


def test_a_changed_result_is_told(voted):
    voted.close()
    with voted.newsroom.at_work():
        round = voted.row
        round.result = round.result | {"winners": [], "chosen": []}
        db.session.commit()
    assert "count" in wrong(voted)


def test_who_forges_the_digests_too_is_told_by_what_was_published(voted):
    """The command cannot know; the letters and pages can. It prints what to compare."""
    voted.close()
    with voted.newsroom.at_work():
        published = voted.row.terms_digest
    tamper(voted, sa.update(RoundTopic).where(RoundTopic.position == 1).values(cost=60))
    with voted.newsroom.at_work():
        voted.row.terms_digest = proof.terms(voted.row)
        db.session.commit()
    answer = voted.newsroom.app.test_cli_runner().invoke(args=["rounds", "verify", voted.slug])
    assert "terms           ok " in answer.output
    assert f"terms           ok          {published}" not in answer.output
    assert "receipts        WRONG " in answer.output


def test_the_command_prints_a_line_a_check_and_fails_where_one_is_wrong(voted):
    run = voted.newsroom.app.test_cli_runner().invoke
    good = run(args=["rounds", "verify", voted.slug])
    assert good.exit_code == 0
    assert "WRONG" not in good.output
    tamper(voted, sa.update(Round).values(budget=1560))
    bad = run(args=["rounds", "verify", voted.slug])
    assert bad.exit_code == 1
    assert "terms           WRONG " in bad.output
    assert run(args=["rounds", "verify", "elsewhere"]).exit_code == 1


def test_the_published_file_proves_its_part_alone(voted, client):
    voted.close()
    data = client.get(f"{voted.page}/results.pb").data
    assert not [check for check in equal_shares.checked(data) if check.ok is not True]
    with voted.newsroom.at_work():
        round = voted.row
        digests = {round.terms_digest, round.ballots_digest}
    page = client.get(f"{voted.page}/results").text
    assert all(digest in page for digest in digests)


def test_a_withdrawn_topic_leaves_the_file_whole(newsroom, open_round, client):
    voters = newsroom.members(20)
    votes = open_round()
    for voter in voters:
        votes.cast(voter, "Roads", "Buses")
    with newsroom.at_work():
        entry = next(entry for entry in votes.row.entries if entry.title == "Buses")
        rounds.withdraw(entry, reason="The buses run again.")
        db.session.commit()
    votes.close()
    assert wrong(votes) == set()
    data = client.get(f"{votes.page}/results.pb").data
    assert not [check for check in equal_shares.checked(data) if check.ok is not True]
    assert [t.name for t in equal_shares.parsed(data).topics] == ["Roads", "Hospitals"]
    with newsroom.at_work():
        outcome = results.of(votes.row)
        assert outcome is not None
        assert [row.title for row in outcome.chosen] == ["Roads"]
        assert outcome.left_over == 15 * 60
    assert "The buses run again." in client.get(f"{votes.page}/results").text
