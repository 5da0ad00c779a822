"""Tables of payouts. Amounts are minor units of the row's currency, that of the Stripe balance."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from config import Mode
from membership.books.models import CURRENCY, STRIPE_ID
from membership.extensions import Model
from membership.money import Money


class Payout(Model):
    """Money that Stripe sends to the bank, as Stripe last described it."""

    __tablename__ = "payout"
    __table_args__ = (
        sa.Index("ix_payout_arrival", "mode", "arrives_on"),
        sa.Index("ix_payout_when", "mode", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    stripe_id: Mapped[str] = mapped_column(STRIPE_ID, unique=True)
    mode: Mapped[Mode]
    amount: Mapped[int] = mapped_column(
        sa.BigInteger, doc="Below zero where Stripe takes from the bank."
    )
    currency: Mapped[str] = mapped_column(CURRENCY)
    status: Mapped[str] = mapped_column(sa.String(32))
    is_automatic: Mapped[bool] = mapped_column(
        doc="Of one that was made by hand Stripe does not say what it is made of."
    )
    is_reconciled: Mapped[bool] = mapped_column(doc="Stripe can say what it is made of.")
    created_at: Mapped[datetime]
    arrives_on: Mapped[date] = mapped_column(doc="The bank's day, as Stripe expects it.")
    returned_at: Mapped[datetime | None] = mapped_column(
        doc="When the money of one that failed was on the balance again."
    )
    listed_at: Mapped[datetime | None] = mapped_column(
        doc="When all that it is made of had been written down."
    )
    as_of: Mapped[datetime] = mapped_column(
        doc="Stripe's time of what is written here; older news changes nothing."
    )

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


class PayoutEntry(Model):
    """A balance transaction that is part of a payout, ours or not. Never changed."""

    __tablename__ = "payout_entry"
    __table_args__ = (sa.Index("ix_payout_entry_when", "created_at"),)

    stripe_id: Mapped[str] = mapped_column(STRIPE_ID, primary_key=True)
    payout_id: Mapped[int] = mapped_column(sa.ForeignKey("payout.id"), index=True)
    category: Mapped[str] = mapped_column(sa.String(64), doc="Stripe's reporting category.")
    gross: Mapped[int] = mapped_column(sa.BigInteger)
    fee: Mapped[int] = mapped_column(sa.BigInteger)
    net: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(CURRENCY)
    created_at: Mapped[datetime]
