"""A newsroom of any size, written straight into our books a batch of people at a time.

The sandbox lives through every checkout and renewal, which a million people would take days for;
it knows nothing of these. What is written are the facts that would have come of it; the figures
follow from them as from any others, and their sums are made when all is there.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa

from membership.books.card_models import Card
from membership.books.models import (
    Customer,
    Donation,
    EntryKind,
    FailedPayment,
    Interval,
    LedgerEntry,
    Settlement,
    Subscription,
)
from membership.books.term_models import Settled, Term
from membership.clock import clock
from membership.extensions import Model, db
from membership.gateway import gateway
from membership.history import rebuild, upkeep
from membership.patrons import memberships
from membership.patrons.memberships import Paid
from membership.patrons.models import MembershipKind, MembershipPeriod, Person
from membership.seed.lives import Life, Plans, lives

AT_ONCE = 500

PAID_OUT_AFTER = timedelta(days=2)

Row = dict[str, Any]
Progress = Callable[[str, int], None]


def write(plans: Plans, *, patrons: int, months: int, seed: int, progress: Progress) -> None:
    """So many patrons with their past, the same for the same seed; commits. Needs empty books.

    `progress` hears of the people and then of the months of sums, how many are done.
    """
    people = lives(plans, patrons=patrons, months=months, seed=seed, now=clock.now())
    done = 0
    while batch := list(islice(people, AT_ONCE)):
        numbers = _Batch(batch).write()
        upkeep.bring_up(numbers, is_summed=False)
        db.session.commit()
        done += len(batch)
        progress("people", done)
    rebuild.recount(progress)


class _Batch:
    """The rows of some people, table by table, each once those that it hangs on have numbers."""

    def __init__(self, lives: Sequence[Life]) -> None:
        self.lives, self.mode = lives, gateway().mode
        self.people: list[int] = []
        self.donations: list[int] = []
        self.subscriptions: list[int | None] = []

    def write(self) -> list[int]:
        """The numbers of the people."""
        self.people = _numbered(Person, "email", map(self._person, self.lives))
        _put(Customer, map(self._customer, self.lives, self.people))
        _put(Card, map(self._card, self.lives, self.people))
        self.donations = _numbered(
            Donation, "attempt", map(self._donation, self.lives, self.people)
        )
        self._subscribe()
        self._book()
        return self.people

    def _subscribe(self) -> None:
        places = [place for place, life in enumerate(self.lives) if life.status]
        numbers = _numbered(Subscription, "stripe_id", map(self._subscription, places))
        self.subscriptions = [None] * len(self.lives)
        for place, number in zip(places, numbers, strict=True):
            self.subscriptions[place] = number
        _put(Term, (row for place in places for row in self._terms(place)))
        _put(MembershipPeriod, (row for place in places for row in self._periods(place)))
        _put(FailedPayment, (row for place in places for row in self._failures(place)))

    def _book(self) -> None:
        charges = [row for place in range(len(self.lives)) for row in self._charges(place)]
        booked = _booked(EntryKind.charge, charges)
        refunds = list(self._refunds(booked))
        booked += _booked(EntryKind.refund, refunds)
        settled = [_settlement(number, row) for number, row in booked]
        fees = [
            _fee(number, row, settlement)
            for (number, row), settlement in zip(booked, settled, strict=True)
            if settlement["fee"]
        ]
        _put(LedgerEntry, fees)
        _put(Settlement, settled)

    def _refunds(self, charges: Iterable[tuple[int, Row]]) -> Iterable[Row]:
        first: dict[int, tuple[int, Row]] = {}
        for number, charge in charges:
            first.setdefault(charge["person_id"], (number, charge))
        for life, person in zip(self.lives, self.people, strict=True):
            if life.refund is not None:
                given_back = {
                    "kind": EntryKind.refund,
                    "stripe_source": _id("re", life),
                    "amount": -life.refund.amount,
                    "occurred_at": life.refund.at,
                }
                yield _against(*first[person]) | given_back

    def _person(self, life: Life) -> Row:
        return life.person._asdict() | {"created_at": life.joined}

    def _customer(self, life: Life, person: int) -> Row:
        return {"person_id": person, "mode": self.mode, "stripe_id": _id("cus", life)}

    def _card(self, life: Life, person: int) -> Row:
        brand, expires_on = life.card
        return {
            "stripe_customer": _id("cus", life),
            "mode": self.mode,
            "person_id": person,
            "stripe_id": _id("pm", life),
            "brand": brand,
            "last4": f"{life.number % 10000:04}",
            "expires_on": expires_on,
            "as_of": life.joined,
        }

    def _donation(self, life: Life, person: int) -> Row:
        gift = life.payments[0].gift
        return {
            "public_id": _id("d", life),
            "attempt": _id("attempt", life),
            "mode": self.mode,
            "email": life.person.email,
            "person_id": person,
            "language": life.person.language,
            "interval": gift.interval,
            "amount": gift.amount,
            "currency": gift.currency,
            "tier_id": gift.tier_id,
            **life.origin._asdict(),
            "stripe_customer": _id("cus", life),
            "stripe_session": _id("cs", life),
            "created_at": life.joined,
            "paid_at": life.joined,
        }

    def _subscription(self, place: int) -> Row:
        life = self.lives[place]
        gift, last = life.gift, life.payments[-1]
        return {
            "stripe_id": _id("sub", life),
            "mode": self.mode,
            "person_id": self.people[place],
            "donation_id": self.donations[place],
            "tier_id": gift.tier_id,
            "stripe_customer": _id("cus", life),
            "status": life.status,
            "amount": gift.amount,
            "currency": gift.currency,
            "interval": gift.interval,
            "started_at": life.joined,
            "current_period_end": last.until,
            "cancel_at_period_end": life.ends_at is not None and life.ended_at is None,
            "cancel_at": life.ends_at,
            "cancel_feedback": life.feedback,
            "end_reason": life.reason,
            "ended_at": life.ended_at,
            "paid_until": max(
                (paid.until for paid in _paid(life) if not paid.undone_at), default=None
            ),
            "as_of": life.ended_at or last.since,
        }

    def _terms(self, place: int) -> Iterable[Row]:
        life = self.lives[place]
        for number, payment in enumerate(life.payments):
            if payment.paid_at is not None:
                yield {
                    "mode": self.mode,
                    "person_id": self.people[place],
                    "subscription_id": self.subscriptions[place],
                    "stripe_invoice": _invoice(life, number),
                    "stripe_item": _id("si", life),
                    "settled": Settled.paid,
                    "settled_at": payment.paid_at,
                    "amount": payment.gift.amount,
                    "interval": payment.gift.interval,
                    "interval_count": 1,
                    "tier_id": payment.gift.tier_id,
                    "starts_at": payment.since,
                    "ends_at": payment.until,
                }

    def _periods(self, place: int) -> Iterable[Row]:
        life = self.lives[place]
        stretches = memberships.stretches(_paid(life), life.ended_at)
        for number, (starts, paid_until, ends) in enumerate(stretches, 1):
            yield {
                "person_id": self.people[place],
                "kind": MembershipKind.patron,
                "source": _id("sub", life),
                "number": number,
                "mode": self.mode,
                "starts_at": starts,
                "paid_until": paid_until,
                "ends_at": ends,
            }

    def _failures(self, place: int) -> Iterable[Row]:
        life = self.lives[place]
        for number, payment in enumerate(life.payments):
            if payment.refused_at is not None:
                yield {
                    "stripe_invoice": _invoice(life, number),
                    "stripe_customer": _id("cus", life),
                    "mode": self.mode,
                    "person_id": self.people[place],
                    "subscription_id": self.subscriptions[place],
                    "amount": payment.gift.amount,
                    "currency": payment.gift.currency,
                    "attempts": 1,
                    "reason": payment.reason,
                    "refusal": payment.reason,
                    "failed_at": payment.refused_at,
                    "recovered_at": payment.paid_at,
                }

    def _charges(self, place: int) -> Iterable[Row]:
        life = self.lives[place]
        is_once = life.gift.interval is Interval.once
        for number, payment in enumerate(life.payments):
            if payment.paid_at is not None:
                yield {
                    "kind": EntryKind.charge,
                    "stripe_source": _id("pi", life) if is_once else _invoice(life, number),
                    "mode": self.mode,
                    "person_id": self.people[place],
                    "parent_id": None,
                    "subscription_id": self.subscriptions[place],
                    "donation_id": None if number else self.donations[place],
                    "amount": payment.gift.amount,
                    "currency": payment.gift.currency,
                    "covers_from": None if is_once else payment.since,
                    "covers_until": payment.until,
                    "is_renewal": number > 0,
                    "occurred_at": payment.paid_at,
                }


def _paid(life: Life) -> list[Paid]:
    """What the books show as paid for; what a whole refund paid for ends with it."""
    whole = life.refund is not None and life.refund.amount == life.payments[0].gift.amount
    undone = life.refund.at if life.refund and whole else None
    return [
        Paid(payment.since, payment.until, None if number else undone)
        for number, payment in enumerate(life.payments)
        if payment.paid_at is not None and payment.until is not None
    ]


def _settlement(entry_id: int, entry: Row) -> Row:
    """In the currency paid in; of what is paid Stripe keeps 1.5 % and 25, as of a European card."""
    amount: int = entry["amount"]
    made: datetime = entry["occurred_at"]
    fee = (amount * 15 + 500) // 1000 + 25 if amount > 0 else 0
    return {
        "stripe_id": f"txn_{entry['stripe_source']}",
        "mode": entry["mode"],
        "entry_id": entry_id,
        "gross": amount,
        "fee": fee,
        "net": amount - fee,
        "currency": entry["currency"],
        "created_at": made,
        "available_on": made + PAID_OUT_AFTER,
    }


def _fee(charge_id: int, charge: Row, settlement: Row) -> Row:
    taken = {
        "kind": EntryKind.fee,
        "stripe_source": settlement["stripe_id"],
        "amount": -settlement["fee"],
    }
    return _against(charge_id, charge) | taken


def _against(charge_id: int, charge: Row) -> Row:
    """As `ledger.book_against` hangs a row on its charge."""
    apart = {"covers_from": None, "covers_until": None, "is_renewal": False}
    return charge | apart | {"parent_id": charge_id}


def _id(kind: str, life: Life) -> str:
    """Rising with the number of the life, so that an index only grows at its end."""
    return f"{kind}_crowd{life.number:08}"


def _invoice(life: Life, number: int) -> str:
    return f"{_id('in', life)}_{number:04}"


def _booked(kind: EntryKind, rows: list[Row]) -> list[tuple[int, Row]]:
    """Rows of one kind put into the ledger, each behind its number."""
    return list(zip(_numbered(LedgerEntry, "stripe_source", rows, kind=kind), rows, strict=True))


def _put(table: type[Model], rows: Iterable[Row]) -> None:
    if its := list(rows):
        db.session.execute(sa.insert(table), its)


def _numbered(table: type[Model], key: str, rows: Iterable[Row], **of: EntryKind) -> list[int]:
    """Put them in; the numbers of the rows, in their order. `key` tells them apart, with `of`."""
    its = list(rows)
    _put(table, its)
    columns = sa.inspect(table).columns
    known: dict[str, int] = {}
    for first in range(0, len(its), AT_ONCE):
        keys = [row[key] for row in its[first : first + AT_ONCE]]
        found = sa.select(columns[key], columns["id"]).where(columns[key].in_(keys)).filter_by(**of)
        known.update(iter(db.session.execute(found)))
    return [known[row[key]] for row in its]
