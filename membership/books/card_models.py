"""Table of the cards that gifts are paid with: what a patron is asked to renew in time."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from config import Mode
from membership.books.models import STRIPE_ID
from membership.extensions import Model


class Card(Model):
    """The card that a customer at Stripe last added or paid with, as far as Stripe shows it."""

    __tablename__ = "card"

    stripe_customer: Mapped[str] = mapped_column(STRIPE_ID, primary_key=True)
    mode: Mapped[Mode]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    stripe_id: Mapped[str] = mapped_column(STRIPE_ID, doc="The payment method.")
    brand: Mapped[str] = mapped_column(sa.String(32))
    last4: Mapped[str] = mapped_column(sa.String(4))
    expires_on: Mapped[date] = mapped_column(doc="The last day of the month that is on it.")
    as_of: Mapped[datetime]
