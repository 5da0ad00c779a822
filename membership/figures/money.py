"""Money that came in, by how it came, less what went back; and what Stripe kept and settled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from config import Mode
from membership.books.models import EntryKind
from membership.figures.spans import By, Span
from membership.figures.totals import BEFORE, by_value, totals
from membership.history.booked import BOOKED, RENEWAL, SETTLED, SETTLED_FEE, Way
from membership.history.sums import NOTHING, Total, added
from membership.money import Money, whole

GIVEN = (EntryKind.charge, EntryKind.offline)
BACK = (EntryKind.refund, EntryKind.refund_reversal)
CONTESTED = (EntryKind.dispute, EntryKind.dispute_reversal)

Booked = dict[tuple[EntryKind, Way], Total]


@dataclass(frozen=True)
class Received:
    """In one currency and span, minor units: what was booked, and what Stripe settled in it."""

    span: Span
    booked: Booked
    settled: Total
    settled_fee: Total

    def of(self, kinds: Sequence[EntryKind], ways: Sequence[Way] = tuple(Way)) -> Total:
        its = (self.booked.get((kind, way), NOTHING) for kind in kinds for way in ways)
        return added(its)

    @property
    def given(self) -> dict[Way, Total]:
        """What came in, by how it came."""
        return {way: self.of(GIVEN, [way]) for way in Way}

    @property
    def ways_given(self) -> list[Way]:
        """Those in which anything came in."""
        return [way for way, total in self.given.items() if total.times]

    @property
    def refunded(self) -> Total:
        return self.of(BACK)

    @property
    def contested(self) -> Total:
        return self.of(CONTESTED)

    @property
    def fees(self) -> Total:
        return self.of([EntryKind.fee])

    @property
    def received(self) -> int:
        """Given, less what was refunded or contested; fees are not taken off."""
        return self.of([*GIVEN, *BACK, *CONTESTED]).amount

    @property
    def net(self) -> int:
        """Received, less the fees that were kept in this currency."""
        return self.received + self.fees.amount

    def average(self, way: Way) -> int | None:
        """Of what was given in one way, rounded halves to even; None if nothing was."""
        total = self.given[way]
        return whole(Fraction(total.amount, total.times)) if total.times > 0 else None

    def plus(self, other: "Received") -> "Received":
        """Both together; `other` follows."""
        kinds = self.booked.keys() | other.booked.keys()
        booked = {
            one: self.booked.get(one, NOTHING).plus(other.booked.get(one, NOTHING)) for one in kinds
        }
        span = Span(self.span.first, other.span.last)
        fee = self.settled_fee.plus(other.settled_fee)
        return Received(span, booked, self.settled.plus(other.settled), fee)


def received(mode: Mode, spans: Sequence[Span]) -> dict[str, list[Received]]:
    """By currency, of each of `spans`, which follow each other; two queries."""
    kinds = {figure: kind for kind, figure in BOOKED.items()}
    booked: dict[tuple[str, int], Booked] = {}
    for key, total in totals(mode, kinds, spans, by="way").items():
        its = booked.setdefault((key.currency, key.part), {})
        its[kinds[key.figure], Way(key.value)] = total
    settled = {
        (key.currency, key.part, key.figure): total
        for key, total in totals(mode, (SETTLED, SETTLED_FEE), spans).items()
    }
    currencies = {key[0] for key in booked} | {key[0] for key in settled}
    return {
        currency: [
            Received(
                span,
                booked.get((currency, part), {}),
                settled.get((currency, part, SETTLED), NOTHING),
                settled.get((currency, part, SETTLED_FEE), NOTHING),
            )
            for part, span in enumerate(spans)
        ]
        for currency in sorted(currencies)
    }


def renewals(mode: Mode, spans: Sequence[Span]) -> dict[tuple[str, int], Total]:
    """Renewals that were paid, by currency and the place of their span; one query."""
    found = totals(mode, [BOOKED[EntryKind.charge]], spans, by=RENEWAL)
    return {(key.currency, key.part): total for key, total in found.items() if key.part != BEFORE}


def on_the_balance(mode: Mode) -> dict[str, Money]:
    """What our movements ever came to on the Stripe balance, by its currencies; one query."""
    its = by_value(mode, (SETTLED,), Span(date.min, date.max), by="")
    return {code: Money(its[code][""].amount, code) for code in sorted(its)}


def as_json(mode: Mode, span: Span, by: By) -> dict[str, Any]:
    """By currency, for each part of `span`; minor units."""
    return {
        currency: [_one_as_json(its) for its in parts]
        for currency, parts in received(mode, span.cut(by)).items()
    }


def _one_as_json(its: Received) -> dict[str, Any]:
    return {
        "from": its.span.first.isoformat(),
        "to": its.span.last.isoformat(),
        **{way.value: {"amount": t.amount, "times": t.times} for way, t in its.given.items()},
        "refunded": its.refunded.amount,
        "contested": its.contested.amount,
        "received": its.received,
        "fees": its.fees.amount,
        "net": its.net,
        "settled": its.settled.amount,
    }
