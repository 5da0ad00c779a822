"""Planning a round: slots, quorum, what is carried over, its schedule, and what is frozen."""

import re
from datetime import timedelta
from fractions import Fraction

import pytest
import sqlalchemy as sa

from membership.clock import clock
from membership.extensions import db
from membership.patrons.models import MembershipKind, MembershipPeriod
from membership.rounds import ballots, planning, results, roll, rounds, schedule
from membership.rounds.models import RollEntry, Round, Unit
from membership.topics import life, proposals
from membership.topics.models import Topic, TopicState
from tests.factories import NOON, Newsroom

WEEK = timedelta(days=7)


def suggested(*titles: str, hours: int = 8) -> list[Topic]:
    return [proposals.suggest(title, "Why?", minutes=hours * 60) for title in titles]


def the_round() -> Round:
    return db.session.scalars(sa.select(Round).order_by(Round.id.desc()).limit(1)).one()


def vote(newsroom: Newsroom, person, *titles: str) -> str:
    with newsroom.at_work():
        round = the_round()
        ticked = {entry.topic_id for entry in round.entries if entry.title in titles}
        receipt = ballots.cast(round, by=person, approvals=ticked)
        db.session.commit()
        return receipt


def test_a_round_of_slots_chooses_so_many_topics_whatever_they_take(newsroom, client):
    voters = newsroom.members(8)
    with newsroom.at_work():
        topics = [proposals.suggest(title, "Why?") for title in "ABC"]
        rounds.open(
            planning.prepare("Slots", topics, budget=2, unit=Unit.topics, closes_at=NOON + WEEK)
        )
        db.session.commit()
    for voter, titles in zip(voters, ["AB"] * 4 + ["A"] + ["C"] * 3, strict=True):
        vote(newsroom, voter, *titles)
    clock.set(NOON + WEEK)
    with newsroom.at_work():
        schedule.close_due()
        outcome = results.of(the_round())
    assert outcome is not None
    # A asks 1/5 of each of five. C asks 1/3 of each of three, whom a share of 2/8 does not let
    # pay: it takes raises. B would need a share of 1/5 + 1/4, and then three would be too many.
    assert [row.title for row in outcome.chosen] == ["A", "C"]
    assert (outcome.spent, outcome.left_over) == (2, 0)
    # One step before a share of 9/20 the four have 4 × (0.449 − 1/5) left, cut to hundredths.
    [lost] = outcome.others
    assert (lost.left, lost.missing, lost.spent) == (
        Fraction(99, 100),
        Fraction(1, 100),
        Fraction(4, 5),
    )
    page = client.get("/rounds/slots/results").text
    assert "Its voters had 0.99 of a topic left between them: 0.01 of a topic too little." in page
    assert "4 of them had spent 0.8 of a topic on topics that were chosen." in page
    assert "That is 2 of 2." in page
    assert "With the next raise of the shares, 3 topics would be chosen: more than 2." in page


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", r"“[ABC]” had the same claim as “[ABC]”, “[ABC]”; it came first by lot"),
        ("uk", r"«[ABC]» мала таке саме право, як «[ABC]», «[ABC]»; вона перша за жеребом"),
    ],
)
def test_a_lot_is_disclosed(newsroom, client, language, words):
    [voter] = newsroom.members(1)
    with newsroom.at_work():
        topics = [proposals.suggest(title, "Why?") for title in "ABC"]
        rounds.open(
            planning.prepare("Lots", topics, budget=1, unit=Unit.topics, closes_at=NOON + WEEK)
        )
        db.session.commit()
    vote(newsroom, voter, "A", "B", "C")
    clock.set(NOON + WEEK)
    with newsroom.at_work():
        schedule.close_due()
    client.set_cookie("language", language)
    assert re.search(words, client.get("/rounds/lots/results").text)


def test_a_round_in_which_nobody_voted_says_so(newsroom, client):
    newsroom.members(2)
    with newsroom.at_work():
        rounds.open(
            planning.prepare("Quiet", suggested("Roads"), budget=960, closes_at=NOON + WEEK)
        )
        db.session.commit()
    clock.set(NOON + WEEK)
    with newsroom.at_work():
        assert schedule.close_due() == 1
    page = client.get("/rounds/quiet/results").text
    assert "Nothing: nobody voted." in page
    assert "of 0 voters" not in page


def test_without_a_quorum_nothing_is_chosen_and_all_is_left(newsroom, client):
    voters = newsroom.members(10)
    with newsroom.at_work():
        rounds.open(
            planning.prepare(
                "Quorum",
                suggested("Roads", "Buses"),
                budget=960,
                closes_at=NOON + WEEK,
                quorum=25,
            )
        )
        db.session.commit()
    for voter in voters[:2]:
        vote(newsroom, voter, "Roads")
    clock.set(NOON + WEEK)
    with newsroom.at_work():
        assert schedule.close_due() == 1
        assert {entry.topic.state for entry in the_round().entries} == {TopicState.carried_over}
        assert planning.left_over(Unit.minutes) == (the_round(), 960)
    page = client.get("/rounds/quorum/results").text
    assert "3 ballots were needed, 2 were cast" in page
    assert "The count alone would have chosen" in page


def test_a_quorum_that_is_just_met_is_met(newsroom):
    voters = newsroom.members(8)
    with newsroom.at_work():
        round = planning.prepare(
            "Quorum", suggested("Roads"), budget=960, closes_at=NOON + WEEK, quorum=25
        )
        rounds.open(round)
        db.session.commit()
    for voter in voters[:2]:
        vote(newsroom, voter, "Roads")
    clock.set(NOON + WEEK)
    with newsroom.at_work():
        schedule.close_due()
        assert [entry.title for entry in the_round().chosen] == ["Roads"]


def test_what_is_left_goes_into_the_next_round_once(newsroom):
    voter = newsroom.member()
    with newsroom.at_work():
        rounds.open(
            planning.prepare("First", suggested("Roads"), budget=600, closes_at=NOON + WEEK)
        )
        db.session.commit()
    vote(newsroom, voter, "Roads")
    clock.set(NOON + WEEK)
    with newsroom.at_work():
        schedule.close_due()
        left = planning.left_over(Unit.minutes)
        assert left is not None
        assert left[1] == 120
        assert planning.left_over(Unit.topics) is None
        second = planning.prepare(
            "Second",
            suggested("Buses"),
            budget=480,
            closes_at=clock.now() + WEEK,
            carry_from=left[0],
        )
        assert (second.budget, second.carried) == (600, 120)
        assert planning.left_over(Unit.minutes) is None
        assert planning.left_over(Unit.minutes, instead_of=second) == left
        planning.discard(second)
        assert planning.left_over(Unit.minutes) == left


def test_rounds_open_and_close_by_themselves_and_only_once(newsroom):
    newsroom.member()
    with newsroom.at_work():
        planning.prepare(
            "Scheduled",
            suggested("Roads"),
            budget=960,
            opens_at=NOON + timedelta(days=1),
            closes_at=NOON + WEEK,
        )
        db.session.commit()
        assert schedule.open_due() == 0
        clock.advance(timedelta(days=1))
        assert schedule.open_due() == 1
        assert schedule.open_due() == 0
        assert the_round().opened_at == NOON + timedelta(days=1)


def test_what_keeps_a_round_from_opening_is_written_down_for_staff(newsroom):
    editor = newsroom.person(role="editor")
    with newsroom.at_work():
        [topic] = suggested("Roads")
        planning.prepare("Late", [topic], budget=960, opens_at=NOON, closes_at=NOON + WEEK)
        life.move(topic, TopicState.declined, reason="No.")
        db.session.commit()
        assert schedule.open_due() == 0
        assert schedule.open_due() == 0
        assert the_round().trouble == "moved: Roads"
        assert the_round().opened_at is None
        assert db.session.scalar(sa.select(sa.func.count()).select_from(RollEntry)) == 0
    page = newsroom.signed_in(editor).get("/staff/rounds/late").text
    assert "“Roads” cannot go on a ballot where it is now." in page


def test_after_the_opening_nothing_can_be_planned_anew_or_given_up(newsroom, open_round):
    votes = open_round()
    with newsroom.at_work():
        for act in (
            lambda: planning.change(votes.row, "X", [], budget=1, closes_at=NOON + WEEK),
            lambda: planning.discard(votes.row),
        ):
            with pytest.raises(planning.Frozen):
                act()


def test_withdrawing_needs_a_reason_and_an_open_round(newsroom, open_round):
    votes = open_round()
    with newsroom.at_work():
        entry = votes.row.entries[0]
        with pytest.raises(life.ReasonMissing):
            rounds.withdraw(entry, reason="")
    votes.close()
    with newsroom.at_work(), pytest.raises(planning.Frozen):
        rounds.withdraw(votes.row.entries[0], reason="Too late.")


def test_a_withdrawn_topic_cannot_be_ticked_and_the_other_ticks_are_kept(newsroom, open_round):
    voter = newsroom.member()
    votes = open_round()
    browser = newsroom.signed_in(voter)
    with newsroom.at_work():
        ids = {entry.title: entry.topic_id for entry in votes.row.entries}
        rounds.withdraw(votes.row.entries[0], reason="It is solved.")
        db.session.commit()
    ticked = {"approvals": [ids["Roads"], ids["Buses"]]}
    answer = browser.post(f"{votes.page}/ballot", data=ticked)
    assert answer.status_code == 422
    assert f'id="topic-{ids["Buses"]}" checked' in answer.text
    assert "It is solved." in answer.text
    assert f'id="topic-{ids["Roads"]}"' not in answer.text


def test_closing_before_the_time_needs_a_published_reason(newsroom, open_round, client):
    votes = open_round()
    with newsroom.at_work(), pytest.raises(life.ReasonMissing):
        rounds.close(votes.row)
    votes.close()
    assert "The story would not wait." in client.get(f"{votes.page}/results").text


@pytest.mark.parametrize(
    ("kind", "kinds", "votes"),
    [
        (MembershipKind.patron, ("gift",), True),
        (MembershipKind.gift, ("gift", "offline"), True),
        (MembershipKind.comped, ("gift", "offline"), False),
        (MembershipKind.offline, (), False),
    ],
)
def test_who_votes_beside_patrons_is_a_setting(newsroom, open_round, kind, kinds, votes):
    newsroom.app.extensions["settings"].voting_kinds = kinds
    member = newsroom.member(kind=kind)
    opened = open_round(join_days=3)
    assert newsroom.count(RollEntry) == votes
    if votes:
        opened.cast(member, "Roads")
    else:
        with pytest.raises(roll.NotSettled):
            opened.cast(member, "Roads")


def test_a_disputed_membership_has_no_vote_until_it_is_settled(newsroom, open_round):
    member = newsroom.member()
    with newsroom.at_work():
        db.session.execute(sa.update(MembershipPeriod).values(contested=True))
        db.session.commit()
    votes = open_round(join_days=3)
    with pytest.raises(roll.NotSettled):
        votes.cast(member, "Roads")
    assert "your last payment is disputed" in newsroom.signed_in(member).get(votes.page).text
    with newsroom.at_work():
        db.session.execute(sa.update(MembershipPeriod).values(contested=False))
        db.session.commit()
    votes.cast(member, "Roads")


def test_the_roll_is_told_in_number_and_digest_and_not_in_names(newsroom, open_round, client):
    members = newsroom.members(3)
    votes = open_round()
    with newsroom.at_work():
        size, digest = roll.digest(votes.row)
        assert (votes.row.roll_size, votes.row.roll_digest) == (size, digest)
        assert size == 3
    page = client.get(votes.page).text
    assert digest in page
    assert "3 members at the opening" in page
    assert not any(person.email in page or str(person.name) in page for person in members)


def test_two_rolls_of_the_same_people_have_two_digests(newsroom, open_round):
    newsroom.members(3)
    first, second = open_round(), open_round()
    with newsroom.at_work():
        assert first.row.roll_digest != second.row.roll_digest


def test_a_ballot_is_withdrawn_and_leaves_nothing(newsroom, open_round):
    voter = newsroom.member()
    votes = open_round()
    votes.cast(voter, "Roads")
    browser = newsroom.signed_in(voter)
    assert "Withdraw my ballot" in browser.get(votes.page).text
    assert browser.post(f"{votes.page}/ballot/withdraw").status_code == 303
    page = browser.get(votes.page).text
    assert "Your ballot is withdrawn." in page
    assert "0 of 1 members have voted" in page
    with newsroom.at_work():
        assert not ballots.withdraw(votes.row, by=voter)
    clock.set(NOON + WEEK)
    assert browser.post(f"{votes.page}/ballot/withdraw").status_code == 409


def test_every_saving_has_a_receipt_of_its_own_and_the_last_is_found(newsroom, open_round):
    voters = newsroom.members(20)
    votes = open_round()
    for voter in voters:
        votes.cast(voter, "Roads")
    browser = newsroom.signed_in(voters[0])
    with newsroom.at_work():
        first = ballots.own(votes.row, voters[0])
    votes.cast(voters[0], "Buses", "Roads")
    with newsroom.at_work():
        last = ballots.own(votes.row, voters[0])
    assert first is not None
    assert last is not None
    assert first.receipt != last.receipt
    assert last.receipt in browser.get(votes.page).text
    results_page = f"{votes.page}/results"
    assert browser.post(results_page, data={"receipt": last.receipt}).status_code == 404
    votes.close()
    found = browser.post(results_page, data={"receipt": f" {last.receipt.lower()} "})
    assert found.status_code == 200
    assert found.headers["Cache-Control"] == "no-store"
    told = found.text.split("was counted with these ticks")[1].split("</ul>")[0]
    assert "Roads" in told
    assert "Buses" in told
    assert "Hospitals" not in told
    gone = browser.post(results_page, data={"receipt": first.receipt})
    assert gone.status_code == 404
    assert "No counted ballot has this receipt" in gone.text
    assert browser.post(results_page, data={"receipt": ""}).status_code == 422


def test_below_twenty_voters_no_receipt_leads_to_a_ballot(newsroom, open_round, client):
    voter = newsroom.member()
    votes = open_round()
    votes.cast(voter, "Roads")
    with newsroom.at_work():
        own = ballots.own(votes.row, voter)
    assert own is not None
    votes.close()
    page = client.post(f"{votes.page}/results", data={"receipt": own.receipt})
    assert page.status_code == 404
    assert own.receipt not in client.get(f"{votes.page}/results.pb").text
