"""What is due: each subscription's next renewal, the day set for its end, the last of its card."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from fractions import Fraction
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

import sqlalchemy as sa

from config import Mode
from membership import days
from membership.books.card_models import Card
from membership.books.gives import A_MONTH, DAYS, ENDED
from membership.books.models import Interval, Subscription
from membership.books.second import RUNNING
from membership.history.derived import Derived
from membership.history.facts import Facts
from membership.history.models import Due, DueKind
from membership.history.sums import Key, Part, Total
from membership.history.together import of_people
from membership.money import whole
from membership.patrons.touched import Told

FIGURES = {kind: f"due_{kind.value}" for kind in DueKind}
EVERY = "every"
ONLY_ONE = "0"
"""Instead of an interval, where no other renewal follows."""
PAUSED = "paused"
"""Behind an interval, where collecting begins again on the day that is due."""


class Values(NamedTuple):
    """A row of `Due` without its number."""

    mode: Mode
    person_id: int
    subscription_id: int
    kind: DueKind
    currency: str
    amount: int
    monthly: int
    at: datetime
    day: date
    every: str


COLUMNS = (
    Subscription.person_id,
    Subscription.id,
    Subscription.stripe_id,
    Subscription.status,
    Subscription.amount,
    Subscription.currency,
    Subscription.interval,
    Subscription.interval_count,
    Subscription.current_period_end,
    Subscription.cancel_at_period_end,
    Subscription.cancel_at,
    Subscription.is_paused,
    Subscription.resumes_at,
    Subscription.started_at,
    Card.expires_on,
)
SUBSCRIPTIONS = (
    sa.select(*COLUMNS)
    .outerjoin(Card, Card.stripe_customer == Subscription.stripe_customer)
    .where(
        *of_people(Subscription),
        Subscription.status.not_in(ENDED),
        Subscription.paid_until.is_not(None),
    )
)


def found(facts: Facts) -> Iterator[Values]:
    """What is due of these people's subscriptions, as Stripe last described them."""
    rows = sorted(facts.read(SUBSCRIPTIONS), key=attrgetter("person_id", "started_at", "stripe_id"))
    for _person, its in groupby(rows, key=attrgetter("person_id")):
        for row, kind, at, how_often in _due_of(list(its)):
            is_card = kind is DueKind.card
            yield Values(
                mode=facts.mode,
                person_id=row.person_id,
                subscription_id=row.id,
                kind=kind,
                currency=row.currency,
                amount=row.amount,
                monthly=_monthly(row),
                at=at,
                day=row.expires_on if is_card else days.of(at),
                every=how_often,
            )


def _due_of(rows: Sequence[Any]) -> Iterator[tuple[Any, DueKind, datetime, str]]:
    """Of all subscriptions of one person, the oldest first; of the same second by Stripe's number,
    for ours depends on which of them we heard of first.
    """
    for number, row in enumerate(rows):
        for kind, at, how_often in _due(row):
            yield row, kind, at, how_often
        if number and row.status in RUNNING:
            how_often = every(row.interval, row.interval_count)
            yield row, DueKind.second, row.started_at, how_often


def _due(row: Any) -> Iterator[tuple[DueKind, datetime, str]]:
    """Of one that fails nobody knows whether it renews; of one that is paused, not when."""
    ends = row.cancel_at or (row.current_period_end if row.cancel_at_period_end else None)
    if ends is not None:
        yield DueKind.end, ends, ONLY_ONE
    if row.status != "active" or (row.is_paused and row.resumes_at is None):
        return
    renews = row.current_period_end
    if row.is_paused and row.resumes_at > renews:
        renews = row.resumes_at
    if ends is None:
        how_often = every(row.interval, row.interval_count)
        if row.is_paused:
            how_often = f"{how_often} {PAUSED}"
        yield DueKind.renewal, renews, how_often
        if row.expires_on is not None:
            yield DueKind.card, datetime.combine(row.expires_on, time(), UTC), how_often
    elif renews < ends:
        yield DueKind.renewal, renews, ONLY_ONE


def every(interval: Interval, count: int) -> str:
    """How often something comes, as a value that sums are kept by: "month 1"."""
    return f"{interval.value} {count}"


def _monthly(row: Any) -> int:
    return whole(row.amount * A_MONTH / (DAYS[row.interval] * Fraction(row.interval_count)))


def parts(row: Values) -> Iterator[Part]:
    """A renewal adds what it bills, by how often it comes; all else what is given by the month."""
    amount = row.amount if row.kind is DueKind.renewal else row.monthly
    key = Key(row.mode, FIGURES[row.kind], row.currency, EVERY, row.day, row.every)
    yield Part(key, Total(amount, 1, 1))


DUES = Derived(
    table=Due,
    values=Values,
    found=found,
    parts=parts,
    figures=tuple(FIGURES.values()),
    follows_from=Told.due,
    reads=(SUBSCRIPTIONS,),
)
