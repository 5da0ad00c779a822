"""Whose money it is: from Stripe's customers to people."""

import sqlalchemy as sa
import structlog

from membership.books.models import Customer, Donation
from membership.clock import at, clock
from membership.extensions import db, insert_once
from membership.gateway import Json, StripeDown, StripeRefused, gateway
from membership.patrons import people
from membership.patrons.models import AddressChange, Person

log = structlog.get_logger()

# Locked, because a customer may be on the way to somebody else: staff/people/joining.py.
CUSTOMER = (
    sa.select(Customer)
    .where(Customer.stripe_id == sa.bindparam("stripe_id"))
    .with_for_update(read=True)
    .execution_options(populate_existing=True)
)

# One at a time, and by one process.
NOT_TOLD = (
    sa.select(AddressChange)
    .where(AddressChange.done_at.is_not(None), AddressChange.told_at.is_(None))
    .order_by(AddressChange.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)


def person_of(customer: str | Json, donation: Donation | None) -> Person:
    """Whose money it is: the giver's, else the customer's, who becomes known by it.

    A donation made here credits the address typed here, whatever the wallet says.
    """
    stripe_id = customer if isinstance(customer, str) else str(customer["id"])
    known = db.session.scalar(CUSTOMER, {"stripe_id": stripe_id})
    if known is not None:
        return known.person
    if donation is not None:
        person = people.ensure(donation.email, language=donation.language)
    else:
        full = gateway().customer(stripe_id) if isinstance(customer, str) else customer
        person = _person_behind(full)
    insert_once(
        Customer,
        ["stripe_id"],
        {"person_id": person.id, "mode": gateway().mode, "stripe_id": stripe_id},
    )
    return person


def known_person(customer: str | None) -> int | None:
    """The id of the person behind a customer of ours; None if nobody here is."""
    return db.session.scalar(sa.select(Customer.person_id).where(Customer.stripe_id == customer))


def deleted(event: Json) -> None:
    """Nothing new is charged to this customer; Stripe ends its subscriptions by itself."""
    db.session.execute(
        sa.update(Customer)
        .where(Customer.stripe_id == event["data"]["object"]["id"], Customer.deleted_at.is_(None))
        .values(deleted_at=at(event["created"]))
    )


def readdress_due() -> int:
    """Tell Stripe of addresses that were changed here, lest its receipts go to the old ones; how
    many. Commits each. Stops where Stripe is down, until it is called again.
    """
    done = 0
    while change := db.session.scalar(NOT_TOLD):
        try:
            _readdress(change)
        except StripeDown as error:
            db.session.rollback()
            log.warning("addresses wait to be told", reason=str(error))
            break
        change.told_at = clock.now()
        db.session.commit()
        done += 1
    return done


def _readdress(change: AddressChange) -> None:
    """Of somebody who changed it once more, or was erased, this one is nobody's business now."""
    wanted = (
        sa.select(Customer.stripe_id)
        .join(Person)
        .where(
            Customer.person_id == change.person_id,
            Customer.mode == gateway().mode,
            Customer.deleted_at.is_(None),
            Person.email == change.new,
        )
    )
    for stripe_id in db.session.scalars(wanted).all():
        try:
            gateway().readdress_customer(stripe_id, change.new)
        except StripeRefused as error:
            log.warning("customer keeps an old address", customer=stripe_id, reason=str(error))


def _person_behind(customer: Json) -> Person:
    """Money of a customer that nobody can name any more still has to be in the books."""
    if customer.get("deleted") or not customer["email"]:
        return people.nobody(customer["id"])
    return people.ensure(customer["email"], name=customer["name"])
