"""`python -m tests.browser.crowd SLUG NUMBER`: so many members who have not voted cast a ballot."""

import sys

import sqlalchemy as sa

from app import create_app
from membership.extensions import db
from membership.patrons.models import Person
from membership.rounds import ballots, rounds
from membership.rounds.models import RollEntry


def main(slug: str, number: int) -> None:
    with create_app().app_context():
        round = rounds.by_slug(slug)
        assert round is not None
        idle = sa.select(RollEntry.person_id).where(
            RollEntry.round_id == round.id, RollEntry.voted.is_(False)
        )
        people = db.session.scalars(sa.select(Person).where(Person.id.in_(idle)).limit(number))
        topics = [entry.topic_id for entry in round.ballot]
        for place, person in enumerate(people.all()):
            ticked = [topic for which, topic in enumerate(topics) if (place + which) % 3]
            ballots.cast(round, by=person, approvals=ticked)
        db.session.commit()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
