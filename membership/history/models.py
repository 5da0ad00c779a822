"""Tables of what follows from the books' facts, and of the sums by day.

When a fact is added that changes the past, rows of the first kind are made anew.
"""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from config import Mode
from membership.books.models import CURRENCY, SOURCE, STRIPE_ID, Interval
from membership.extensions import Model
from membership.patrons.models import LANGUAGE, MembershipKind


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
        sa.Index("ix_movement_mrr", "mode", "currency", "mrr"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    mode: Mapped[Mode]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    currency: Mapped[str] = mapped_column(CURRENCY)
    at: Mapped[datetime]
    kind: Mapped[MovementKind]
    day: Mapped[date] = mapped_column(doc="The day of `at` in the newsroom's time zone.")
    amount: Mapped[int] = mapped_column(doc="What is given more by the month; less than 0: less.")
    mrr: Mapped[int] = mapped_column(
        server_default="0", doc="What this person gives by the month from `at` on."
    )
    people: Mapped[int] = mapped_column(doc="1 who gives from then on, -1 who does not, else 0.")
    began: Mapped[date] = mapped_column(doc="The day this person first gave in this currency.")
    tenure: Mapped[int] = mapped_column(
        doc="Of history/revenue.py's TENURES the one reached by then."
    )
    subscription_id: Mapped[int] = mapped_column(sa.ForeignKey("subscription.id"), index=True)
    tier_id: Mapped[int] = mapped_column(sa.ForeignKey("tier.id"))
    interval: Mapped[Interval]
    source: Mapped[str | None] = mapped_column(
        SOURCE, doc="The article this person first came from, if it is known."
    )
    campaign: Mapped[str | None] = mapped_column(sa.String(200), doc="The first campaign.")
    reason: Mapped[str | None] = mapped_column(
        sa.String(64), doc="Why somebody left: Stripe's word, or their own."
    )


class SupporterMove(StrEnum):
    """How somebody's support changed: `changed` is from one tier, interval or kind to another."""

    new = "new"
    returned = "returned"
    lost = "lost"
    changed = "changed"


class SupporterChange(Model):
    """A change of what somebody supports the newsroom as, worked out from their memberships."""

    __tablename__ = "supporter_change"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "mode", "at", "people"),
        sa.Index("ix_supporter_change_day", "mode", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    mode: Mapped[Mode]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]
    day: Mapped[date] = mapped_column(doc="The day of `at` in the newsroom's time zone.")
    move: Mapped[SupporterMove]
    people: Mapped[int] = mapped_column(doc="1: this begins; -1: this ends.")
    kind: Mapped[MembershipKind]
    tier_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tier.id"))
    interval: Mapped[Interval | None]
    currency: Mapped[str | None] = mapped_column(CURRENCY)
    language: Mapped[str] = mapped_column(LANGUAGE)


class Outcome(StrEnum):
    """What a renewal came to that the bank refused at first."""

    failed = "failed"
    recovered = "recovered"
    lost = "lost"


class Recovery(Model):
    """That a renewal was refused, and another row that it was recovered or lost."""

    __tablename__ = "recovery"
    __table_args__ = (
        sa.UniqueConstraint("stripe_invoice", "outcome"),
        sa.Index("ix_recovery_day", "mode", "currency", "outcome", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    mode: Mapped[Mode]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    stripe_invoice: Mapped[str] = mapped_column(STRIPE_ID)
    outcome: Mapped[Outcome]
    currency: Mapped[str] = mapped_column(CURRENCY)
    amount: Mapped[int]
    at: Mapped[datetime]
    day: Mapped[date]
    reason: Mapped[str | None] = mapped_column(sa.String(64), doc="Why the bank refused it.")
    took: Mapped[int | None] = mapped_column(
        doc="Of history/recoveries.py's TOOK the one reached when it was recovered."
    )


class DueKind(StrEnum):
    """What is due of a subscription; `second` says since when it runs beside an older one."""

    renewal = "renewal"
    end = "end"
    card = "card"
    second = "second"


class Due(Model):
    """What a subscription comes to next: a renewal, an end that is set, its card's last day."""

    __tablename__ = "due"
    __table_args__ = (
        sa.UniqueConstraint("subscription_id", "kind"),
        sa.Index("ix_due_day", "mode", "currency", "kind", "day"),
        sa.Index("ix_due_kind", "mode", "kind", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    mode: Mapped[Mode]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    subscription_id: Mapped[int] = mapped_column(sa.ForeignKey("subscription.id"))
    kind: Mapped[DueKind]
    currency: Mapped[str] = mapped_column(CURRENCY)
    amount: Mapped[int] = mapped_column(doc="What one renewal bills.")
    monthly: Mapped[int] = mapped_column(doc="The same by the month, rounded.")
    at: Mapped[datetime]
    day: Mapped[date]
    every: Mapped[str] = mapped_column(sa.String(16), doc="How often; 0: this once.")


class Origin(Model):
    """When somebody first gave in a currency, what had led them here, and what came of it."""

    __tablename__ = "origin"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "mode", "currency"),
        sa.Index("ix_origin_day", "mode", "currency", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    mode: Mapped[Mode]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    currency: Mapped[str] = mapped_column(CURRENCY)
    at: Mapped[datetime]
    day: Mapped[date]
    amount: Mapped[int] = mapped_column(
        sa.BigInteger, doc="What they gave and left with us in the year after it."
    )
    stays: Mapped[bool] = mapped_column(doc="Gives by the month or the year, and has not ended it.")
    source: Mapped[str | None] = mapped_column(SOURCE, doc="The article before the gift.")
    first_source: Mapped[str | None] = mapped_column(
        SOURCE, doc="The first article of that browser, as far as it is known."
    )
    referrer: Mapped[str | None] = mapped_column(sa.String(200), doc="The page before ours.")
    campaign: Mapped[str | None] = mapped_column(sa.String(200))


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
    value: Mapped[str] = mapped_column(SOURCE)
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
    value: Mapped[str] = mapped_column(SOURCE, primary_key=True)
    amount: Mapped[int] = mapped_column(sa.BigInteger, doc="Minor units.")
    people: Mapped[int] = mapped_column(sa.BigInteger)
    times: Mapped[int] = mapped_column(sa.BigInteger, doc="How often it happened.")


class CountedBy(Model):
    """By the days of which time zone all that follows from facts, and all sums, are kept."""

    __tablename__ = "counted_by"

    timezone: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
