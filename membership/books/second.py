"""A second subscription of the same person: never kept silently."""

from datetime import timedelta

import sqlalchemy as sa

from membership.books import mails
from membership.books.models import Subscription
from membership.clock import clock
from membership.extensions import db

IS_NEWS = timedelta(days=40)
RUNNING = ("active", "past_due", "trialing", "unpaid")
OF_PERSON = (
    sa.select(Subscription)
    .where(
        Subscription.person_id == sa.bindparam("person_id"),
        Subscription.mode == sa.bindparam("mode"),
        Subscription.status.in_(RUNNING),
    )
    .order_by(Subscription.started_at, Subscription.id)
)


def look_for(subscription: Subscription) -> None:
    """As `subscription` is paid for the first time, tell of an older one that runs beside it.

    Of two that have run for long, as in an account that is taken in, their patron knows.
    """
    for other in of_person(subscription.person_id, subscription.mode):
        if other.id != subscription.id and other.paid_until is not None:
            older, newer = sorted((other, subscription), key=lambda one: (one.started_at, one.id))
            if clock.now() - newer.started_at < IS_NEWS:
                mails.tell_of_second(older, newer)


def of_person(person_id: int, mode: str) -> list[Subscription]:
    """The subscriptions of a person that run, the oldest first."""
    return list(db.session.scalars(OF_PERSON, {"person_id": person_id, "mode": mode}))
