"""What a person's dated facts come to: how their monthly recurring revenue moved, and when.

Worked out from all facts at once, so that the order in which they became known does not matter.
No database and no clock in here. docs/metrics.md defines each movement, with an example by hand.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from membership.books.models import Interval
from membership.books.term_models import Settled
from membership.history.models import MovementKind
from membership.money import whole

LONGEST_WAIT = timedelta(days=60)
"""Stripe tries a failed renewal for two months at most (docs.stripe.com/billing/revenue-recovery);
what is unpaid for longer was given up, whatever Stripe was told to do with the subscription."""

FAILED = "payment_failed"


@dataclass(frozen=True)
class Item:
    """What an invoice billed for one item, `monthly` in exact minor units a month."""

    id: str
    monthly: Fraction
    starts_at: datetime
    ends_at: datetime
    tier: int
    interval: Interval


@dataclass(frozen=True)
class Bill:
    """The regular lines of one invoice, and what became of it at `settled_at` (UTC).

    `undone_at` is when all of it was given back, or lost to the bank.
    """

    invoice: str
    settled: Settled
    settled_at: datetime
    items: tuple[Item, ...]
    undone_at: datetime | None = None

    @cached_property
    def starts_at(self) -> datetime:
        return min(item.starts_at for item in self.items)

    @cached_property
    def ends_at(self) -> datetime:
        return max(item.ends_at for item in self.items)

    @cached_property
    def counts_from(self) -> datetime:
        return max(self.settled_at, self.starts_at)

    @cached_property
    def rank(self) -> tuple[datetime, datetime, str]:
        """Of two, the later term says what is given now, whichever was paid first."""
        return self.starts_at, self.settled_at, self.invoice


@dataclass(frozen=True, eq=False)
class Life:
    """A subscription by its id at Stripe: its bills, and when (UTC) and why it ended."""

    subscription: str
    currency: str
    bills: tuple[Bill, ...]
    ended_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Move:
    """`amount` in minor units a month; `people` is 1 or -1 where somebody came or went."""

    at: datetime
    currency: str
    kind: MovementKind
    amount: int
    people: int
    subscription: str
    tier: int
    interval: Interval
    reason: str | None = None


class State(NamedTuple):
    """What a subscription gives by the month, exactly, and what it would if it were not paused."""

    giving: Fraction
    paused: Fraction


@dataclass(frozen=True)
class Step:
    """A subscription's state from `at` on, and what it was mostly given for."""

    at: datetime
    state: State
    tier: int
    interval: Interval
    reason: str | None = None


NOTHING = State(Fraction(0), Fraction(0))


def of_person(lives: Mapping[Life, Sequence[Step]]) -> list[Move]:
    """The movements of all `lives` of one person, with the `steps` of each, the oldest first."""
    by_currency: dict[str, dict[str, Sequence[Step]]] = defaultdict(dict)
    for life, its in lives.items():
        by_currency[life.currency][life.subscription] = its
    return [move for currency, its in sorted(by_currency.items()) for move in _moves(currency, its)]


def steps(life: Life, now: datetime) -> list[Step]:
    """The states that one subscription went through up to `now` (UTC), the oldest first.

    What ends by itself later than `now` has not been given up yet; an end that was settled is
    told with the day on which it comes, even where that lies ahead.
    """
    steps: list[Step] = []
    given: dict[str, Item] = {}
    current: Bill | None = None
    for bill in sorted(life.bills, key=lambda bill: (bill.counts_from, bill.rank)):
        if current is not None:
            if bill.rank < current.rank:
                continue
            if (over := current.ends_at + LONGEST_WAIT) <= bill.counts_from:
                steps.append(replace(steps[-1], at=over, state=NOTHING, reason=FAILED))
        if bill.settled is Settled.paid:
            given = _going_on(given, bill) | {item.id: item for item in bill.items}
        steps.append(_step(bill, given, steps[-1].state if steps else NOTHING))
        current = bill
    if current is None:
        return []
    end, reason = _end(life, current)
    if end is None or end > current.ends_at + LONGEST_WAIT:
        end, reason = current.ends_at + LONGEST_WAIT, FAILED
        if end > now:
            return steps
    steps = [step for step in steps if step.at < end]
    if steps:
        steps.append(replace(steps[-1], at=end, state=NOTHING, reason=reason))
    return steps


def _going_on(given: dict[str, Item], bill: Bill) -> dict[str, Item]:
    """What was paid before for longer than to the start of this bill: items may differ in that."""
    return {id: item for id, item in given.items() if item.ends_at > bill.starts_at}


def _step(bill: Bill, given: dict[str, Item], before: State) -> Step:
    largest = max(given.values() or bill.items, key=lambda item: (item.monthly, item.id))
    monthly = sum((item.monthly for item in given.values()), start=Fraction(0))
    state, reason = State(monthly, Fraction(0)), None
    if bill.settled is Settled.waived:
        state = State(Fraction(0), before.giving or before.paused)
    elif bill.settled is Settled.given_up:
        state, reason = NOTHING, FAILED
    return Step(bill.counts_from, state, largest.tier, largest.interval, reason)


def _end(life: Life, last: Bill) -> tuple[datetime | None, str | None]:
    """When nothing is given any more: not before what was paid for is over, unless it came back."""
    if life.ended_at is None:
        return None, None
    if last.settled is not Settled.paid:
        return life.ended_at, life.reason
    paid_until = min(filter(None, (last.ends_at, last.undone_at)))
    return max(life.ended_at, paid_until), life.reason


@dataclass
class _Person:
    """One person's subscriptions in one currency, as they stand while moments pass."""

    currency: str
    states: dict[str, State] = field(default_factory=lambda: defaultdict(lambda: NOTHING))
    has_given: bool = False

    @property
    def giving(self) -> int:
        return whole(sum((state.giving for state in self.states.values()), start=Fraction(0)))

    @property
    def is_paused(self) -> bool:
        return any(state.paused for state in self.states.values())

    def becomes(
        self, at: datetime, kind: MovementKind | None, changed: dict[str, tuple[Step, State]]
    ) -> Iterator[Move]:
        """The movement, if it is one, of several subscriptions at the same moment."""
        if not changed:
            return
        before, was_paused = self.giving, self.is_paused
        largest = max(
            changed, key=lambda one: (abs(_change(self.states[one], changed[one][1])), one)
        )
        for subscription, (_step, state) in changed.items():
            self.states[subscription] = state
        after = self.giving
        kind = kind or self._kind(before, after, is_lapse=was_paused and not self.is_paused)
        if kind is None or (before == after and kind is not MovementKind.lapse):
            return
        step = changed[largest][0]
        self.has_given = True
        yield Move(
            at=at,
            currency=self.currency,
            kind=kind,
            amount=after - before,
            people=(after > 0) - (before > 0),
            subscription=largest,
            tier=step.tier,
            interval=step.interval,
            reason=step.reason if kind in LEAVING else None,
        )

    def _kind(self, before: int, after: int, *, is_lapse: bool) -> MovementKind | None:
        if before == after:
            return MovementKind.lapse if is_lapse and not after else None
        if not before:
            return MovementKind.reactivation if self.has_given else MovementKind.new
        if not after:
            return MovementKind.churn
        return MovementKind.expansion if after > before else MovementKind.contraction


LEAVING = (MovementKind.churn, MovementKind.lapse)


def _moves(currency: str, lives: Mapping[str, Sequence[Step]]) -> Iterator[Move]:
    """At each moment pauses first, then what goes on after one, then all the rest together."""
    moments: dict[datetime, dict[str, Step]] = defaultdict(dict)
    for subscription, steps in lives.items():
        for step in steps:
            moments[step.at][subscription] = step
    person = _Person(currency)
    for at, steps_now in sorted(moments.items()):
        pauses, resumptions, rest = {}, {}, {}
        for subscription, step in sorted(steps_now.items()):
            before = person.states[subscription]
            if before.giving and step.state.paused:
                pauses[subscription] = step, State(Fraction(0), before.giving)
            if before.paused and step.state.giving:
                resumptions[subscription] = step, State(before.paused, Fraction(0))
            rest[subscription] = step, step.state
        yield from person.becomes(at, MovementKind.pause, pauses)
        yield from person.becomes(at, MovementKind.resumption, resumptions)
        yield from person.becomes(at, None, rest)


def _change(before: State, after: State) -> Fraction:
    return after.giving - before.giving
