"""Voting and checking without JavaScript."""

import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from membership.clock import clock
from membership.extensions import db
from membership.rounds import planning
from membership.rounds.models import Ballot
from membership.topics import life, proposals
from membership.topics.models import TopicState
from tests.factories import NOON


def test_a_reader_sees_the_open_round_and_how_to_get_a_vote(newsroom, client, open_round):
    newsroom.members(3)
    votes = open_round(join_days=5)
    assert "March round" in client.get("/topics").text
    page = client.get(votes.page).text
    assert "It closes on" in client.get("/topics").text
    assert "17 March 2026" in page
    assert "in 7 days" in page or "in 1 week" in page
    assert (
        f"/sign-in?next=%2Frounds%2F{votes.slug}" in page
        or f"/sign-in?next=/rounds/{votes.slug}" in page
    )
    assert "/support" in page
    assert 'type="checkbox"' not in page
    assert "0 of 3 members have voted." in page


def test_a_member_ticks_saves_and_changes(newsroom, open_round):
    browser = newsroom.signed_in(newsroom.member())
    votes = open_round()
    with newsroom.at_work():
        roads, buses = sorted(votes.ids("Roads", "Buses"))
    assert 'type="checkbox"' in browser.get(votes.page).text
    saved = browser.post(f"{votes.page}/ballot", data={"approvals": [roads, buses]})
    assert (saved.status_code, saved.location) == (303, votes.page)
    page = browser.get(votes.page).text
    assert "Your ballot is saved. You can change it until 17 March 2026" in page
    assert ticked_on(page) == {roads, buses}
    browser.post(f"{votes.page}/ballot", data={"approvals": [buses]})
    page = browser.get(votes.page).text
    assert ticked_on(page) == {buses}
    assert "1 of 1 members have voted." in page


def ticked_on(page: str) -> set[int]:
    return {int(n) for n in re.findall(r'value="(\d+)" id="topic-\d+" checked', page)}


def test_a_ballot_with_something_else_on_it_is_refused_and_keeps_the_ticks(newsroom, open_round):
    browser = newsroom.signed_in(newsroom.member())
    votes = open_round()
    with newsroom.at_work():
        (roads,) = votes.ids("Roads")
    answer = browser.post(f"{votes.page}/ballot", data={"approvals": [roads, 999]})
    assert answer.status_code == 422
    assert "A topic you ticked has left the ballot." in answer.text
    assert ticked_on(answer.text) == {roads}
    assert newsroom.count(Ballot) == 0


@pytest.mark.parametrize(
    ("who", "words"),
    [("former", "You are not a member at the moment"), ("late", "when the roll of this round was")],
)
def test_who_cannot_vote_is_told_why(newsroom, open_round, who, words):
    votes = open_round()
    clock.advance(timedelta(days=1))
    person = newsroom.person() if who == "former" else newsroom.member(since=clock.now())
    browser = newsroom.signed_in(person)
    assert words in browser.get(votes.page).text
    answer = browser.post(f"{votes.page}/ballot", data={})
    assert answer.status_code == 403
    assert words in answer.text


def test_who_is_not_signed_in_is_led_to_signing_in(client, open_round):
    votes = open_round()
    answer = client.post(f"{votes.page}/ballot", data={})
    assert answer.status_code == 303
    assert "/sign-in" in answer.location


def test_a_ballot_after_the_closing_second_is_refused_in_words(newsroom, open_round):
    votes = open_round()
    browser = newsroom.signed_in(newsroom.member(since=NOON - timedelta(days=1)))
    clock.set(NOON + timedelta(days=7))
    answer = browser.post(f"{votes.page}/ballot", data={})
    assert answer.status_code == 409
    assert "The ballots are being counted" in answer.text


def test_a_forged_ballot_is_refused(make_app, open_round, newsroom):
    votes = open_round()
    client = make_app(csrf=True).test_client()
    assert client.post(f"{votes.page}/ballot", data={}).status_code == 400


def test_nothing_shows_figures_before_the_close(newsroom, client, open_round):
    voters = newsroom.members(2)
    votes = open_round()
    before = [
        client.get(path).text for path in ("/topics", "/topics/roads", f"{votes.page}/results")
    ]
    for voter in voters:
        votes.cast(voter, "Roads")
    after = [
        client.get(path).text for path in ("/topics", "/topics/roads", f"{votes.page}/results")
    ]
    assert [re.sub(r"[02] of 2", "", page) for page in before] == [
        re.sub(r"[02] of 2", "", page) for page in after
    ]
    assert client.get(f"{votes.page}/results").status_code == 404
    assert "Not yet counted" in client.get(f"{votes.page}/results").text
    assert client.get(f"{votes.page}/results.pb").status_code == 404


def test_the_outcome_tells_what_was_chosen_and_why(newsroom, client, open_round):
    voters = newsroom.members(4)
    votes = open_round()
    for voter in voters[:3]:
        votes.cast(voter, "Roads", "Hospitals")
    votes.cast(voters[3], "Buses")
    votes.close()
    page = client.get(f"{votes.page}/results").text
    assert "4 of 4 members voted" in page
    assert "That takes 15 hours of 25 hours" in page
    assert "10 hours are left over" in page
    assert "ticked by 3 voters" in page
    assert "topics of 35 hours would be chosen: more than the 25 hours there are" in page
    assert re.search(r"Its voters had .* left between them: .* too little", page)
    assert "4 of 4 voters get at least one topic that they ticked" in page
    assert "This vote is closed." in client.get(votes.page).text


def publish(votes, *titles: str) -> None:
    """What they were chosen for comes out."""
    with votes.newsroom.at_work():
        for entry in votes.row.entries:
            if entry.topic.title in titles:
                for state in (TopicState.assigned, TopicState.reporting):
                    life.move(entry.topic, state)
                link = f"https://slovo.example/{entry.topic.slug}"
                life.move(entry.topic, TopicState.published, link=link)
        db.session.commit()


def test_the_outcome_tells_what_became_of_what_was_chosen(newsroom, client, open_round):
    [voter] = newsroom.members(1)
    votes = open_round()
    votes.cast(voter, "Roads", "Buses")
    votes.close()
    before = client.get(f"{votes.page}/results").text
    assert "We will cover" in before
    assert "Read what we found" not in before
    publish(votes, "Roads")
    clock.advance(timedelta(seconds=5))
    after = client.get(f"{votes.page}/results").text
    assert "We will cover" not in after
    assert "published · 10 hours" in after
    assert after.count("Read what we found") == 1
    assert 'href="https://slovo.example/roads"' in after


def test_most_votes_wins_is_told_beside_the_outcome(newsroom, client, open_round):
    voters = newsroom.members(5)
    votes = open_round(hours={"A": 10, "B": 10, "C": 10}, budget=20)
    for voter in voters[:3]:
        votes.cast(voter, "A", "B")
    for voter in voters[3:]:
        votes.cast(voter, "C")
    votes.close()
    page = client.get(f"{votes.page}/results").text
    assert "it would be 3." in page


def test_anybody_counts_again_from_the_two_files(newsroom, client, open_round, tmp_path: Path):
    voters = newsroom.members(20)
    votes = open_round()
    for number, voter in enumerate(voters):
        votes.cast(voter, "Roads", *(["Hospitals"] if number % 2 else ["Buses"]))
    votes.close()
    file = client.get(f"{votes.page}/results.pb")
    assert file.mimetype == "text/plain"
    assert file.headers["Content-Disposition"] == f'attachment; filename="{votes.slug}.pb"'
    (tmp_path / "round.pb").write_bytes(file.data)
    (tmp_path / "recount.py").write_bytes(client.get("/rounds/recount.py").data)
    counted = subprocess.run(
        [sys.executable, "-I", "-S", tmp_path / "recount.py", tmp_path / "round.pb"],
        capture_output=True,
        text=True,
        check=True,
    )
    with newsroom.at_work():
        winners = sorted(votes.row.result["winners"], key=int)
    assert counted.stdout.split() == winners
    assert winners


def test_the_recount_file_names_nobody_and_says_no_order(newsroom, client, open_round):
    voters = newsroom.members(20)
    votes = open_round()
    for number, voter in enumerate(voters):
        votes.cast(voter, "Buses" if number % 2 else "Roads")
    with newsroom.at_work():
        names = set(db.session.scalars(sa.text("select key from ballot")))
    votes.close()
    text = client.get(f"{votes.page}/results.pb").text
    assert "@" not in text
    assert not any(name in text for name in names)
    receipts = [line.split(";")[0] for line in text.split("VOTES\n")[1].splitlines()[1:]]
    assert len(set(receipts)) == 20
    assert receipts == sorted(receipts)


def test_with_fewer_than_20_voters_no_ballot_is_listed(newsroom, client, open_round, tmp_path):
    voters = newsroom.members(19)
    votes = open_round()
    for voter in voters:
        votes.cast(voter, "Roads")
    votes.close()
    text = client.get(f"{votes.page}/results.pb").text
    assert text.endswith("VOTES\nvoter_id;vote\n")
    assert ";600;19;Roads;1\n" in text
    assert "single ballots could be guessed" in client.get(f"{votes.page}/results").text


def test_a_round_in_preparation_is_not_shown(newsroom, client):
    with newsroom.at_work():
        topic = proposals.suggest("Roads", "Why?", minutes=60)
        slug = planning.prepare(
            "Secret", [topic], budget=60, closes_at=NOON + timedelta(days=1)
        ).slug
        db.session.commit()
    assert client.get(f"/rounds/{slug}").status_code == 404
    assert client.get(f"/rounds/{slug}/results").status_code == 404
    assert "Secret" not in client.get("/topics").text


PAGES = ("/topics", "/topics/a", "{round}", "{round}/results")


@pytest.mark.parametrize("closed", [False, True])
def test_a_page_costs_as_many_queries_for_many_as_for_few(newsroom, open_round, queries, closed):
    def costs(members: int, topics: int) -> list[int]:
        voters = newsroom.members(members)
        votes = open_round(hours=dict.fromkeys("abcdefghij"[:topics], 1))
        for voter in voters:
            votes.cast(voter, *"abcdefghij"[:topics])
        if closed:
            votes.close()
            publish(votes, *"abcdefghij"[:topics])
        browser = newsroom.signed_in(voters[0])
        counted = []
        for page in PAGES:
            with queries() as seen:
                browser.get(page.format(round=votes.page))
            counted.append(len(seen))
        return counted

    few = costs(members=1, topics=2)
    assert costs(members=9, topics=10) == few
    assert max(few) <= 9


def test_every_page_has_a_title_and_one_heading(newsroom, open_round):
    browser = newsroom.signed_in(newsroom.member())
    votes = open_round()
    pages = ["/topics", "/topics/new", "/topics/roads", votes.page, f"{votes.page}/results"]
    texts = [browser.get(page).text for page in pages]
    votes.close()
    texts += [browser.get(page).text for page in pages]
    for text in texts:
        assert re.search(r"<title>\S.* · The Test Courier</title>", text)
        assert text.count("<h1") == 1
