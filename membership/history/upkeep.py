"""Each person's movements and the sums over them, brought up to their facts before a commit.

Whoever adds a fact says whose it is (`books/touched.py`). Before the transaction commits, the
movements of each such person are worked out anew from all their facts, and the sums are told the
difference: once for a transaction, however many facts it added.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import chain, groupby
from operator import attrgetter
from typing import Any, NamedTuple

import sqlalchemy as sa
from dateutil.relativedelta import relativedelta
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from config import Mode
from membership.books import ledger, turns
from membership.books.gives import A_MONTH, DAYS
from membership.books.models import Donation, Interval, Subscription
from membership.books.term_models import Term
from membership.books.touched import NAME
from membership.clock import clock
from membership.extensions import db
from membership.gateway import gateway
from membership.history import sums
from membership.history.models import Movement, MovementKind
from membership.history.movements import LEAVING, Bill, Item, Life, of_person
from membership.history.sums import Key, Part, Total
from membership.web import time_zone

TENURES = (1, 3, 6, 12, 24, 36)
"""Whole months after which a supporter counts as longer with us."""

OWN_WILL = "cancellation_requested"
DISPUTED = "payment_disputed"
UNKNOWN = "unknown"


class Values(NamedTuple):
    """A row of `Movement` without its number."""

    mode: Mode
    person_id: int
    currency: str
    at: datetime
    kind: MovementKind
    day: date
    amount: int
    people: int
    began: date
    tenure: int
    subscription_id: int
    tier_id: int
    interval: Interval
    source: str | None
    campaign: str | None
    reason: str | None


FACTS = (
    sa.select(
        Term.person_id,
        Term.subscription_id,
        Term.stripe_invoice,
        Term.stripe_item,
        Term.settled,
        Term.settled_at,
        Term.amount,
        Term.interval,
        Term.interval_count,
        Term.tier_id,
        Term.starts_at,
        Term.ends_at,
        Subscription.stripe_id,
        Subscription.currency,
        Subscription.ended_at,
        Subscription.end_reason,
        Subscription.cancel_feedback,
    )
    .join(Subscription, Subscription.id == Term.subscription_id)
    .where(
        Term.mode == sa.bindparam("mode"),
        Term.person_id.in_(sa.bindparam("people", expanding=True)),
    )
    .order_by(Term.subscription_id, Term.stripe_invoice, Term.settled, Term.stripe_item)
)
KNOWN = sa.select(*sa.inspect(Movement).columns).where(
    Movement.mode == sa.bindparam("mode"),
    Movement.person_id.in_(sa.bindparam("people", expanding=True)),
)
ORIGINS = (
    sa.select(Donation.person_id, Donation.source, Donation.campaign)
    .where(
        Donation.mode == sa.bindparam("mode"),
        Donation.person_id.in_(sa.bindparam("people", expanding=True)),
        Donation.paid_at.is_not(None),
    )
    .order_by(Donation.paid_at, Donation.id)
)


@event.listens_for(db.session, "before_commit")
def _bring_up_touched(session: Session) -> None:
    if session.in_nested_transaction():
        return
    if touched := session.info.pop(NAME, None):
        session.flush()
        bring_up(sorted(touched))


@event.listens_for(db.session, "after_soft_rollback")
def _forget_touched(session: Session, previous: SessionTransaction) -> None:
    """Their facts are gone with the transaction; a savepoint's alone are not told apart."""
    if not previous.nested:
        session.info.pop(NAME, None)


def bring_up(people: Sequence[int]) -> None:
    """Bring the movements of these people, and the sums, up to their facts.

    Of two transactions that touch the same person the second waits here, holding whatever other
    locks it has, and then sees what the first added.
    """
    wanted = {"mode": gateway().mode, "people": list(people)}
    turns.take_each(f"history of {person}" for person in people)
    known = {values(row): row.id for row in db.session.execute(KNOWN, wanted)}
    found = set(_found(wanted))
    gone, fresh = known.keys() - found, found - known.keys()
    if gone:
        numbers = [known[one] for one in gone]
        db.session.execute(sa.delete(Movement).where(Movement.id.in_(numbers)))
    if fresh:
        rows = sorted(fresh, key=attrgetter("person_id", "at"))
        db.session.execute(sa.insert(Movement), [one._asdict() for one in rows])
    sums.change(
        added=chain.from_iterable(map(parts, fresh)),
        removed=chain.from_iterable(map(parts, gone)),
    )


def parts(row: Values) -> Iterator[Part]:
    """What one movement adds to the sums: in all, and by each thing that it is counted by."""
    told = {
        "": "",
        "tier": str(row.tier_id),
        "interval": row.interval.value,
        "source": row.source,
        "campaign": row.campaign,
    }
    if row.kind in LEAVING:
        told |= {"reason": row.reason or UNKNOWN, "tenure": str(row.tenure)}
    for by, value in told.items():
        if value is not None:
            yield _part(row, row.day, by, value)
    yield _part(row, row.day.replace(day=1), "cohort", f"{row.began:%Y-%m}")


def _part(row: Values, day: date, by: str, value: str) -> Part:
    key = Key(row.mode, row.kind.value, row.currency, by, day, value)
    return Part(key, Total(row.amount, row.people, 1))


def _tenure(began: date, day: date) -> int:
    """The longest of TENURES that was reached, 0 before the first."""
    since = relativedelta(day, began)
    months = since.years * 12 + since.months
    return max((tenure for tenure in TENURES if tenure <= months), default=0)


def _found(wanted: dict[str, Any]) -> Iterator[Values]:
    """The movements that the facts of these people come to."""
    zone, now = time_zone(), clock.now()
    origins = {row.person_id: row for row in reversed(db.session.execute(ORIGINS, wanted).all())}
    facts = db.session.execute(FACTS, wanted).all()
    numbers = {row.stripe_id: row.subscription_id for row in facts}
    for person_id, lives in _lives(facts).items():
        origin = origins.get(person_id)
        began: dict[str, date] = {}
        for move in of_person(lives, now):
            day = move.at.astimezone(zone).date()
            first = began.setdefault(move.currency, day)
            yield Values(
                mode=wanted["mode"],
                person_id=person_id,
                currency=move.currency,
                at=move.at,
                kind=move.kind,
                day=day,
                amount=move.amount,
                people=move.people,
                began=first,
                tenure=_tenure(first, day),
                subscription_id=numbers[move.subscription],
                tier_id=move.tier,
                interval=move.interval,
                source=origin.source if origin else None,
                campaign=origin.campaign if origin else None,
                reason=move.reason,
            )


def _lives(facts: Sequence[Any]) -> dict[int, list[Life]]:
    """Each person's subscriptions, as far as anything of them was ever settled."""
    ended = {row.subscription_id for row in facts if row.ended_at is not None}
    undone = ledger.undone(ended) if ended else {}
    lives: dict[int, list[Life]] = defaultdict(list)
    for stripe_id, its in groupby(facts, key=attrgetter("stripe_id")):
        terms = list(its)
        row = terms[0]
        bills = tuple(
            _bill(list(lines), undone.get(invoice))
            for (invoice, _settled), lines in groupby(
                terms, key=attrgetter("stripe_invoice", "settled")
            )
        )
        reason = row.cancel_feedback if row.end_reason in (None, OWN_WILL) else None
        if any(undone[bill.invoice].is_lost for bill in bills if bill.invoice in undone):
            reason = DISPUTED
        lives[row.person_id].append(
            Life(stripe_id, row.currency, bills, row.ended_at, reason or row.end_reason)
        )
    return lives


def _bill(lines: Sequence[Any], undone: ledger.Undone | None) -> Bill:
    return Bill(
        invoice=lines[0].stripe_invoice,
        settled=lines[0].settled,
        settled_at=lines[0].settled_at,
        items=tuple(
            Item(
                id=line.stripe_item,
                monthly=line.amount * A_MONTH / (DAYS[line.interval] * line.interval_count),
                starts_at=line.starts_at,
                ends_at=line.ends_at,
                tier=line.tier_id,
                interval=line.interval,
            )
            for line in lines
        ),
        undone_at=undone.at if undone else None,
    )


def values(row: Any) -> Values:
    """Of a row with the columns of `Movement`."""
    return Values(*(getattr(row, name) for name in Values._fields))
