"""Who reported something is forgotten after a while, and a flood nobody looked at is let go."""

from datetime import timedelta

import sqlalchemy as sa

from membership.articles.corrections.models import Correction, CorrectionReport, State
from membership.clock import clock
from membership.extensions import db, table_of

ADDRESSES_KEPT = timedelta(days=90)
FLOOD_KEPT = timedelta(days=30)
AT_ONCE = 1000


def forget_old() -> None:
    """In whatever mode. Commits, a thousand cases at a time."""
    forget_addresses()
    while let_flood_go():
        pass


def forget_addresses() -> None:
    """Take e-mail addresses and hashes of network addresses out of old reports, and out of what is
    an answer to a question about one: it does not begin the days anew. Commits.
    """
    report = table_of(CorrectionReport)
    asked = report.alias()
    since = clock.now() - ADDRESSES_KEPT
    answers_new_one = (
        sa.exists()
        .where(
            asked.c.correction_id == report.c.correction_id,
            asked.c.email == report.c.email,
            asked.c.answers_id.is_(None),
            asked.c.at >= since,
        )
        .correlate(report)
    )
    is_old = sa.case((report.c.answers_id.is_(None), report.c.at < since), else_=~answers_new_one)
    is_known = sa.or_(report.c.email.is_not(None), report.c.client.is_not(None))
    db.session.execute(sa.update(report).where(is_known, is_old).values(email=None, client=None))
    db.session.commit()


def let_flood_go() -> int:
    """Delete some of what was held back and is old; how many cases. Commits."""
    case = table_of(Correction)
    old = (
        sa.select(case.c.id)
        .where(
            case.c.listed_at.is_(None),
            case.c.state == State.open,
            case.c.last_at < clock.now() - FLOOD_KEPT,
        )
        .limit(AT_ONCE)
    )
    gone = _delete(old)
    db.session.commit()
    return gone


def let_same_go(said_key: str) -> int:
    """Delete of what is held back all that says the same; how many cases. In this mode, in the
    caller's transaction.
    """
    same = sa.select(Correction.id).where(
        Correction.listed_at.is_(None),
        Correction.state == State.open,
        Correction.said_key == said_key,
    )
    return _delete(same)


def drop(case: Correction) -> bool:
    """Throw a case away that is nobody's mistake, without a word to anybody, unless something was
    decided on it; whether it was. In the caller's transaction.
    """
    undecided = (
        Correction.id == case.id,
        Correction.state == State.open,
        ~Correction.decisions.any(),
    )
    return _delete(sa.select(Correction.id).where(*undecided)) > 0


def forget(email: str) -> int:
    """Take somebody's address out of all that they reported; of how many reports. In the caller's
    transaction.
    """
    report = table_of(CorrectionReport)
    its = sa.update(report).where(report.c.email == email).values(email=None, client=None)
    return db.session.execute(its).rowcount  # type: ignore[attr-defined, no-any-return]


def _delete(which: sa.Select[int]) -> int:
    """With what hangs on them; the database does that by itself."""
    # Locked and looked at again: a reader or an editor may just have brought one of them out.
    ids = db.session.scalars(which.with_for_update()).all()
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        db.session.execute(
            sa.delete(table_of(Correction)).where(table_of(Correction).c.id.in_(some))
        )
    return len(ids)
