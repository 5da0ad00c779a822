"""Who stays: each month's newcomers as time goes on, and what becomes of the revenue there was.

docs/metrics.md, "Retention", has the formulas and works them by hand.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from dateutil.relativedelta import relativedelta

from config import Mode
from membership.figures import spans
from membership.figures.movements import KINDS
from membership.figures.totals import BEFORE, totals
from membership.history.models import MovementKind
from membership.history.sums import NOTHING, Total, added

A_MONTH, A_YEAR = relativedelta(months=1), relativedelta(years=1)
LOSSES = (MovementKind.contraction, MovementKind.pause, MovementKind.churn)


@dataclass(frozen=True)
class Cohort:
    """Who first gave in one month, and what was left of them at the end of that and later months.

    `came` is how many they were and what they gave by the month (minor units) at first.
    """

    month: date
    came: Total
    left: list[tuple[date, Total]]


@dataclass(frozen=True)
class Kept:
    """Of MRR at the start, how much there was at the end: with what came back and grew (`net`),
    and without (`gross`). None where there was nothing at the start."""

    month: date
    net: Fraction | None
    gross: Fraction | None


@dataclass(frozen=True)
class Retention:
    """In one currency; `monthly` and `yearly` (the twelve months up to the end of each month)."""

    cohorts: list[Cohort]
    monthly: list[Kept]
    yearly: list[Kept]


Moves = dict[tuple[str, int], dict[MovementKind, Total]]


def retention(mode: Mode, months: Sequence[date]) -> dict[str, Retention]:
    """By currency, of `months` (their first days), which follow each other; one query."""
    earliest = months[0] - A_YEAR
    parts = [earliest + relativedelta(months=number) for number in range(12 + len(months))]
    found = totals(mode, KINDS, [spans.month(month) for month in parts], by="cohort")
    moves: dict[str, Moves] = defaultdict(lambda: defaultdict(dict))
    for key, total in found.items():
        moves[key.currency][key.value, key.part][MovementKind(key.figure)] = total
    return {
        currency: Retention(
            cohorts=[
                cohort for month in months if (cohort := _cohort(its, parts, month)) is not None
            ],
            monthly=[_kept(its, parts, month, month - A_MONTH) for month in months],
            yearly=[_kept(its, parts, month, month - A_YEAR) for month in months],
        )
        for currency, its in sorted(moves.items())
    }


def _cohort(moves: Moves, parts: Sequence[date], month: date) -> Cohort | None:
    name, first = f"{month:%Y-%m}", parts.index(month)
    came = moves.get((name, first), {}).get(MovementKind.new, NOTHING)
    if not came.people:
        return None
    left, total = [], NOTHING
    for part in range(first, len(parts)):
        total = added([total, *moves.get((name, part), {}).values()])
        left.append((parts[part], total))
    return Cohort(month, came, left)


def _kept(moves: Moves, parts: Sequence[date], month: date, start: date) -> Kept:
    """Of those who had come by the end of the month `start`, at the end of `month`."""
    begun, until = parts.index(start), parts.index(month)
    at_start = change = lost = 0
    for (cohort, part), by_kind in moves.items():
        if cohort > f"{start:%Y-%m}" or part > until:
            continue
        amount = sum(total.amount for total in by_kind.values())
        if part <= begun or part == BEFORE:
            at_start += amount
        else:
            change += amount
            lost += sum(by_kind[kind].amount for kind in LOSSES if kind in by_kind)
    if at_start <= 0:
        return Kept(month, None, None)
    gross = max(Fraction(at_start + lost, at_start), Fraction(0))
    return Kept(month, Fraction(at_start + change, at_start), gross)
