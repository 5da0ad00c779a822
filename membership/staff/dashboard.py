"""The figures of the first staff page, in a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from config import Mode
from membership.books import disputes, second
from membership.books.models import Dispute, FailedPayment, Subscription
from membership.clock import clock
from membership.extensions import db
from membership.figures import metrics, movements
from membership.money import Money
from membership.patrons.models import Person

LATEST = 10
WORRIES = 10


@dataclass(frozen=True)
class Figures:
    """Counts of people and sums of money of one mode, now and in this UTC month."""

    active: int
    mrr: dict[str, Money]
    committed: dict[str, Money]
    new: int
    lost: int
    received: dict[str, Money]
    fees: dict[str, Money]
    failing: int

    def as_json(self) -> dict[str, Any]:
        """Amounts as minor units by currency."""
        return {
            "active_patrons": self.active,
            "mrr": {code: money.amount for code, money in self.mrr.items()},
            "committed_mrr": {code: money.amount for code, money in self.committed.items()},
            "new_patrons_this_month": self.new,
            "lost_patrons_this_month": self.lost,
            "received_this_month": {code: m.amount for code, m in self.received.items()},
            "fees_this_month": {code: money.amount for code, money in self.fees.items()},
            "failed_payments": self.failing,
        }


def figures(mode: Mode) -> Figures:
    since, until = metrics.month_of(clock.now())
    return Figures(
        active=metrics.active_patrons(mode),
        mrr=movements.mrr(mode),
        committed=metrics.committed(mode),
        new=metrics.new_patrons(mode, since, until),
        lost=metrics.lost_patrons(mode, since, until),
        received=metrics.received(mode, since, until),
        fees=metrics.fees(mode, since, until),
        failing=metrics.failed_payments(mode),
    )


def failing(mode: Mode) -> Sequence[FailedPayment]:
    """Renewals to worry about, the latest failure first."""
    return db.session.scalars(
        sa.select(FailedPayment)
        .join(Subscription, Subscription.id == FailedPayment.subscription_id)
        .where(*metrics.still_failing(mode))
        .options(joinedload(FailedPayment.person))
        .order_by(FailedPayment.failed_at.desc(), FailedPayment.id.desc())
        .limit(WORRIES)
    ).all()


def contested(mode: Mode) -> Sequence[Dispute]:
    """Disputes that wait for an answer, the most pressing first."""
    wanted = disputes.unanswered(mode).options(joinedload(Dispute.person)).limit(WORRIES)
    return db.session.scalars(wanted).all()


def giving_twice(mode: Mode) -> Sequence[Person]:
    """People with two subscriptions, which few mean to have."""
    return db.session.scalars(
        sa.select(Person)
        .where(Person.id.in_(second.givers(mode)))
        .order_by(Person.id)
        .limit(WORRIES)
    ).all()
