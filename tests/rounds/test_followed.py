"""Whether those who vote stay: counted some months after the close, and never of a few people."""

from datetime import timedelta
from fractions import Fraction

import pytest
import sqlalchemy as sa

from membership.clock import clock
from membership.extensions import db
from membership.patrons.models import MembershipPeriod, Person
from membership.rounds import followed
from membership.rounds.follow_models import RollFollowed
from tests.factories import NOON, Newsroom


@pytest.fixture
def closed(newsroom: Newsroom, open_round):
    """Twenty of fifty members voted; ten voters and five others left after two months."""
    voters = newsroom.members(20)
    others = newsroom.members(30)
    votes = open_round()
    for voter in voters:
        votes.cast(voter, "Roads")
    votes.close()
    leaving = [person.id for person in (*voters[:10], *others[:5])]
    with newsroom.at_work():
        db.session.execute(
            sa.update(MembershipPeriod)
            .where(MembershipPeriod.person_id.in_(leaving))
            .values(ends_at=NOON + timedelta(days=60))
        )
        db.session.commit()
    return votes


def test_turnout_and_who_stayed_are_counted_when_they_fall_due(newsroom: Newsroom, closed):
    with newsroom.at_work():
        assert followed.follow_due() == 1
        assert followed.follow_due() == 0, "each is counted once"
        [its] = followed.latest()
        assert (its.turnout, its.voters.people, its.others.people) == (Fraction(2, 5), 20, 30)
        assert its.voters.share(1) is None, "a month has not passed"
        clock.set(NOON + timedelta(days=100))
        assert followed.follow_due() == 2
        [its] = followed.latest()
        assert (its.voters.share(1), its.others.share(1)) == (1, 1)
        assert (its.voters.share(3), its.others.share(3)) == (Fraction(1, 2), Fraction(5, 6))


def test_of_fewer_than_twenty_people_nothing_is_told(newsroom: Newsroom, open_round):
    voters = newsroom.members(19)
    votes = open_round()
    for voter in voters:
        votes.cast(voter, "Roads")
    votes.close()
    clock.set(NOON + timedelta(days=40))
    with newsroom.at_work():
        followed.follow_due()
        [its] = followed.latest()
        assert (its.voters.share(1), its.others.share(1)) == (None, None)
        assert its.turnout == 1
    page = newsroom.signed_in(newsroom.person(role="editor")).get("/staff/figures/votes").text
    assert "March round" in page
    assert page.count("100%") == 1, "the turnout"


def test_an_open_round_tells_nothing(newsroom: Newsroom, open_round):
    [member] = newsroom.members(1)
    open_round().cast(member, "Roads")
    with newsroom.at_work():
        assert followed.follow_due() == 0
        followed.count_members()
        assert followed.latest() == []
    page = newsroom.signed_in(newsroom.person(role="editor")).get("/staff/figures/votes").text
    assert "No round has closed yet." in page


def test_members_who_ever_voted_are_counted_each_once(newsroom: Newsroom, closed, open_round):
    with newsroom.at_work():
        followed.count_members()
        ever = followed.ever_voted()
        assert ever is not None
        assert (ever.members, ever.voted) == (50, 20)
        followed.count_members()
        assert followed.as_json()["ever_voted"] == {"members": 50, "voted": 20}


def test_of_two_who_became_one_the_membership_of_who_stayed_tells(newsroom: Newsroom, closed):
    other = newsroom.member()
    with newsroom.at_work():
        first = db.session.scalars(sa.select(Person).order_by(Person.id)).first()
        assert first is not None
        first.joined_into_id = other.id
        db.session.commit()
        clock.set(NOON + timedelta(days=100))
        followed.follow_due()
        voted = db.session.scalars(
            sa.select(RollFollowed).where(RollFollowed.voted, RollFollowed.months == 3)
        ).one()
        assert (voted.people, voted.stayed) == (20, 11)
