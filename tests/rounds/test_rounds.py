from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa

from membership.clock import clock
from membership.extensions import db
from membership.rounds import planning, results, roll, rounds, schedule
from membership.rounds.models import Ballot, RollEntry, Round
from membership.topics import life, proposals
from membership.topics.models import Topic, TopicState
from tests.factories import NOON, Newsroom


def state_of(newsroom: Newsroom, title: str) -> TopicState:
    with newsroom.at_work():
        return db.session.scalars(sa.select(Topic.state).where(Topic.title == title)).one()


def test_the_roll_has_the_members_of_the_opening_and_nobody_else(newsroom, open_round):
    members = newsroom.members(2)
    newsroom.person()
    newsroom.member(until=NOON - timedelta(days=1))
    newsroom.member(since=NOON + timedelta(days=1))
    open_round()
    with newsroom.at_work():
        on_roll = db.session.scalars(sa.select(RollEntry.person_id)).all()
    assert sorted(on_roll) == [person.id for person in members]


def test_topics_are_on_the_ballot_from_the_opening_and_chosen_or_carried_over_at_the_close(
    newsroom, open_round
):
    voters = newsroom.members(2)
    votes = open_round()
    assert state_of(newsroom, "Roads") is TopicState.on_ballot
    for voter in voters:
        votes.cast(voter, "Roads")
    votes.close()
    assert state_of(newsroom, "Roads") is TopicState.chosen
    assert state_of(newsroom, "Hospitals") is TopicState.carried_over


def test_costs_stay_as_they_were_when_the_round_opened(newsroom, open_round):
    votes = open_round()
    with newsroom.at_work():
        db.session.execute(sa.update(Topic).values(minutes=1))
        db.session.commit()
        assert [entry.cost for entry in votes.row.entries] == [600, 1200, 300]


def test_a_topic_dearer_than_the_budget_or_unjudged_cannot_be_put_on_a_ballot(newsroom):
    member = newsroom.member()
    with newsroom.at_work():
        for topic in (
            proposals.suggest("Dear", "Why?", minutes=61),
            proposals.propose("Unjudged", "Why?", by=member),
        ):
            with pytest.raises(planning.CannotPrepare):
                planning.prepare("R", [topic], budget=60, closes_at=NOON + timedelta(days=1))


def test_a_round_that_would_be_over_at_once_cannot_be_opened(newsroom):
    with newsroom.at_work():
        topic = proposals.suggest("Roads", "Why?", minutes=60)
        round = planning.prepare("R", [topic], budget=60, closes_at=NOON)
        with pytest.raises(planning.CannotPrepare):
            rounds.open(round)


def test_a_round_opens_once(newsroom, open_round):
    votes = open_round()
    with newsroom.at_work(), pytest.raises(planning.CannotPrepare):
        rounds.open(votes.row)


def test_what_an_editor_changed_just_before_the_opening_holds(newsroom):
    with newsroom.at_work():
        topic = proposals.suggest("Roads", "Why?", minutes=60)
        round = planning.prepare("R", [topic], budget=60, closes_at=NOON + timedelta(days=1))
        round.share_step = "0.5"
        rounds.open(round)
        assert round.share_step == "0.5"


def test_two_rounds_of_one_title_have_two_addresses(newsroom, open_round):
    assert open_round().slug != open_round().slug


def test_a_step_raises_all_shares_together_by_less_than_a_minute(newsroom, open_round):
    newsroom.members(12)
    with newsroom.at_work():
        assert open_round().row.share_step == "0.01"


def test_closing_twice_counts_once(newsroom, open_round):
    voter = newsroom.member()
    votes = open_round()
    votes.cast(voter, "Roads")
    votes.close()
    with newsroom.at_work():
        first, closed = votes.row.result, votes.row.closed_at
    clock.advance(timedelta(hours=1))
    votes.close()
    with newsroom.at_work():
        assert (votes.row.result, votes.row.closed_at) == (first, closed)


def test_closing_from_many_processes_at_once_counts_once(newsroom, open_round, monkeypatch):
    votes = open_round()
    counted = []
    record = results.record
    monkeypatch.setattr(results, "record", lambda *a, **k: counted.append(1) or record(*a, **k))
    start = Barrier(4)

    def close(_number: int) -> None:
        start.wait()
        votes.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(close, range(4)))
    assert counted == [1]


def test_rounds_whose_time_has_come_are_closed(newsroom, open_round):
    votes = open_round()
    with newsroom.at_work():
        assert schedule.close_due() == 0
        clock.advance(timedelta(days=7))
        assert rounds.current() is None
        assert schedule.close_due() == 1
        assert schedule.close_due() == 0
        assert votes.row.closed_at == NOON + timedelta(days=7)


def test_after_the_close_nothing_leads_from_a_ballot_to_a_person(newsroom, open_round):
    voters = newsroom.members(3)
    votes = open_round()
    for voter in voters:
        votes.cast(voter, "Roads")
    votes.close()
    columns = {column.name for column in Ballot.__table__.columns}
    assert columns == {"key", "round_id", "approvals", "salt", "receipt"}
    assert not {key.column.table.name for key in Ballot.__table__.foreign_keys} - {"round"}
    with newsroom.at_work():
        assert votes.row.ballot_key is None
        assert db.session.query(Ballot).count() == 3
        assert db.session.query(RollEntry).filter_by(voted=True).count() == 3
        columns = db.session.execute(sa.text("select * from round")).mappings().one()
        assert not [
            name for name, value in columns.items() if isinstance(value, bytes | memoryview)
        ]


def test_after_the_close_the_database_itself_does_not_link_ballots_and_roll(newsroom, open_round):
    voters = newsroom.members(3)
    votes = open_round()
    for voter in voters:
        votes.cast(voter, "Roads")
    votes.close()
    with newsroom.at_work():
        if db.engine.dialect.name == "sqlite":
            with pytest.raises(sa.exc.OperationalError, match="rowid"):
                db.session.execute(sa.text("select rowid from ballot"))
            return
        writers = "select distinct xmin::text from {}"
        of_ballots = set(db.session.scalars(sa.text(writers.format("ballot"))))
        of_roll = set(db.session.scalars(sa.text(writers.format("roll_entry where voted"))))
        laid = db.session.scalars(sa.text("select key from ballot order by ctid")).all()
    assert len(of_ballots) == 1
    assert not of_ballots & of_roll
    assert laid == sorted(laid)


def test_the_database_refuses_a_closed_round_with_a_key(newsroom, open_round):
    open_round()
    with newsroom.at_work(), pytest.raises(sa.exc.IntegrityError):
        db.session.execute(sa.update(Round).values(closed_at=NOON))


def test_turnout_tells_how_many_voted_of_how_many(newsroom, open_round):
    first, *_rest = newsroom.members(3)
    votes = open_round()
    votes.cast(first, "Roads")
    with newsroom.at_work():
        [(round, turnout)] = rounds.listed()
        assert round.slug == votes.slug
    assert turnout == roll.Turnout(voted=1, roll=3)


def test_what_is_declined_needs_a_reason_and_what_is_published_a_link(newsroom):
    with newsroom.at_work():
        topic = proposals.suggest("Roads", "Why?", minutes=60)
        with pytest.raises(life.ReasonMissing):
            life.move(topic, TopicState.declined)
        with pytest.raises(life.WrongTurn):
            life.move(topic, TopicState.published, link="https://hromada.example/roads")
        topic.state = TopicState.reporting
        with pytest.raises(life.LinkMissing):
            life.move(topic, TopicState.published)
