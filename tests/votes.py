"""Rounds to tell stories about."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from membership.clock import clock
from membership.extensions import db
from membership.patrons.models import Person
from membership.rounds import ballots, planning, rounds
from membership.rounds.models import Round
from membership.topics import proposals
from tests.factories import NOON, Newsroom

HOURS = {"Roads": 10, "Hospitals": 20, "Buses": 5}


class Votes:
    """A round of the newsroom, by its slug; each verb commits."""

    def __init__(self, newsroom: Newsroom, slug: str) -> None:
        self.newsroom = newsroom
        self.slug = slug
        self.page = f"/rounds/{slug}"

    def cast(self, person: Person, *titles: str) -> None:
        with self.newsroom.at_work():
            ballots.cast(self.row, by=person, approvals=self.ids(*titles))
            db.session.commit()

    def ids(self, *titles: str) -> set[int]:
        return {entry.topic_id for entry in self.row.entries if entry.topic.title in titles}

    def close(self) -> None:
        with self.newsroom.at_work():
            rounds.close(self.row, reason="The story would not wait.")
            db.session.commit()

    @property
    def row(self) -> Round:
        round = rounds.by_slug(self.slug)
        assert round is not None
        return round


@pytest.fixture
def open_round(newsroom: Newsroom) -> Callable[..., Votes]:
    """Open a round at noon for a week, with topics of 10, 20 and 5 hours and 25 to spend."""

    def opened(
        *, join_days: int | None = None, hours: dict[str, int] | None = None, budget: int = 25
    ) -> Votes:
        with newsroom.at_work():
            round = planning.prepare(
                "March round",
                [
                    proposals.suggest(title, f"Why {title.lower()}?", minutes=cost * 60)
                    for title, cost in (hours or HOURS).items()
                ],
                budget=budget * 60,
                closes_at=clock.now() + timedelta(days=7),
                join_by=clock.now() + timedelta(days=join_days) if join_days else None,
            )
            rounds.open(round)
            db.session.commit()
            return Votes(newsroom, round.slug)

    return opened


@pytest.fixture(autouse=True)
def at_noon() -> None:
    clock.set(NOON)
