"""Renewals that failed at first: how many, what became of them, how long it took, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from config import Mode
from membership.days import today
from membership.figures import money
from membership.figures.spans import By, Span
from membership.figures.totals import BEFORE, by_value, totals
from membership.history.models import Outcome
from membership.history.recoveries import FIGURES
from membership.history.sums import NOTHING, Total

SIGN = {Outcome.failed: 1, Outcome.recovered: -1, Outcome.lost: -1}
"""Whether it brings one into recovery, or out of it."""


@dataclass(frozen=True)
class Part:
    """In one currency and span. `paid` are all renewals paid in it, at once or after all.

    `open` are those that had failed by its end and had neither been recovered nor lost.
    """

    span: Span
    paid: Total
    by_outcome: dict[Outcome, Total]
    open: Total

    @property
    def failed_at_first(self) -> Fraction | None:
        """Of the renewals that fell due, how many were refused; None if none fell due."""
        due = self.paid.times - self.recovered.times + self.failed.times
        return Fraction(self.failed.times, due) if due > 0 else None

    @property
    def failed(self) -> Total:
        return self.by_outcome[Outcome.failed]

    @property
    def recovered(self) -> Total:
        return self.by_outcome[Outcome.recovered]

    @property
    def lost(self) -> Total:
        return self.by_outcome[Outcome.lost]

    @property
    def recovery_rate(self) -> Fraction | None:
        """Of those decided in the span, how many were recovered."""
        decided = self.recovered.times + self.lost.times
        return Fraction(self.recovered.times, decided) if decided else None


@dataclass
class Recoveries:
    """In one currency: the parts of a span, all of it, and all of it by refusal and by time."""

    parts: list[Part]
    whole: Part
    by_refusal: dict[str, dict[Outcome, Total]] = field(default_factory=dict)
    by_time: dict[str, Total] = field(default_factory=dict)


def recoveries(mode: Mode, spans: Sequence[Span]) -> dict[str, Recoveries]:
    """By currency, of `spans`, which follow each other; five queries."""
    all_of_it = Span(spans[0].first, spans[-1].last)
    parts, wholes = _parts(mode, spans), _parts(mode, [all_of_it])
    found = {
        currency: Recoveries(parts[currency], wholes[currency][0])
        for currency in sorted(parts.keys() & wholes.keys())
    }
    outcomes = {figure: outcome for outcome, figure in FIGURES.items()}
    refused = totals(mode, outcomes, [all_of_it], by="refusal", has_before=False)
    for key, total in refused.items():
        by_refusal = found[key.currency].by_refusal
        by_refusal.setdefault(key.value, {})[outcomes[key.figure]] = total
    recovered = by_value(mode, [FIGURES[Outcome.recovered]], all_of_it, by="took")
    for currency, by_time in recovered.items():
        found[currency].by_time = by_time
    return found


def in_recovery(mode: Mode) -> dict[str, Total]:
    """Renewals that have failed and are neither recovered nor lost, by currency; one query."""
    outcomes = {figure: outcome for outcome, figure in FIGURES.items()}
    still: dict[str, Total] = {}
    for key, total in totals(mode, outcomes, [Span(today(), today())]).items():
        sign = SIGN[outcomes[key.figure]]
        still[key.currency] = still.get(key.currency, NOTHING).plus(total, sign)
    return {currency: total for currency, total in sorted(still.items()) if total.times > 0}


def _parts(mode: Mode, spans: Sequence[Span]) -> dict[str, list[Part]]:
    outcomes = {figure: outcome for outcome, figure in FIGURES.items()}
    told = {
        (key.currency, key.part, outcomes[key.figure]): total
        for key, total in totals(mode, outcomes, spans).items()
    }
    paid = money.renewals(mode, spans)
    found: dict[str, list[Part]] = {}
    for currency in {key[0] for key in told} | {key[0] for key in paid}:
        its = found.setdefault(currency, [])
        still = NOTHING
        for part in range(BEFORE, len(spans)):
            by_outcome = {one: told.get((currency, part, one), NOTHING) for one in Outcome}
            for one, total in by_outcome.items():
                still = still.plus(total, SIGN[one])
            if part != BEFORE:
                renewed = paid.get((currency, part), NOTHING)
                its.append(Part(spans[part], renewed, by_outcome, still))
    return found


def as_json(mode: Mode, span: Span, by: By) -> dict[str, Any]:
    """By currency, for each part of `span`; minor units."""
    return {
        currency: [
            {
                "from": part.span.first.isoformat(),
                "to": part.span.last.isoformat(),
                "renewed": _told(part.paid),
                **{outcome.value: _told(part.by_outcome[outcome]) for outcome in Outcome},
                "in_recovery": _told(part.open),
            }
            for part in its.parts
        ]
        for currency, its in recoveries(mode, span.cut(by)).items()
    }


def _told(total: Total) -> dict[str, int]:
    return {"amount": total.amount, "times": total.times}
