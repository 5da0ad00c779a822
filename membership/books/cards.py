"""The card behind each customer: from what Stripe tells of cards, and from what was charged."""

from calendar import monthrange
from datetime import date, datetime

import sqlalchemy as sa

from membership.books import failures
from membership.books.card_models import Card
from membership.books.models import Customer
from membership.clock import at
from membership.extensions import db, insert_once
from membership.gateway import Json, gateway
from membership.patrons.models import Person
from membership.patrons.touched import Told, touch

WHOSE = (
    sa.select(Customer.person_id)
    .join(Person, Person.id == Customer.person_id)
    .where(Customer.stripe_id == sa.bindparam("stripe_customer"), Person.active)
)
KNOWN = (
    sa.select(Card)
    .where(Card.stripe_customer == sa.bindparam("stripe_customer"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


def attached(event: Json) -> None:
    """A customer has another card, which from now on pays."""
    method = event["data"]["object"]
    _note(method["customer"], method["id"], method.get("card"), at(event["created"]))


def updated(event: Json) -> None:
    """The bank sent Stripe a new card by itself: the patron has nothing to update."""
    attached(event)
    failures.card_updated(event)


def charged(charge: Json) -> None:
    """What was charged says which card pays."""
    details = charge["payment_method_details"] or {}
    method, card = charge["payment_method"], details.get("card")
    _note(charge["customer"], method, card, at(charge["created"]))


def forget(person_id: int) -> None:
    db.session.execute(sa.delete(Card).where(Card.person_id == person_id))
    touch(person_id, Told.due)


def _note(customer: str | None, stripe_id: str | None, card: Json | None, as_of: datetime) -> None:
    """Of two the later one pays. Banks have no day on which they expire.

    Of somebody who was erased nothing is kept.
    """
    if not card or not stripe_id:
        return
    person_id = db.session.scalar(WHOSE, {"stripe_customer": customer})
    if person_id is None:
        return
    year, month = card["exp_year"], card["exp_month"]
    row = {
        "stripe_customer": customer,
        "mode": gateway().mode,
        "person_id": person_id,
        "stripe_id": stripe_id,
        "brand": card["brand"],
        "last4": card["last4"],
        "expires_on": date(year, month, monthrange(year, month)[1]),
        "as_of": as_of,
    }
    if not insert_once(Card, ["stripe_customer"], row):
        known = db.session.scalars(KNOWN, {"stripe_customer": customer}).one()
        if (known.as_of, known.stripe_id, known.expires_on) >= (
            as_of,
            stripe_id,
            row["expires_on"],
        ):
            return
        for name, value in row.items():
            setattr(known, name, value)
    touch(person_id, Told.due)
