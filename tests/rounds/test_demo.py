import random

import sqlalchemy as sa

from membership import days
from membership.extensions import db
from membership.rounds import demo, results, rounds
from membership.rounds.models import Round
from membership.topics.models import Topic, TopicState
from newspaper.texts import read

PAPER = "http://127.0.0.1:8080"
PROMISED = {TopicState.chosen, TopicState.assigned, TopicState.reporting}


def furnish(newsroom, people, number=1):
    with newsroom.at_work():
        demo.furnish(people, random.Random(number), newspaper=PAPER)
        db.session.commit()


def outcome(newsroom) -> list[str]:
    with newsroom.at_work():
        closed = next(round for round, _turnout in rounds.listed() if round.closed_at)
        found = results.of(closed)
        assert found is not None
        return [row.topic.title for row in found.chosen]


def test_the_demo_has_an_open_round_an_earlier_one_and_a_proposal(newsroom, client):
    furnish(newsroom, newsroom.members(30))
    with newsroom.at_work():
        (open_round, open_turnout), (closed, closed_turnout) = rounds.listed()
        assert rounds.current() is not None
        assert len(open_round.entries) == 8
        assert sum(entry.cost for entry in open_round.entries) > open_round.budget
        assert 0 < open_turnout.voted < open_turnout.roll == 30
        assert 20 <= closed_turnout.voted < 30
        pages = ["/topics", f"/rounds/{open_round.slug}", f"/rounds/{closed.slug}/results"]
    assert outcome(newsroom)
    for page in pages:
        assert client.get(page).status_code == 200


def test_the_demo_can_do_without_people_and_does_not_come_twice(newsroom):
    furnish(newsroom, [])
    furnish(newsroom, [])
    assert newsroom.count(Round) == 2
    assert newsroom.count(Topic) == 15


def test_the_same_seed_gives_the_same_outcome(newsroom, monkeypatch):
    people = newsroom.members(30)
    outcomes = []
    for _ in range(2):
        with newsroom.at_work():
            demo.furnish(people, random.Random(7), newspaper=PAPER)
            closed = next(round for round, _turnout in rounds.listed() if round.closed_at)
            outcomes.append([row["approvals"] for row in closed.result["topics"]])
            db.session.rollback()
    assert outcomes[0] == outcomes[1]


def test_the_newspaper_has_the_stories_of_what_was_chosen_on_their_days(newsroom):
    people = newsroom.members(30)
    days_ago = {article.slug: article.days_ago for article in read("en").articles}
    was_published = set()
    for number in range(6):
        with newsroom.at_work():
            demo.furnish(people, random.Random(number), newspaper=PAPER)
            topics = db.session.scalars(sa.select(Topic)).all()
            published = [one for one in topics if one.state is TopicState.published]
            reported = [one for one in topics if one.state is TopicState.reporting]
            assert len(reported) == 1
            assert all(one.title not in demo.STORIES for one in topics if one.state in PROMISED)
            for topic in published:
                slug, _after = demo.STORIES[topic.title]
                assert topic.link == f"{PAPER}/{slug}"
                assert (days.today() - days.of(topic.steps[-1].at)).days == days_ago[slug]
                was_published.add(topic.title)
            db.session.rollback()
    assert was_published == set(demo.STORIES)
