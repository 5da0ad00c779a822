"""Tables of a patron's history: movements, which follow from the books' facts, and sums by day."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from config import Mode
from membership.books.models import CURRENCY, Interval
from membership.extensions import Model


class MovementKind(StrEnum):
    """How the monthly recurring revenue of one person changed; docs/metrics.md defines each."""

    new = "new"
    reactivation = "reactivation"
    resumption = "resumption"
    expansion = "expansion"
    contraction = "contraction"
    pause = "pause"
    churn = "churn"
    lapse = "lapse"


class Movement(Model):
    """A change of one person's MRR in one currency, worked out from all their facts.

    When a fact is added that changes the past, it is made anew: it follows from the facts alone.
    """

    __tablename__ = "movement"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "mode", "currency", "at", "kind"),
        sa.Index("ix_movement_day", "mode", "currency", "kind", "day"),
        sa.Index("ix_movement_began", "mode", "currency", "began"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    mode: Mapped[Mode]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    currency: Mapped[str] = mapped_column(CURRENCY)
    at: Mapped[datetime]
    kind: Mapped[MovementKind]
    day: Mapped[date] = mapped_column(doc="The day of `at` in the newsroom's time zone.")
    amount: Mapped[int] = mapped_column(doc="What is given more by the month; less than 0: less.")
    people: Mapped[int] = mapped_column(doc="1 who gives from then on, -1 who does not, else 0.")
    began: Mapped[date] = mapped_column(doc="The day this person first gave in this currency.")
    tenure: Mapped[int] = mapped_column(
        doc="Of history/upkeep.py's TENURES the one reached by then."
    )
    subscription_id: Mapped[int] = mapped_column(sa.ForeignKey("subscription.id"), index=True)
    tier_id: Mapped[int] = mapped_column(sa.ForeignKey("tier.id"))
    interval: Mapped[Interval]
    source: Mapped[str | None] = mapped_column(
        sa.String(200), doc="The article this person first came from, if it is known."
    )
    campaign: Mapped[str | None] = mapped_column(sa.String(200), doc="The first campaign.")
    reason: Mapped[str | None] = mapped_column(
        sa.String(64), doc="Why somebody left: Stripe's word, or their own."
    )


class SumChange(Model):
    """What a transaction adds to a sum. Folded into `DailySum` by a job, so that no two
    transactions wait for the same row."""

    __tablename__ = "sum_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    mode: Mapped[Mode]
    figure: Mapped[str] = mapped_column(sa.String(32))
    currency: Mapped[str] = mapped_column(CURRENCY)
    day: Mapped[date]
    by: Mapped[str] = mapped_column(sa.String(16))
    value: Mapped[str] = mapped_column(sa.String(200))
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    people: Mapped[int]
    times: Mapped[int]


class DailySum(Model):
    """A figure's sum on one day: in all, or by one thing such as the tier."""

    __tablename__ = "daily_sum"

    mode: Mapped[Mode] = mapped_column(primary_key=True)
    figure: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    currency: Mapped[str] = mapped_column(CURRENCY, primary_key=True)
    by: Mapped[str] = mapped_column(sa.String(16), primary_key=True, doc="Empty: in all.")
    day: Mapped[date] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(sa.String(200), primary_key=True)
    amount: Mapped[int] = mapped_column(sa.BigInteger, doc="Minor units.")
    people: Mapped[int] = mapped_column(sa.BigInteger)
    times: Mapped[int] = mapped_column(sa.BigInteger, doc="How often it happened.")
