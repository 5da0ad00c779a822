"""`flask metrics`: what is printed, and what is made anew."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from membership.clock import clock
from membership.extensions import db
from membership.history import sums
from membership.history.models import DailySum, Movement, MovementKind
from tests.factories import Newsroom
from tests.history import moved
from tests.till import Till, app, choose, till

__all__ = ["app", "choose", "till"]


@pytest.fixture
def given(app: Flask, client: FlaskClient, till: Till, choose: Any) -> str:
    """€5 a month since a moment ago; the day in the newsroom's time zone."""
    till.pay(choose(client, source="https://example.org/dam", utm_campaign="spring"))
    till.deliver(client)
    with app.app_context():
        return db.session.scalars(sa.select(Movement.day)).one().isoformat()


def metrics(app: Flask, *args: str) -> dict[str, Any]:
    answer = app.test_cli_runner().invoke(args=["metrics", "--json", *args])
    assert answer.exit_code == 0, answer.output
    told: dict[str, Any] = json.loads(answer.output)
    return told


def test_movements_of_this_month_are_told_unless_others_are_asked_for(app: Flask, given: str):
    [month] = metrics(app, "--to", given)["movements"]["eur"]
    assert (month["from"], month["to"]) == (given[:-2] + "01", given)
    assert month["opening"] == {"amount": 0, "people": 0}
    assert month["new"] == {"amount": 500, "people": 1, "times": 1}
    assert month["closing"] == {"amount": 500, "people": 1}


def test_a_span_is_told_by_its_parts(app: Flask, given: str):
    since = (date.fromisoformat(given) - timedelta(days=1)).isoformat()
    parts = metrics(app, "--from", since, "--to", given, "--by", "day")["movements"]["eur"]
    assert [part["closing"]["amount"] for part in parts] == [0, 500]


def test_mrr_is_what_was_billed_and_committed_what_will_be(app: Flask, given: str, till: Till):
    told = metrics(app)
    assert (told["mrr"], told["committed_mrr"]) == ({"eur": 500}, {"eur": 500})
    till.sdk.v1.subscriptions.update(
        till.newest("subscriptions").id, {"cancel_at_period_end": True}
    )
    till.deliver(app.test_client())
    told = metrics(app)
    assert (told["mrr"], told["committed_mrr"]) == ({"eur": 500}, {})


def test_an_earlier_day_is_told_as_it_ended(app: Flask, given: str):
    before = (date.fromisoformat(given) - timedelta(days=1)).isoformat()
    told = metrics(app, "--at", before)
    assert (told["at"], told["active_supporters"], told["mrr"]) == (before, 0, {})
    told = metrics(app, "--at", given)
    assert (told["active_supporters"], told["mrr"]) == (1, {"eur": 500})
    assert told["movements"]["eur"][-1]["to"] == given
    assert not {"committed_mrr", "coming"} & told.keys()


def test_a_span_that_ends_before_it_begins_is_refused(app: Flask):
    args = ["metrics", "--json", "--from", "2026-03-02", "--to", "2026-03-01"]
    answer = app.test_cli_runner().invoke(args=args)
    assert answer.exit_code == 1
    assert "--to 2026-03-01 is before --from 2026-03-02" in answer.output


def test_what_went_wrong_in_sums_and_movements_is_made_anew(app: Flask, given: str):
    with app.app_context():
        sums.fold()
        told, kept = moved.movements(), moved.kept_sums()
        db.session.execute(sa.update(DailySum).values(amount=DailySum.amount + 7))
        db.session.execute(sa.update(Movement).values(amount=1, kind=MovementKind.expansion))
        db.session.commit()
    answer = app.test_cli_runner().invoke(args=["metrics", "rebuild"])
    assert answer.exit_code == 0, answer.output
    with app.app_context():
        assert (moved.movements(), moved.kept_sums()) == (told, kept)


def test_sums_are_kept_by_what_a_movement_is_counted_by(app: Flask, given: str):
    with app.app_context():
        counted = {(key.by, key.value) for key in moved.kept_sums()}
    assert {by for by, _value in counted} >= {"", "tier", "interval", "source", "cohort"}
    assert ("cohort", given[:7]) in counted
    assert ("interval", "month") in counted


def test_folding_changes_no_sum_and_can_be_done_twice(app: Flask, given: str):
    with app.app_context():
        before = moved.kept_sums()
        assert sums.fold() > 0
        assert sums.fold() == 0
        assert moved.kept_sums() == before


def test_a_day_is_one_of_the_newsrooms_time_zone(app: Flask, newsroom: Newsroom, given: str):
    clock.set(datetime(2027, 3, 31, 22, 30, tzinfo=UTC))
    [month] = metrics(app, "--from", "2027-04-01")["movements"]["eur"]
    assert month["to"] == "2027-04-01"
