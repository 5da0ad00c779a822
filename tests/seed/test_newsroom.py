"""A demo newsroom whose patrons the sandbox lived through."""

import pytest
import sqlalchemy as sa
from flask import Flask

from membership.books.models import Donation, Subscription
from membership.extensions import db
from membership.history import rebuild
from membership.history.models import Origin
from membership.inbox import reconcile
from membership.rounds.demo import STORIES
from membership.seed import build
from membership.seed.lives import ARTICLES
from membership.topics.models import Topic, TopicState
from tests.till import Till, app, till

__all__ = ["app", "till"]

PAPER = "http://127.0.0.1:8080"


@pytest.fixture
def lived(app: Flask, till: Till) -> Flask:
    with app.app_context():
        for _said in build.newsroom(patrons=40, months=3, number=1, newspaper=PAPER):
            pass
    return app


def test_half_of_them_came_from_the_newspaper_s_articles(lived: Flask) -> None:
    with lived.app_context():
        came = db.session.scalars(sa.select(Origin.source)).all()
        articles = {f"{PAPER}/{slug}" for slug in ARTICLES}
        assert len(came) == 40
        assert 10 < sum(source in articles for source in came) < 30
        assert set(came) <= articles | {None}
        assert _facts() == _facts(rebuilt=True)


def test_stripe_and_the_books_agree_afterwards(lived: Flask) -> None:
    with lived.app_context():
        assert reconcile.run() == {}
        begun = db.session.execute(
            sa.select(
                Subscription.started_at, Subscription.amount, Donation.paid_at, Donation.amount
            ).join(Donation, Donation.id == Subscription.donation_id)
        ).all()
        assert len(begun) == db.session.scalar(sa.select(sa.func.count(Subscription.id)))
        assert all(row[:2] == row[2:] for row in begun)


def test_the_stories_that_members_chose_are_in_the_newspaper(lived: Flask) -> None:
    with lived.app_context():
        which = sa.select(Topic).where(Topic.state == TopicState.published)
        published = {topic.title: topic.link for topic in db.session.scalars(which)}
        its = {title: f"{PAPER}/{slug}" for title, (slug, _days) in STORIES.items()}
        assert published
        assert published.items() <= its.items()


def _facts(*, rebuilt: bool = False) -> list[tuple[object, ...]]:
    if rebuilt:
        rebuild.rebuild()
    return sorted(
        map(tuple, db.session.execute(sa.select(Origin.person_id, Origin.source, Origin.amount))),
        key=str,
    )
