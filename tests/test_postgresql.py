"""What a connection to PostgreSQL has learnt to answer stays with it, and nothing else does."""

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from membership.extensions import ask_driver, db
from membership.patrons.models import Person
from membership.postgresql import AFTER
from tests.factories import Newsroom

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

OFTEN = AFTER + 2
PREPARED = sa.text("select statement from pg_prepared_statements")


def prepared(text: str) -> bool:
    """Whether it is, on the one connection that all have who come one after the other."""
    return any(text in statement for statement in db.session.scalars(PREPARED))


def ask_often() -> None:
    """As events do, each in a transaction of its own."""
    for _ in range(OFTEN):
        db.session.scalars(sa.select(Person.language)).all()
        ask_driver(db.session.connection(), "select 'driver'", ())
        db.session.commit()


def test_who_only_reads_lets_nothing_be_forgotten(newsroom: Newsroom, client: FlaskClient):
    newsroom.tiers()
    with newsroom.at_work():
        ask_often()
        assert prepared("person.language")
        assert prepared("'driver'")
        db.session.rollback()
        with db.engine.connect() as connection:
            connection.execute(sa.select(Person.id))
        ask_driver(db.session.connection(), "select 1", ())
        db.session.rollback()
    for _ in range(OFTEN):
        assert client.get("/support").status_code == 200
        assert client.get("/topics").status_code == 200
    with newsroom.at_work():
        assert prepared("person.language")
        assert prepared("'driver'")
        assert not prepared("FROM suggestion"), "a page is planned for what it asks"
        assert not prepared("FROM topic")


@pytest.mark.parametrize(
    "statement",
    [
        "insert into tag values (1)",
        "with its as (insert into tag values (1) returning number) select * from its",
        "  DELETE FROM tag",
    ],
)
def test_what_was_written_is_rolled_back(newsroom: Newsroom, statement: str):
    with newsroom.at_work():
        count = sa.select(sa.func.count()).select_from(sa.table("tag"))
        db.session.execute(sa.text("create table tag (number integer)"))
        db.session.execute(sa.text("insert into tag values (0)"))
        db.session.commit()
        try:
            for ask in (
                lambda: db.session.execute(sa.text(statement)),
                lambda: ask_driver(db.session.connection(), statement, ()),
            ):
                ask()
                db.session.scalars(sa.select(Person.id)).all()
                db.session.rollback()
                assert db.session.scalar(count) == 1
                ask()
                db.session.remove()
                assert db.session.scalar(count) == 1
        finally:
            db.session.rollback()
            db.session.execute(sa.text("drop table tag"))
            db.session.commit()


def test_a_transaction_that_failed_can_be_begun_anew(newsroom: Newsroom):
    with newsroom.at_work():
        ask_often()
        with pytest.raises(sa.exc.DBAPIError):
            db.session.execute(sa.text("select 1 / 0"))
        db.session.rollback()
        assert db.session.scalar(sa.select(1)) == 1
