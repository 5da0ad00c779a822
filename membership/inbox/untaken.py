"""Objects of Stripe's that a comparison could not take, kept until one can."""

import sqlalchemy as sa

from membership.clock import clock
from membership.extensions import db, insert_or_lock
from membership.gateway import gateway
from membership.inbox.models import Untaken

KIND = "cannot be taken"


def keep(kind: str, seen: set[str], refused: dict[str, str]) -> None:
    """Of the objects just `seen`, keep those that were `refused` with the reason, and no other."""
    db.session.execute(sa.delete(Untaken).where(Untaken.stripe_id.in_(seen - refused.keys())))
    now = clock.now()
    for stripe_id, reason in refused.items():
        row = {"stripe_id": stripe_id, "mode": gateway().mode, "kind": kind, "reason": reason}
        again = {"reason": reason, "last_seen_at": now}
        insert_or_lock(
            Untaken,
            ["stripe_id"],
            row | {"first_seen_at": now, "last_seen_at": now},
            keep=again,
        )


def listed(limit: int) -> list[Untaken]:
    """Those of this mode, the latest first."""
    wanted = (
        sa.select(Untaken)
        .where(Untaken.mode == gateway().mode)
        .order_by(Untaken.last_seen_at.desc(), Untaken.stripe_id)
    )
    return list(db.session.scalars(wanted.limit(limit)))
