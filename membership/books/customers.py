"""Whose money it is: from Stripe's customers to people."""

import sqlalchemy as sa

from membership.books.models import Customer, Donation
from membership.clock import at
from membership.extensions import db, insert_once
from membership.gateway import Json, gateway
from membership.patrons import people
from membership.patrons.models import Person

# Locked, because a customer may be on the way to somebody else: staff/people/joining.py.
CUSTOMER = (
    sa.select(Customer)
    .where(Customer.stripe_id == sa.bindparam("stripe_id"))
    .with_for_update(read=True)
    .execution_options(populate_existing=True)
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


def _person_behind(customer: Json) -> Person:
    """Money of a customer that nobody can name any more still has to be in the books."""
    if customer.get("deleted") or not customer["email"]:
        return people.nobody(customer["id"])
    return people.ensure(customer["email"], name=customer["name"])
