"""Killed at any step, a file leaves whole batches, and whoever goes on doubles nothing."""

from collections.abc import Callable
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask

from membership.books.models import LedgerEntry
from membership.extensions import db
from membership.patrons.consent_models import LetterConsent
from membership.patrons.models import MembershipPeriod, Person
from membership.staff.import_models import Import, ImportRow, ImportState
from membership.staff.imports import work
from membership.staff.models import PersonNote
from tests.children import all_went_well, in_a_child
from tests.factories import Newsroom
from tests.killer import Killer

HEADS = "email,name,member until,kind,newsletter,consent date,note,amount,currency,date"
ROWS = 5
MADE = (Person, MembershipPeriod, LetterConsent, PersonNote, LedgerEntry)
WORDS = {"consent_text": "Write to me."}


@pytest.fixture(autouse=True)
def batches_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few rows are several batches."""
    small = {state: step._replace(size=2) for state, step in work.STEPS.items()}
    monkeypatch.setattr(work, "STEPS", small)


def file_of(step: int, *, with_gift: bool = True) -> str:
    """Other people at each step, so that all of them are counted in the end."""
    gift = "5.00,EUR,2025-06-05" if with_gift else ",,"
    people = [f"p{number}-{step}@example.org" for number in range(ROWS)]
    return "\n".join(
        [HEADS, *(f"{one},One,2026-12-31,gift,yes,2025-01-01,Wrote,{gift}" for one in people)]
    )


def whole(newsroom: Newsroom, import_id: int) -> None:
    """Whatever row is taken has all that it says, and whatever is not has nothing."""
    with newsroom.at_work():
        rows = db.session.scalars(
            sa.select(ImportRow).where(ImportRow.import_id == import_id)
        ).all()
        taken = sum(row.is_taken for row in rows)
        brought = db.session.get_one(Import, import_id)
        assert taken == (ROWS if brought.state is ImportState.taken else brought.place)


def test_taking_in(newsroom: Newsroom, app: Flask, bring: Callable[..., int]):
    files: dict[int, int] = {}

    def ready(step: int) -> None:
        files[step] = bring(file_of(step), f"{step}.csv", is_dry=True, **WORDS)

    def press(step: int) -> None:
        with app.app_context():
            brought = db.session.get_one(Import, files[step])
            if brought.state is ImportState.ready:
                work.take_in(brought, by=None)
            work.to_the_end(files[step])

    ready(1)
    steps = 0
    for step in Killer(app).at_each_step(press):
        steps = step
        whole(newsroom, files[step])
        press(step)
        whole(newsroom, files[step])
        ready(step + 1)
    assert steps > 50
    people = (steps + 1) * ROWS
    assert [newsroom.count(model) for model in MADE] == [people + 1, *[people] * 4]


def test_taking_out_again(newsroom: Newsroom, app: Flask, bring: Callable[..., int]):
    files: dict[int, int] = {}

    def ready(step: int) -> None:
        files[step] = bring(file_of(step, with_gift=False), f"{step}.csv", **WORDS)

    def press(step: int) -> None:
        with app.app_context():
            brought = db.session.get_one(Import, files[step])
            if brought.state is ImportState.taken:
                work.undo(brought, by=None)
            work.to_the_end(files[step])

    ready(1)
    steps = 0
    for step in Killer(app).at_each_step(press):
        steps = step
        press(step)
        assert newsroom.count(Person) == 1
        ready(step + 1)
    assert steps > 50
    assert [newsroom.count(model) for model in MADE] == [1, 0, 0, 0, 0]


def test_looking_through(newsroom: Newsroom, app: Flask, bring: Callable[..., int]):
    """The dry run is begun again, and says the same."""
    number = bring(file_of(1), is_dry=True, **WORDS)

    def press(_step: int) -> None:
        with app.app_context():
            brought = db.session.get_one(Import, number)
            if brought.state is ImportState.ready:
                matched, answers = brought.matched, brought.answers
                work.look_through(brought, matched=matched, answers=answers)
            work.to_the_end(number)

    for _step in Killer(app).at_each_step(press):
        press(_step)
        with newsroom.at_work():
            assert work.counts(db.session.get_one(Import, number)) == {"new": ROWS}
    assert newsroom.count(Person) == 1


def test_several_processes_at_once_take_each_row_once(
    newsroom: Newsroom, app: Flask, bring: Callable[..., int]
):
    """They wait for each other at each batch, and none waits for ever."""
    people = [f"p{number}@example.org" for number in range(60)]
    lines = [
        f"{one},One,2026-12-31,gift,yes,2025-01-01,Wrote,5.00,EUR,2025-06-05" for one in people
    ]
    one = bring("\n".join([HEADS, *lines]), "one.csv", is_dry=True, **WORDS)
    # The same people in another file, the other way round.
    other = bring("\n".join([HEADS, *reversed(lines)]), "other.csv", is_dry=True, **WORDS)
    with newsroom.at_work():
        for number in (one, other):
            work.take_in(db.session.get_one(Import, number), by=None)
    children = [
        in_a_child(app, partial(work.to_the_end, number)) for number in (one, other, one, other)
    ]
    all_went_well(children)
    assert [newsroom.count(model) for model in MADE] == [len(people) + 1, *[len(people)] * 4]
    assert newsroom.count(Person) == len(people) + 1
