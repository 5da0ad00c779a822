import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from membership.clock import clock
from membership.extensions import db
from membership.rounds import ballots, planning, roll, rounds
from membership.rounds.models import Ballot, RollEntry
from membership.topics import proposals
from tests.factories import NOON


def test_a_ballot_can_be_read_back_by_its_voter_while_the_round_is_open(newsroom, open_round):
    voter, other = newsroom.members(2)
    votes = open_round()
    votes.cast(voter, "Roads", "Buses")
    with newsroom.at_work():
        own = ballots.own(votes.row, voter)
        assert own is not None
        assert own.ticked == votes.ids("Roads", "Buses")
        assert ballots.own(votes.row, other) is None
    votes.close()
    with newsroom.at_work():
        assert ballots.own(votes.row, voter) is None


def test_the_last_ballot_counts(newsroom, open_round):
    voter = newsroom.member()
    votes = open_round()
    votes.cast(voter, "Roads")
    votes.cast(voter, "Buses")
    votes.close()
    with newsroom.at_work():
        approvals = {row["name"]: row["approvals"] for row in votes.row.result["topics"]}
    assert approvals == {"Roads": 0, "Hospitals": 0, "Buses": 1}


def test_voting_at_the_same_moment_from_two_places_leaves_one_ballot(newsroom, open_round):
    voter = newsroom.member()
    votes = open_round()
    start = Barrier(2)

    def cast(title: str) -> None:
        start.wait()
        votes.cast(voter, title)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(cast, ["Roads", "Buses"]))
    assert newsroom.count(Ballot) == 1
    with newsroom.at_work():
        assert roll.turnout(votes.row) == roll.Turnout(voted=1, roll=1)


def test_a_ballot_in_the_closing_second_is_refused(newsroom, open_round):
    voter = newsroom.member()
    votes = open_round()
    clock.set(NOON + timedelta(days=7, microseconds=-1))
    votes.cast(voter, "Roads")
    clock.set(NOON + timedelta(days=7))
    with pytest.raises(ballots.RoundClosed):
        votes.cast(voter, "Buses")


def test_a_ballot_after_the_count_is_refused_even_before_the_announced_close(newsroom, open_round):
    voter = newsroom.member()
    votes = open_round()
    votes.close()
    with pytest.raises(ballots.RoundClosed):
        votes.cast(voter, "Roads")
    assert newsroom.count(Ballot) == 0


def test_a_round_in_preparation_takes_no_ballots(newsroom):
    voter = newsroom.member()
    with newsroom.at_work():
        topic = proposals.suggest("Roads", "Why?", minutes=60)
        round = planning.prepare("R", [topic], budget=60, closes_at=NOON + timedelta(days=1))
        with pytest.raises(ballots.RoundNotOpen):
            ballots.cast(round, by=voter, approvals={topic.id})


def test_only_members_vote(newsroom, open_round):
    stranger = newsroom.person()
    former = newsroom.member(until=NOON - timedelta(seconds=1))
    votes = open_round(join_days=3)
    for person in (stranger, former):
        with pytest.raises(roll.NotAMember):
            votes.cast(person, "Roads")
    assert newsroom.count(Ballot) == 0


def test_who_joins_in_time_is_let_in_when_they_vote(newsroom, open_round):
    votes = open_round(join_days=3)
    late = newsroom.member(since=NOON + timedelta(days=2))
    clock.set(NOON + timedelta(days=3))
    votes.cast(late, "Roads")
    clock.set(NOON + timedelta(days=5))
    votes.cast(late, "Buses")
    assert newsroom.count(RollEntry) == newsroom.count(Ballot) == 1


def test_who_joins_later_is_not_let_in(newsroom, open_round):
    votes = open_round(join_days=3)
    late = newsroom.member(since=NOON + timedelta(days=2))
    clock.set(NOON + timedelta(days=3, seconds=1))
    with pytest.raises(roll.NotOnRoll):
        votes.cast(late, "Roads")
    assert newsroom.count(RollEntry) == 0


def test_without_a_date_to_join_by_the_roll_is_that_of_the_opening(newsroom, open_round):
    votes = open_round()
    late = newsroom.member(since=NOON + timedelta(minutes=1))
    clock.advance(timedelta(hours=1))
    with pytest.raises(roll.NotOnRoll):
        votes.cast(late, "Roads")


def test_who_is_on_the_roll_keeps_the_vote_when_the_membership_ends(newsroom, open_round):
    voter = newsroom.member(until=NOON + timedelta(days=1))
    votes = open_round()
    clock.advance(timedelta(days=2))
    votes.cast(voter, "Roads")
    assert newsroom.count(Ballot) == 1


def test_a_tick_for_something_else_is_refused_and_leaves_nothing(newsroom, open_round):
    voter = newsroom.member()
    votes = open_round()
    with newsroom.at_work():
        elsewhere = proposals.suggest("Elsewhere", "Why?", minutes=60).id
        db.session.commit()
    with newsroom.at_work(), pytest.raises(ballots.UnknownTopic):
        ballots.cast(votes.row, by=voter, approvals={elsewhere})
    with newsroom.at_work():
        assert roll.turnout(votes.row).voted == 0


def test_an_empty_ballot_is_a_ballot(newsroom, open_round):
    voter = newsroom.member()
    votes = open_round()
    votes.cast(voter)
    with newsroom.at_work():
        own = ballots.own(votes.row, voter)
        assert own is not None
        assert own.ticked == frozenset()
        assert roll.turnout(votes.row).voted == 1


def test_the_order_is_each_voters_own_and_stays(newsroom, open_round):
    voters = newsroom.members(12)
    votes = open_round(hours=dict.fromkeys("ABCDEF", 1))
    with newsroom.at_work():
        orders = [[e.position for e in ballots.shuffled(votes.row, voter)] for voter in voters]
        again = [[e.position for e in ballots.shuffled(votes.row, voter)] for voter in voters]
    assert orders == again
    assert all(sorted(order) == [1, 2, 3, 4, 5, 6] for order in orders)
    assert len({tuple(order) for order in orders}) > 6


HEAD_START = 0.5  # seconds for who must wait; were they not held up, they would be through by then


def test_a_close_waits_for_a_ballot_that_is_being_saved(newsroom, open_round):
    voter, votes = newsroom.member(), open_round()
    with ThreadPoolExecutor(1) as pool, newsroom.at_work():
        ballots.cast(votes.row, by=voter, approvals=votes.ids("Roads"))
        closing = pool.submit(votes.close)
        time.sleep(HEAD_START)
        db.session.commit()
        closing.result()
    with newsroom.at_work():
        assert votes.row.result is not None
        assert votes.row.result["voters"] == 1


def test_a_ballot_waits_for_a_close_that_is_being_counted_and_is_refused(newsroom, open_round):
    voter, votes = newsroom.member(), open_round()

    def cast() -> None:
        votes.cast(voter, "Roads")

    with ThreadPoolExecutor(1) as pool, newsroom.at_work():
        rounds.close(votes.row, reason="In a hurry.")
        casting = pool.submit(cast)
        time.sleep(HEAD_START)
        db.session.commit()
        with pytest.raises(ballots.RoundClosed):
            casting.result()
    with newsroom.at_work():
        assert votes.row.result is not None
        assert votes.row.result["voters"] == 0
    assert newsroom.count(Ballot) == 0


def test_a_ballot_waits_for_a_withdrawal_and_is_told_of_it(newsroom, open_round):
    browser, votes = newsroom.signed_in(newsroom.member()), open_round()
    with newsroom.at_work():
        roads, buses = sorted(votes.ids("Roads", "Buses"))
    with ThreadPoolExecutor(1) as pool, newsroom.at_work():
        gone = next(entry for entry in votes.row.entries if entry.topic_id == roads)
        rounds.withdraw(gone, reason="It is solved.")
        ballot = {"approvals": [roads, buses]}
        casting = pool.submit(browser.post, f"{votes.page}/ballot", data=ballot)
        time.sleep(HEAD_START)
        db.session.commit()
        answer = casting.result()
    assert answer.status_code == 422
    assert "A topic you ticked has left the ballot." in answer.text
    assert re.findall(r'value="(\d+)"[^>]* checked', answer.text) == [str(buses)]
    assert newsroom.count(Ballot) == 0
