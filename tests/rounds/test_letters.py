"""Who is written to about topics and rounds, once each, and what letters never say."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from membership.clock import clock
from membership.extensions import db
from membership.mail.models import OutgoingMail
from membership.patrons.models import Person
from membership.rounds import ballots, planning, rounds, schedule
from membership.rounds.letters import LETTERS, tell_due
from membership.topics import follows, life, merges, news, proposals
from membership.topics.models import News, Topic, TopicState
from tests.factories import NOON, Newsroom


def letters(newsroom: Newsroom, subject: str = "") -> dict[str, str]:
    """The letters whose subject has these words: text by recipient."""
    with newsroom.at_work():
        rows = db.session.scalars(
            sa.select(OutgoingMail).where(OutgoingMail.subject.contains(subject))
        ).all()
        assert len({(row.recipient, row.about) for row in rows}) == len(rows)
        return {row.recipient: row.text for row in rows}


def tell(newsroom: Newsroom) -> int:
    with newsroom.at_work():
        return tell_due()


def suggest(newsroom: Newsroom, title: str, *followers: Person) -> None:
    with newsroom.at_work():
        topic = proposals.suggest(title, "Why?", minutes=480)
        for person in followers:
            follows.follow(topic, person)
        db.session.commit()


def move(newsroom: Newsroom, title: str, to: TopicState, **more: str) -> None:
    with newsroom.at_work():
        life.move(db.session.scalars(sa.select(Topic).filter_by(title=title)).one(), to, **more)
        db.session.commit()


def test_followers_hear_of_a_step_once_with_its_reason(newsroom):
    first, second, other = (newsroom.person() for _ in range(3))
    suggest(newsroom, "Roads", first, second)
    suggest(newsroom, "Buses", other)
    move(newsroom, "Roads", TopicState.declined, reason="Another paper has it.")
    assert tell(newsroom) == 2
    assert tell(newsroom) == 0
    told = letters(newsroom, "Roads: declined")
    assert set(told) == {first.email, second.email}
    assert "Why: Another paper has it." in told[first.email]
    assert "/topics/roads" in told[first.email]


def test_the_story_is_out_is_told_with_its_link(newsroom):
    person = newsroom.person()
    suggest(newsroom, "Roads", person)
    with newsroom.at_work():
        db.session.execute(sa.update(Topic).values(state=TopicState.reporting))
        db.session.commit()
    move(newsroom, "Roads", TopicState.published, link="https://hromada.example/roads")
    tell(newsroom)
    told = letters(newsroom, "The story is out: Roads")
    assert "https://hromada.example/roads" in told[person.email]


def test_followers_of_a_merged_topic_hear_where_it_went(newsroom):
    person = newsroom.person()
    suggest(newsroom, "Holes", person)
    suggest(newsroom, "Roads")
    with newsroom.at_work():
        holes, roads = db.session.scalars(sa.select(Topic).order_by(Topic.id)).all()
        merges.merge(holes, roads, reason="The same.")
        db.session.commit()
    tell(newsroom)
    assert "It was merged into “Roads”, which you follow now." in letters(newsroom)[person.email]


def test_many_are_told_page_by_page_and_nobody_twice(newsroom, monkeypatch):
    monkeypatch.setattr(news, "PAGE", 2)
    people = [newsroom.person() for _ in range(5)]
    suggest(newsroom, "Roads", *people)
    move(newsroom, "Roads", TopicState.declined, reason="No.")
    with newsroom.at_work():
        first = db.session.scalars(sa.select(News)).one()
        news._tell_page(first, LETTERS[first.kind])
        db.session.commit()
    assert len(letters(newsroom)) == 2
    assert tell(newsroom) == 3
    assert set(letters(newsroom)) == {person.email for person in people}


def test_a_run_tells_some_and_leaves_the_rest_to_the_next(newsroom, monkeypatch):
    monkeypatch.setattr(news, "PAGE", 2)
    monkeypatch.setattr(news, "LETTERS_A_RUN", 3)
    people = [newsroom.person() for _ in range(5)]
    suggest(newsroom, "Roads", *people)
    move(newsroom, "Roads", TopicState.declined, reason="No.")
    assert [tell(newsroom), tell(newsroom), tell(newsroom)] == [4, 1, 0]


def test_news_that_nobody_follows_holds_up_no_letters(newsroom):
    for number in range(10):
        suggest(newsroom, f"Topic {number}")
        move(newsroom, f"Topic {number}", TopicState.declined, reason="No.")
    suggest(newsroom, "Roads", newsroom.person())
    move(newsroom, "Roads", TopicState.declined, reason="No.")
    assert tell(newsroom) == 1


def test_letters_to_many_go_after_letters_to_one(newsroom):
    suggest(newsroom, "Roads", newsroom.person())
    move(newsroom, "Roads", TopicState.declined, reason="No.")
    tell(newsroom)
    with newsroom.at_work():
        assert db.session.scalars(sa.select(OutgoingMail.bulk)).all() == [True]


def test_a_page_whose_process_died_is_told_again_without_doubles(newsroom, monkeypatch):
    monkeypatch.setattr(news, "PAGE", 2)
    people = [newsroom.person() for _ in range(3)]
    suggest(newsroom, "Roads", *people)
    move(newsroom, "Roads", TopicState.declined, reason="No.")
    with newsroom.at_work():
        first = db.session.scalars(sa.select(News)).one()
        news._tell_page(first, LETTERS[first.kind])
        db.session.rollback()
    assert letters(newsroom) == {}
    assert tell(newsroom) == 3
    with newsroom.at_work():
        db.session.execute(sa.update(News).values(done_at=None, up_to=0))
        db.session.commit()
    assert tell(newsroom) == 0
    assert newsroom.count(OutgoingMail) == 3


def test_the_opening_and_the_outcome_are_told_to_the_roll_with_the_digests(newsroom, open_round):
    members = newsroom.members(2)
    stranger, silent = newsroom.person(), newsroom.member()
    with newsroom.at_work():
        db.session.get_one(Person, silent.id).wants_vote_mail = False
        db.session.commit()
    votes = open_round()
    tell(newsroom)
    opened = letters(newsroom, "The vote is open: March round")
    assert set(opened) == {person.email for person in members}
    with newsroom.at_work():
        terms = votes.row.terms_digest
    assert all(terms in text and "- Roads" in text for text in opened.values())
    votes.cast(members[0], "Roads")
    votes.cast(members[1], "Roads")
    votes.close()
    tell(newsroom)
    outcome = letters(newsroom, "What members decided")
    with newsroom.at_work():
        digest = votes.row.ballots_digest
    assert set(outcome) == set(opened)
    assert all(digest in text and "- Roads" in text for text in outcome.values())
    assert stranger.email not in letters(newsroom)


def test_who_is_written_to_about_a_round_is_not_about_each_topic_too(newsroom, open_round):
    member, reader = newsroom.member(), newsroom.person()
    votes = open_round()
    with newsroom.at_work():
        for person in (member, reader):
            follows.follow(votes.row.entries[0].topic, person)
        db.session.commit()
    tell(newsroom)
    with newsroom.at_work():
        abouts = db.session.execute(sa.select(OutgoingMail.recipient, OutgoingMail.about)).all()
    assert sorted((who, about.split(":")[0]) for who, about in abouts) == sorted(
        [(member.email, "opened"), (reader.email, "step")]
    )


def test_who_has_not_voted_is_reminded_once_and_nobody_else(newsroom):
    voted, idle = newsroom.members(2)
    with newsroom.at_work():
        roads = proposals.suggest("Roads", "Why?", minutes=480)
        round = planning.prepare(
            "March",
            [roads],
            budget=960,
            closes_at=NOON + timedelta(days=7),
            remind_at=NOON + timedelta(days=5),
        )
        rounds.open(round)
        ballots.cast(round, by=db.session.get_one(Person, voted.id), approvals={roads.id})
        db.session.commit()
        assert schedule.remind_due() == 0
        clock.advance(timedelta(days=5))
        assert schedule.remind_due() == 1
        assert schedule.remind_due() == 0
    tell(newsroom)
    reminded = letters(newsroom, "Your vote is still missing")
    assert set(reminded) == {idle.email}
    assert "Roads" not in reminded[idle.email]


def test_a_call_to_vote_that_comes_after_the_close_is_not_sent(newsroom):
    newsroom.member()
    with newsroom.at_work():
        round = planning.prepare(
            "March",
            [proposals.suggest("Roads", "Why?", minutes=480)],
            budget=960,
            closes_at=NOON + timedelta(days=7),
            remind_at=NOON + timedelta(days=5),
        )
        rounds.open(round)
        db.session.commit()
        clock.advance(timedelta(days=5))
        schedule.remind_due()
        clock.advance(timedelta(days=2))
    tell(newsroom)
    assert letters(newsroom) == {}


def test_letters_are_in_the_readers_language(newsroom):
    person = newsroom.person()
    with newsroom.at_work():
        db.session.get_one(Person, person.id).language = "uk"
        db.session.commit()
    suggest(newsroom, "Дороги", person)
    move(newsroom, "Дороги", TopicState.declined, reason="Про це вже писали.")
    tell(newsroom)
    assert "Чому: Про це вже писали." in letters(newsroom, "Дороги: відхилена")[person.email]


def test_an_erased_person_is_written_to_no_more(newsroom):
    person = newsroom.person()
    suggest(newsroom, "Roads", person)
    with newsroom.at_work():
        follows.forget(db.session.get_one(Person, person.id))
        db.session.commit()
    move(newsroom, "Roads", TopicState.declined, reason="No.")
    assert tell(newsroom) == 0


@pytest.mark.parametrize("wanted", ["no", "yes"])
def test_a_member_chooses_whether_to_have_letters_about_votes(newsroom, wanted):
    member = newsroom.member()
    browser = newsroom.signed_in(member)
    browser.post("/account/vote-mail", data={"wanted": "no"})
    browser.post("/account/vote-mail", data={"wanted": wanted})
    with newsroom.at_work():
        assert db.session.get_one(Person, member.id).wants_vote_mail is (wanted == "yes")
    words = "Stop these letters" if wanted == "yes" else "Write to me about votes"
    assert words in browser.get("/account").text
