"""A file's way: read, matched, looked through, taken in, and perhaps taken out again.

Each step goes through the rows in batches. A batch is one transaction with how far the step has
come, so whatever is killed leaves whole batches, and whoever goes on begins where they end.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
import structlog

from membership import planner
from membership.extensions import db
from membership.patrons.models import Person
from membership.staff import audit
from membership.staff.import_models import Fate, Import, ImportKind, ImportRow, ImportState
from membership.staff.imports import bank, keeping, looking, taking, undoing
from membership.staff.imports.said import Fault

log = structlog.get_logger()

SECONDS_OF_A_REQUEST = 4
SECONDS_OF_A_JOB = 50
LEARNT_EACH = 10_000
"""After so many rows SQLite looks at what it has, or each batch takes longer than the last."""
Told = Callable[[Import], object]


class Step(NamedTuple):
    """What is done to each batch of `size` rows, and where the file has come to after the last."""

    work: Callable[[Import, Sequence[ImportRow]], None]
    size: int
    then: ImportState
    is_backwards: bool = False


def _look_at(brought: Import, rows: Sequence[ImportRow]) -> None:
    look = bank.look_at if brought.kind is ImportKind.bank else looking.look_at
    look(brought, rows)


STEPS: Mapping[ImportState, Step] = {
    ImportState.looking: Step(_look_at, 500, ImportState.ready),
    ImportState.taking: Step(taking.take, 100, ImportState.taken),
    ImportState.undoing: Step(undoing.undo, 100, ImportState.undone, is_backwards=True),
}
UNDOABLE = (ImportState.taken, ImportState.taking, ImportState.undone)
CHANGEABLE = (ImportState.matching, ImportState.looking, ImportState.ready)


class WrongTurn(ValueError):
    """The file has come to another step meanwhile."""


def look_through(
    brought: Import, *, matched: Mapping[str, int], answers: Mapping[str, Any]
) -> None:
    """Begin the dry run, with what the columns are. Commits. Raises WrongTurn."""
    brought = _locked(brought.id, *CHANGEABLE)
    if brought.kind is ImportKind.bank and keeping.is_begun(brought):
        db.session.rollback()
        raise WrongTurn
    brought.matched, brought.answers = dict(matched), dict(answers)
    brought.state, brought.place = ImportState.looking, 0
    db.session.commit()


def take_in(brought: Import, *, by: Person | None) -> None:
    """Begin to take in what the dry run said. Commits. Raises WrongTurn."""
    brought = _locked(brought.id, ImportState.ready)
    if brought.kind is not ImportKind.members:
        raise WrongTurn
    brought.state, brought.place = ImportState.taking, 0
    audit.note("import", f"{brought.file_name}, {brought.rows} rows"[:300], by=by)
    db.session.commit()


def undo(brought: Import, *, by: Person | None) -> None:
    """Begin to take out what it made, also where it was not taken to its end, or what had to stay
    the last time. Commits. Raises WrongTurn.
    """
    brought = _locked(brought.id, *UNDOABLE)
    if brought.kind is not ImportKind.members:
        raise WrongTurn
    brought.state, brought.place = ImportState.undoing, brought.rows + 1
    audit.note("undo import", brought.file_name, by=by)
    db.session.commit()


def throw_away(brought: Import) -> None:
    """Forget a file of which nothing was taken. Commits. Raises WrongTurn."""
    brought = _locked(brought.id, *CHANGEABLE, ImportState.reading)
    if keeping.is_begun(brought):
        db.session.rollback()
        raise WrongTurn
    keeping.throw_away(brought)


def go_on(import_id: int, *, seconds: float, told: Told = lambda brought: None) -> None:
    """Do the step at hand for about so many seconds, or until it is done. Commits."""
    until = time.monotonic() + seconds
    while _batch(import_id, told) and time.monotonic() < until:
        pass


def to_the_end(import_id: int, told: Told = lambda brought: None) -> None:
    """Do the step at hand, however long it takes. Commits."""
    while _batch(import_id, told):
        pass


def go_on_due() -> None:
    """Go on with whatever was begun, one file after the other. Commits."""
    due = db.session.scalars(
        sa.select(Import.id).where(Import.state.in_(STEPS)).order_by(Import.id)
    ).all()
    db.session.commit()
    until = time.monotonic() + SECONDS_OF_A_JOB
    for import_id in due:
        go_on(import_id, seconds=max(until - time.monotonic(), 1))


def _batch(import_id: int, told: Told) -> bool:
    """One batch; whether there may be another. What cannot be written is found row by row."""
    try:
        return _done(import_id, None, told)
    except (sa.exc.DataError, sa.exc.IntegrityError, ArithmeticError, LookupError) as error:
        db.session.rollback()
        log.warning("a batch of an import failed", import_id=import_id, error=type(error).__name__)
    return _one_by_one(import_id, told)


def _one_by_one(import_id: int, told: Told) -> bool:
    brought = db.session.get_one(Import, import_id)
    count = STEPS[brought.state].size if brought.state in STEPS else 0
    db.session.commit()
    for _row in range(count):
        try:
            if not _done(import_id, 1, told):
                return False
        except (sa.exc.DataError, sa.exc.IntegrityError, ArithmeticError, LookupError) as error:
            db.session.rollback()
            _pass_over(import_id, type(error).__name__)
    return True


def _pass_over(import_id: int, why: str) -> None:
    """A row that no database takes is set aside, and the next has its turn."""
    brought = _locked(import_id, *STEPS)
    [row] = _rows(brought, STEPS[brought.state], 1)
    if brought.state is ImportState.undoing:
        row.reason = "touched"
    else:
        looking.set_aside(row, Fault("failed", why))
    brought.place = row.position
    db.session.commit()


def _done(import_id: int, size: int | None, told: Told) -> bool:
    """Do the next `size` rows, in one transaction; whether there may be more."""
    brought = db.session.scalar(_lock(import_id))
    step = STEPS.get(brought.state) if brought else None
    if brought is None or step is None:
        db.session.commit()
        return False
    rows = _rows(brought, step, size or step.size)
    if rows:
        step.work(brought, rows)
        brought.place = rows[-1].position
    else:
        brought.state, brought.place = step.then, 0
    db.session.commit()
    if brought.state is ImportState.taking and brought.place % LEARNT_EACH == 0:
        planner.learn()
    told(brought)
    return bool(rows)


def _rows(brought: Import, step: Step, size: int) -> Sequence[ImportRow]:
    position = ImportRow.position
    beyond = position < brought.place if step.is_backwards else position > brought.place
    return db.session.scalars(
        sa.select(ImportRow)
        .where(ImportRow.import_id == brought.id, beyond)
        .order_by(position.desc() if step.is_backwards else position)
        .limit(size)
    ).all()


def _lock(import_id: int) -> sa.Select[Import]:
    """Whoever else goes on with it waits, and then finds the rows after these."""
    return (
        sa.select(Import)
        .where(Import.id == import_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def _locked(import_id: int, *states: ImportState) -> Import:
    brought = db.session.scalar(_lock(import_id))
    if brought is None or brought.state not in states:
        db.session.rollback()
        raise WrongTurn
    return brought


def counts(brought: Import) -> dict[Fate, int]:
    """How many rows come to what; one query."""
    rows = db.session.execute(
        sa.select(ImportRow.fate, sa.func.count())
        .where(ImportRow.import_id == brought.id, ImportRow.fate.is_not(None))
        .group_by(ImportRow.fate)
    )
    return {fate: count for fate, count in rows if fate is not None}
