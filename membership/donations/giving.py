"""A patron's own view of what they give."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import joinedload

from membership.donations.gateway import gateway
from membership.donations.models import Customer, LedgerEntry, Subscription
from membership.extensions import db
from membership.patrons import memberships
from membership.patrons.models import MembershipPeriod, Person

SHOWN = 60


class NothingToManage(LookupError):
    """This person has nothing at Stripe."""


@dataclass(frozen=True)
class Giving:
    subscriptions: Sequence[Subscription]
    payments: Sequence[LedgerEntry]
    period: MembershipPeriod | None


def of(person: Person) -> Giving:
    """Subscriptions, the latest payments first, and the current membership of `person`."""
    mode = gateway().mode
    subscriptions = db.session.scalars(
        sa.select(Subscription)
        .where(Subscription.person_id == person.id, Subscription.mode == mode)
        .options(joinedload(Subscription.tier))
        .order_by(Subscription.started_at.desc())
    ).all()
    payments = db.session.scalars(
        sa.select(LedgerEntry)
        .where(LedgerEntry.person_id == person.id, LedgerEntry.mode == mode)
        .order_by(LedgerEntry.occurred_at.desc(), LedgerEntry.id.desc())
        .limit(SHOWN)
    ).all()
    return Giving(subscriptions, payments, memberships.current_period(person))


def portal_address(person: Person) -> str:
    """A page at Stripe to change the card or cancel. Raises NothingToManage, StripeDown."""
    customer = db.session.scalar(
        sa.select(Customer.stripe_id)
        .outerjoin(Subscription, Subscription.stripe_customer == Customer.stripe_id)
        .where(Customer.person_id == person.id, Customer.mode == gateway().mode)
        .order_by(Subscription.ended_at.is_(None).desc(), Subscription.id.desc())
    )
    db.session.commit()
    if customer is None:
        raise NothingToManage
    back = current_app.config["SITE_URL"] + "/account/giving"
    return str(gateway().create_portal_session(customer, return_url=back)["url"])
