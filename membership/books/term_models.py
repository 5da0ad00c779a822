"""Tables of the dated facts that a patron's history is worked out from."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from config import Mode
from membership.books.models import STRIPE_ID, Interval
from membership.extensions import Model


class Settled(StrEnum):
    """What became of an invoice: paid; waived, because collection is paused; given up."""

    paid = "paid"
    waived = "waived"
    given_up = "given_up"


class Term(Model):
    """A dated fact: what an invoice billed for one item of a subscription, and what became of it.

    Rows are added in any order and never changed. An item that an invoice only gave credit for
    is a row of the amount zero: nothing of it goes on.
    """

    __tablename__ = "term"
    __table_args__ = (sa.UniqueConstraint("stripe_invoice", "stripe_item", "settled"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    mode: Mapped[Mode]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    subscription_id: Mapped[int] = mapped_column(sa.ForeignKey("subscription.id"), index=True)
    stripe_invoice: Mapped[str] = mapped_column(STRIPE_ID)
    stripe_item: Mapped[str] = mapped_column(STRIPE_ID)
    settled: Mapped[Settled]
    settled_at: Mapped[datetime]
    amount: Mapped[int] = mapped_column(doc="Of the whole term, discounts off, taxes aside.")
    interval: Mapped[Interval]
    interval_count: Mapped[int]
    tier_id: Mapped[int] = mapped_column(sa.ForeignKey("tier.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
