"""Another time zone has other days: what follows from facts, and sums, are made anew by them."""

import time

import sqlalchemy as sa
from flask import current_app

from membership.extensions import db, settings
from membership.history import rebuild
from membership.history.models import CountedBy
from membership.settings import current

NOT_SURE = ""
"""While some is counted by the days of one, and some by another's."""


def follow() -> bool:
    """Count by the newsroom's time zone where it is another than was counted by; whether it was.

    Until it was ever set that is the environment's. Can be stopped anywhere and run again. Commits.
    """
    now = current.of(current_app)
    now.look_again()
    kept = db.session.scalar(sa.select(CountedBy.timezone))
    db.session.commit()
    wanted = settings.timezone
    is_other = (now.first.timezone if kept is None else kept) != wanted
    if is_other:
        _keep(NOT_SURE)
        time.sleep(current.EVERYBODY_KNOWS)
        rebuild.rebuild()
    if kept != wanted:
        _keep(wanted)
    return is_other


def _keep(timezone: str) -> None:
    db.session.execute(sa.delete(CountedBy))
    db.session.add(CountedBy(timezone=timezone))
    db.session.commit()
