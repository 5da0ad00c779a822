"""A patron's own view of what they give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from membership.books.models import Customer, EntryKind, FailedPayment, LedgerEntry, Subscription
from membership.extensions import db, settings
from membership.gateway import gateway
from membership.patrons import memberships
from membership.patrons.models import MembershipPeriod, Person

SHOWN = 60


class NothingToManage(LookupError):
    """This person has nothing at Stripe."""


@dataclass(frozen=True)
class Giving:
    """`failures` are renewals still to be paid, by the id of their subscription."""

    subscriptions: Sequence[Subscription]
    payments: Sequence[LedgerEntry]
    period: MembershipPeriod | None
    failures: Mapping[int, FailedPayment]

    @property
    def twice(self) -> bool:
        """Whether more than one subscription runs and was paid for."""
        running = [one for one in self.subscriptions if not one.ended_at and one.paid_until]
        return len(running) > 1

    @property
    def can_manage(self) -> bool:
        """Whether there is a card to change."""
        return any(one.ended_at is None for one in self.subscriptions)


def of(person: Person) -> Giving:
    """Subscriptions, the latest payments first, and the current membership of `person`."""
    mode = gateway().mode
    subscriptions = db.session.scalars(
        sa.select(Subscription)
        .where(Subscription.person_id == person.id, Subscription.mode == mode)
        .options(joinedload(Subscription.tier))
        .order_by(Subscription.ended_at.is_not(None), Subscription.started_at.desc())
        .limit(SHOWN)
    ).all()
    payments = db.session.scalars(
        sa.select(LedgerEntry)
        .where(
            LedgerEntry.person_id == person.id,
            LedgerEntry.mode == mode,
            LedgerEntry.kind != EntryKind.fee,
        )
        .order_by(LedgerEntry.occurred_at.desc(), LedgerEntry.id.desc())
        .limit(SHOWN)
    ).all()
    failures = db.session.scalars(
        sa.select(FailedPayment).where(
            FailedPayment.person_id == person.id,
            FailedPayment.mode == mode,
            FailedPayment.recovered_at.is_(None),
        )
    ).all()
    return Giving(
        subscriptions,
        payments,
        memberships.current_period(person),
        {one.subscription_id: one for one in failures},
    )


def portal_address(person: Person) -> str:
    """A page at Stripe to change the card or cancel. Raises NothingToManage, StripeDown."""
    customer = db.session.scalar(
        sa.select(Customer.stripe_id)
        .outerjoin(Subscription, Subscription.stripe_customer == Customer.stripe_id)
        .where(
            Customer.person_id == person.id,
            Customer.mode == gateway().mode,
            Customer.deleted_at.is_(None),
        )
        .order_by(Subscription.ended_at.is_(None).desc(), Subscription.id.desc())
    )
    db.session.commit()
    if customer is None:
        raise NothingToManage
    back = settings.site_url + "/account/giving"
    return str(gateway().create_portal_session(customer, return_url=back)["url"])
