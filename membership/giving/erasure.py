"""Deleting a member: billing stops first, the name goes second, the books stay whole."""

import sqlalchemy as sa

from membership.books import cards
from membership.books.models import Customer, Donation
from membership.extensions import db
from membership.gateway import NotThere, gateway
from membership.patrons import people
from membership.patrons.models import Person


def erase(person: Person) -> None:
    """Delete the customers of `person` at Stripe, which ends what they pay, then the person.

    Those too that were made for what somebody with this address set out to give.

    Rows of money stay and name nobody. Raises StripeDown and StripeRefused, and then nothing
    is erased here. Commits.
    """
    person_id, door = person.id, gateway()
    set_out = sa.or_(Donation.person_id == person_id, Donation.email == person.email)
    customers = db.session.scalars(
        sa.union(
            sa.select(Customer.stripe_id).where(
                Customer.person_id == person_id,
                Customer.mode == door.mode,
                Customer.deleted_at.is_(None),
            ),
            sa.select(Donation.stripe_customer).where(
                set_out, Donation.mode == door.mode, Donation.paid_at.is_(None)
            ),
        )
    ).all()
    db.session.commit()
    for stripe_id in filter(None, customers):
        try:
            door.delete_customer(stripe_id)
        except NotThere:
            continue
    db.session.execute(
        sa.update(Donation)
        .where(set_out)
        .values(email=people.erased_address(person_id), client=None, visitor=None)
    )
    cards.forget(person_id)
    people.erase(db.session.get_one(Person, person_id))
    db.session.commit()
