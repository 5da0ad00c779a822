"""Files as long as they are kept: the same as before, thrown away, forgotten after a while."""

from datetime import timedelta

import sqlalchemy as sa

from membership.clock import clock
from membership.extensions import db
from membership.staff.import_models import Import, ImportRow, ImportState

KEPT = timedelta(days=90)
AT_WORK = (ImportState.taking, ImportState.undoing)


def throw_away(brought: Import) -> None:
    """Forget a file of which nothing was taken. Commits."""
    db.session.execute(sa.delete(ImportRow).where(ImportRow.import_id == brought.id))
    db.session.delete(brought)
    db.session.commit()


def forget_old() -> None:
    """Forget what was read of files a while ago; what became of their rows stays. Commits.

    A file of which nothing was taken in by then is thrown away.
    """
    old = db.session.scalars(
        sa.select(Import).where(Import.at < clock.now() - KEPT, Import.state.not_in(AT_WORK))
    ).all()
    for brought in old:
        if not is_begun(brought):
            throw_away(brought)
        elif brought.heads:
            its = sa.update(ImportRow).where(ImportRow.import_id == brought.id)
            db.session.execute(its.values(cells=[]))
            brought.heads = []
            db.session.commit()
    db.session.commit()


def has_left(brought: Import) -> bool:
    """Whether anything of it was taken in and not taken out again."""
    left = sa.select(ImportRow.position).where(
        ImportRow.import_id == brought.id, ImportRow.is_taken, ImportRow.is_undone.is_(False)
    )
    return db.session.scalar(left.limit(1)) is not None


def is_begun(brought: Import) -> bool:
    """Whether anything of it was taken in."""
    taken = sa.select(ImportRow.position).where(
        ImportRow.import_id == brought.id, ImportRow.is_taken
    )
    return db.session.scalar(taken.limit(1)) is not None


def same_before(brought: Import) -> Import | None:
    """The same bytes as somebody brought them before, and that were taken."""
    return db.session.scalar(
        sa.select(Import)
        .where(
            Import.digest == brought.digest,
            Import.id != brought.id,
            Import.kind == brought.kind,
            Import.state.in_([ImportState.taking, ImportState.taken]),
        )
        .order_by(Import.id.desc())
        .limit(1)
    )
