"""Files as long as they are kept: the same as before, thrown away, forgotten after a while."""

from datetime import timedelta

import sqlalchemy as sa

from membership.clock import clock
from membership.extensions import db, table_of
from membership.modes import of_process
from membership.staff.import_models import Import, ImportKind, ImportRow, ImportState

KEPT = timedelta(days=90)
AT_WORK = (ImportState.taking, ImportState.undoing)


def throw_away(brought: Import) -> None:
    """Forget a file of which nothing was taken. Commits."""
    _throw_away(brought.id)


def _throw_away(import_id: int) -> None:
    db.session.execute(sa.delete(ImportRow).where(ImportRow.import_id == import_id))
    db.session.execute(sa.delete(Import).where(Import.id == import_id))
    db.session.commit()


def forget_old() -> None:
    """Forget what was read of files a while ago, in whatever mode; what became of their rows stays.
    Commits.

    A file of which nothing was taken in by then is thrown away. One at which we are at work is left
    to the end of it, unless it is of another mode, in which nobody goes on with it.
    """
    file = table_of(Import)
    old = db.session.execute(
        sa.select(file.c.id, file.c.kind, file.c.heads).where(
            file.c.at < clock.now() - KEPT,
            sa.or_(file.c.state.not_in(AT_WORK), file.c.mode != of_process()),
        )
    ).all()
    for import_id, kind, heads in old:
        if not _is_begun(import_id):
            _throw_away(import_id)
        elif heads:
            _empty(import_id, kind)
    db.session.commit()


def _empty(import_id: int, kind: ImportKind) -> None:
    """What rows made stays, by which they are taken out again; of a statement that is nothing."""
    its = sa.update(ImportRow).where(ImportRow.import_id == import_id)
    db.session.execute(its.values(cells=[], about=None))
    if kind is ImportKind.members:
        its = its.where(ImportRow.is_taken.is_(False))
    db.session.execute(its.values(does={}))
    db.session.execute(sa.update(Import).where(Import.id == import_id).values(heads=[]))
    db.session.commit()


def has_left(brought: Import) -> bool:
    """Whether anything of it was taken in and not taken out again."""
    left = sa.select(ImportRow.position).where(
        ImportRow.import_id == brought.id, ImportRow.is_taken, ImportRow.is_undone.is_(False)
    )
    return db.session.scalar(left.limit(1)) is not None


def is_begun(brought: Import) -> bool:
    """Whether anything of it was taken in."""
    return _is_begun(brought.id)


def _is_begun(import_id: int) -> bool:
    taken = sa.select(ImportRow.position).where(
        ImportRow.import_id == import_id, ImportRow.is_taken
    )
    return db.session.scalar(taken.limit(1)) is not None


def same_before(brought: Import) -> Import | None:
    """The same bytes as somebody brought them before, and that were taken; of a statement at least
    a line, for none is ever taken as a whole.
    """
    is_taken: sa.ColumnElement[bool] = Import.state.in_([ImportState.taking, ImportState.taken])
    if brought.kind is ImportKind.bank:
        is_taken = sa.exists().where(ImportRow.import_id == Import.id, ImportRow.is_taken)
    return db.session.scalar(
        sa.select(Import)
        .where(
            Import.digest == brought.digest,
            Import.id != brought.id,
            Import.kind == brought.kind,
            is_taken,
        )
        .order_by(Import.id.desc())
        .limit(1)
    )
