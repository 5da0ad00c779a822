"""What rounds do by themselves when their time has come, each in a transaction of its own."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from membership.clock import clock
from membership.extensions import db
from membership.rounds import letters, locks, planning, rounds
from membership.rounds.models import Round

LISTED = 100

log = structlog.get_logger()


def open_due() -> int:
    """Open every round whose time has come, each in a transaction of its own; how many.

    What keeps one from opening is written down for staff.
    """
    opened = 0
    for round in _due(Round.opens_at, Round.opened_at.is_(None), Round.trouble.is_(None)):
        try:
            rounds.open(round)
            opened += 1
        except planning.CannotPrepare as trouble:
            db.session.rollback()
            log.warning("round not opened", slug=round.slug, reason=str(trouble))
            round.trouble = str(trouble)
        db.session.commit()
    return opened


def remind_due() -> int:
    """Have those reminded who have not voted yet, once a round; how many rounds."""
    due = _due(Round.remind_at, Round.opened_at.is_not(None), Round.closed_at.is_(None))
    for round in due:
        locks.exclusive(round)
        if round.remind_at is not None:
            round.remind_at = None
            letters.remind(round)
        db.session.commit()
    return len(due)


def close_due() -> int:
    """Close every round whose time has come, each in a transaction of its own; how many."""
    due = _due(Round.closes_at, Round.opened_at.is_not(None), Round.closed_at.is_(None))
    for round in due:
        rounds.close(round)
        db.session.commit()
    return len(due)


def overdue(by: timedelta) -> Sequence[Round]:
    """Rounds whose time to open or to close came so long ago, and that have not."""
    at = clock.now() - by
    return [
        *_due(Round.opens_at, Round.opened_at.is_(None), at=at),
        *_due(Round.closes_at, Round.opened_at.is_not(None), Round.closed_at.is_(None), at=at),
    ]


def _due(moment: Any, *conditions: Any, at: datetime | None = None) -> Sequence[Round]:
    return db.session.scalars(
        sa.select(Round)
        .where(moment <= (at or clock.now()), *conditions)
        .order_by(moment)
        .limit(LISTED)
    ).all()
