"""Rows of several tables written at once, on both databases."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from config import Mode
from membership.extensions import db
from membership.history.models import SumChange
from membership.patrons.models import Person
from membership.writes import NUMBER, Writes, insert_all
from tests.factories import NOON, Newsroom

A_SUM = {
    "mode": Mode.sandbox,
    "figure": "came",
    "currency": "eur",
    "by": "",
    "day": date(2026, 3, 1),
    "value": 'said "so"',
    "amount": -5,
    "people": 1,
    "times": 1,
}


def _reader(name: str) -> dict[str, Any]:
    return {"email": f"{name}@example.org", "language": "en", "created_at": NOON}


def test_rows_of_two_tables_come_change_and_go_together(newsroom: Newsroom):
    olha, ivan = newsroom.person("olha@example.org"), newsroom.person("ivan@example.org")
    with newsroom.at_work():
        insert_all(SumChange, [A_SUM, A_SUM | {"value": "Її"}])
        numbers = db.session.scalars(sa.select(SumChange.id).order_by(SumChange.id)).all()
        writes = Writes()
        writes.update(Person, [{NUMBER: olha.id, "name": "Ольга"}, {NUMBER: ivan.id, "name": "I"}])
        writes.delete(SumChange, numbers[:1])
        writes.insert(SumChange, [A_SUM | {"amount": 2**40}])
        writes.send()
        db.session.commit()
        assert set(db.session.scalars(sa.select(Person.name))) == {"Ольга", "I"}
        columns = [getattr(SumChange, name) for name in A_SUM]
        assert set(map(tuple, db.session.execute(sa.select(*columns)))) == {
            tuple((A_SUM | {"value": "Її"}).values()),
            tuple((A_SUM | {"amount": 2**40}).values()),
        }


def test_what_rows_leave_out_is_made_up_for_each(newsroom: Newsroom):
    with newsroom.at_work():
        insert_all(Person, [_reader("olha"), _reader("ivan")])
        db.session.commit()
        people = db.session.scalars(sa.select(Person)).all()
        assert [person.active for person in people] == [True, True]
        assert len({person.fs_uniquifier for person in people}) == 2


def test_what_a_table_refuses_is_told_as_by_any_other_statement(newsroom: Newsroom):
    newsroom.person("olha@example.org")
    with newsroom.at_work():
        with pytest.raises(sa.exc.IntegrityError):
            insert_all(Person, [_reader("olha")])
        db.session.rollback()
        assert db.session.scalar(sa.select(sa.func.count(Person.id))) == 1


def test_nothing_to_write_asks_nothing(newsroom: Newsroom):
    with newsroom.at_work():
        asked: list[str] = []
        sa.event.listen(db.engine, "begin", lambda _connection: asked.append("begin"))
        insert_all(SumChange, [])
        assert asked == []
