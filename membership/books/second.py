"""A second subscription of the same person: never kept silently."""

import sqlalchemy as sa

from membership.books import mails
from membership.books.models import Subscription
from membership.extensions import db

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

    Of one that was begun elsewhere, as in an account that is taken in, its patron knows.
    """
    for other in of_person(subscription.person_id, subscription.mode):
        if other.id != subscription.id and other.paid_until is not None:
            older, newer = sorted((other, subscription), key=lambda one: (one.started_at, one.id))
            if newer.donation_id is not None:
                mails.tell_of_second(older, newer)


def of_person(person_id: int, mode: str) -> list[Subscription]:
    """The subscriptions of a person that run, the oldest first."""
    return list(db.session.scalars(OF_PERSON, {"person_id": person_id, "mode": mode}))
