"""When a history is brought up: once before the commit, whatever was taken back meanwhile."""

import contextlib

import pytest
import sqlalchemy as sa
from flask import Flask

from membership.books.term_models import Term
from membership.clock import clock
from membership.extensions import db
from membership.history.models import Movement
from membership.patrons.touched import PEOPLE, touch
from tests.factories import NOON, Newsroom
from tests.staff.test_desk import subscribe


@pytest.fixture
def giver(newsroom: Newsroom) -> int:
    clock.set(NOON)
    newsroom.tiers()
    person = newsroom.member()
    subscribe(newsroom, person, 500)
    return int(person.id)


def amounts() -> list[int]:
    return list(db.session.scalars(sa.select(Movement.amount)))


def test_a_savepoint_that_is_taken_back_takes_nothing_else_along(app: Flask, giver: int):
    with app.app_context():
        db.session.execute(sa.update(Term).values(amount=700))
        touch(giver)
        with contextlib.suppress(ValueError), db.session.begin_nested():
            raise ValueError
        db.session.commit()
        assert amounts() == [700]


def test_a_savepoint_that_is_kept_brings_nothing_up_before_its_time(app: Flask, giver: int):
    with app.app_context():
        with db.session.begin_nested():
            db.session.execute(sa.update(Term).values(amount=700))
            touch(giver)
        assert amounts() == [500]
        db.session.commit()
        assert amounts() == [700]


def test_what_is_rolled_back_is_not_brought_up_later(app: Flask, giver: int):
    with app.app_context():
        db.session.execute(sa.update(Term).values(amount=700))
        touch(giver)
        db.session.rollback()
        assert PEOPLE not in db.session.info


def test_nothing_is_written_where_nothing_changed(app: Flask, giver: int, queries):
    with app.app_context(), queries() as seen:
        touch(giver)
        db.session.commit()
    assert {statement.split()[0].lower() for statement in seen} <= {"select", "begin", "with"}
