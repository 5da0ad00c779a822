"""A newsroom moves to another time zone, and everything is counted by its days."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from membership.clock import clock
from membership.extensions import db
from membership.history import rebuild, zone
from membership.history.models import CountedBy, Movement
from membership.history.sums import Key
from membership.settings import current
from tests.conftest import MakeApp
from tests.factories import Newsroom
from tests.history import moved
from tests.history.moved import Sums
from tests.staff.settings.conftest import NEWSROOM, desk, seen
from tests.till import Till, app, choose, till

__all__ = ["app", "choose", "desk", "till"]  # fixtures

FIRST_IN_THE_DAY, LAST_IN_THE_DAY = "Pacific/Kiritimati", "Pacific/Pago_Pago"
"""Fourteen hours before UTC and eleven after: they never have the same date."""


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current, "EVERYBODY_KNOWS", 0)


def set_zone(desk: FlaskClient, name: str) -> int:
    values = NEWSROOM | {"timezone": name, "seen": seen(desk, "/staff/settings")}
    return desk.post("/staff/settings", data=values).status_code


def days() -> list[date]:
    return sorted(db.session.scalars(sa.select(Movement.day)))


def _by_days(sums: Sums) -> set[Key]:
    """Those of cohorts are by months."""
    return {key for key in sums if key.by != "cohort"}


def test_all_is_counted_by_the_days_of_the_zone_that_is_set(
    newsroom: Newsroom, desk: FlaskClient, client: FlaskClient, till: Till, choose: Any
):
    assert set_zone(desk, FIRST_IN_THE_DAY) == 303
    with newsroom.at_work():
        assert zone.follow()
    till.pay(choose(client))
    till.pay(
        choose(client, attempt="another attempt of hers", email="once@example.org", interval="once")
    )
    till.deliver(client)
    with newsroom.at_work():
        before, sums = days(), moved.kept_sums()
        assert sums == moved.sums_of_rows()
        assert not zone.follow()
    assert set_zone(desk, LAST_IN_THE_DAY) == 303
    with newsroom.at_work():
        assert zone.follow()
        assert [day + timedelta(days=1) for day in days()] == before
        assert moved.kept_sums() == moved.sums_of_rows()
        a_day_before = {key._replace(day=key.day - timedelta(days=1)) for key in _by_days(sums)}
        assert _by_days(moved.kept_sums()) == a_day_before
        assert not zone.follow()


def test_one_that_the_environment_changed_is_followed_too(make_app: MakeApp):
    first = Newsroom(make_app(timezone=FIRST_IN_THE_DAY))
    with first.at_work():
        assert not zone.follow()
    moved_house = Newsroom(make_app(timezone=LAST_IN_THE_DAY))
    with moved_house.at_work():
        assert zone.follow()
        assert db.session.scalars(sa.select(CountedBy.timezone)).all() == [LAST_IN_THE_DAY]


def test_one_who_was_stopped_counts_again_also_where_it_was_put_back(
    newsroom: Newsroom, desk: FlaskClient, monkeypatch: pytest.MonkeyPatch
):
    def stop() -> None:
        raise KeyboardInterrupt

    set_zone(desk, FIRST_IN_THE_DAY)
    with monkeypatch.context() as patch, newsroom.at_work():
        patch.setattr(rebuild, "rebuild", stop)
        with pytest.raises(KeyboardInterrupt):
            zone.follow()
    set_zone(desk, "Europe/Kyiv")
    with newsroom.at_work():
        assert zone.follow()
        assert not zone.follow()


def test_what_is_no_time_zone_is_refused(desk: FlaskClient):
    values = NEWSROOM | {"timezone": "Mars/Olympus", "seen": "0"}
    answer = desk.post("/staff/settings", data=values)
    assert answer.status_code == 422
    assert "Enter a time zone such as Europe/Warsaw." in answer.text
    assert 'value="Mars/Olympus"' in answer.text


def test_times_are_shown_in_it(newsroom: Newsroom, desk: FlaskClient):
    set_zone(desk, FIRST_IN_THE_DAY)
    shown = {"hour": (clock.now() + timedelta(hours=14)).strftime("%H:")}
    assert shown["hour"] in desk.get("/staff/audit").text
