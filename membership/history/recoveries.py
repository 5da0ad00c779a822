"""What became of renewals that the bank refused: recovered, lost, or not known yet."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from config import Mode
from membership import days
from membership.books.models import FailedPayment, Subscription
from membership.books.term_models import Settled
from membership.history.derived import Derived
from membership.history.facts import TERMS, Facts
from membership.history.models import Outcome, Recovery
from membership.history.movements import LONGEST_WAIT
from membership.history.sums import Key, Part, Total
from membership.history.together import of_people
from membership.patrons.touched import Told

FIGURES = {outcome: f"renewals_{outcome.value}" for outcome in Outcome}
UNKNOWN = "unknown"
TOOK = (0, 1, 3, 7, 14, 30)
"""Whole days after which a renewal took longer to recover."""


class Values(NamedTuple):
    """A row of `Recovery` without its number."""

    mode: Mode
    person_id: int
    stripe_invoice: str
    outcome: Outcome
    currency: str
    amount: int
    at: datetime
    day: date
    reason: str | None
    took: int | None


FAILURES = (
    sa.select(
        FailedPayment.person_id,
        FailedPayment.stripe_invoice,
        FailedPayment.currency,
        FailedPayment.amount,
        FailedPayment.refusal,
        FailedPayment.failed_at,
        FailedPayment.recovered_at,
        Subscription.ended_at,
    )
    .join(Subscription, Subscription.id == FailedPayment.subscription_id)
    .where(*of_people(FailedPayment))
)


def found(facts: Facts) -> Iterator[Values]:
    """Each refused renewal of these people, and what became of it."""
    written_off = {
        row.stripe_invoice: row.settled_at for row in facts.terms if row.settled is not Settled.paid
    }
    for row in facts.read(FAILURES):
        for outcome, at in _outcomes(row, written_off.get(row.stripe_invoice), facts.now):
            is_back = outcome is Outcome.recovered
            yield Values(
                mode=facts.mode,
                person_id=row.person_id,
                stripe_invoice=row.stripe_invoice,
                outcome=outcome,
                currency=row.currency,
                amount=row.amount,
                at=at,
                day=days.of(at),
                reason=row.refusal,
                took=_took(at - row.failed_at) if is_back else None,
            )


def _outcomes(
    row: Any, written_off: datetime | None, now: datetime
) -> Iterator[tuple[Outcome, datetime]]:
    yield Outcome.failed, row.failed_at
    if row.recovered_at is not None:
        yield Outcome.recovered, max(row.recovered_at, row.failed_at)
        return
    given_up = row.failed_at + LONGEST_WAIT
    lost = min(filter(None, (written_off, row.ended_at, given_up)))
    # What Stripe tells has happened, though by our clock it may lie some seconds ahead.
    if lost < given_up or given_up <= now:
        yield Outcome.lost, max(lost, row.failed_at)


def _took(time: timedelta) -> int:
    return max(days for days in TOOK if days <= time.days)


def parts(row: Values) -> Iterator[Part]:
    """What one outcome adds: in all, by the reason of the refusal, and by how long it took."""
    told = {"": "", "refusal": row.reason or UNKNOWN}
    if row.took is not None:
        told["took"] = str(row.took)
    for by, value in told.items():
        key = Key(row.mode, FIGURES[row.outcome], row.currency, by, row.day, value)
        yield Part(key, Total(row.amount, 1, 1))


RECOVERIES = Derived(
    table=Recovery,
    values=Values,
    found=found,
    parts=parts,
    figures=tuple(FIGURES.values()),
    follows_from=Told.refused,
    reads=(TERMS, FAILURES),
)
