"""Another time zone has other days: what follows from facts, and sums, are made anew by them."""

import time

import sqlalchemy as sa
from flask import current_app

from membership.extensions import db, settings
from membership.history import rebuild
from membership.history.models import CountedBy
from membership.settings import current


def follow() -> bool:
    """Count by the newsroom's time zone where it is another than was counted by; whether it was.

    Until it was ever set that is the environment's. Can be stopped anywhere and run again. Commits.
    """
    now = current.of(current_app)
    now.look_again()
    kept = db.session.scalar(sa.select(CountedBy.timezone))
    db.session.commit()
    wanted = settings.timezone
    is_other = (kept or now.first.timezone) != wanted
    if is_other:
        time.sleep(current.EVERYBODY_KNOWS)
        rebuild.rebuild()
    if kept != wanted:
        db.session.execute(sa.delete(CountedBy))
        db.session.add(CountedBy(timezone=wanted))
        db.session.commit()
    return is_other
