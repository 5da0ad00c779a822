"""Who stays: each month's newcomers as time goes on, and what becomes of the revenue there was.

docs/metrics.md, "Retention", has the formulas and works them by hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import accumulate

from dateutil.relativedelta import relativedelta

from config import Mode
from membership.figures import spans
from membership.figures.movements import KINDS
from membership.figures.totals import BEFORE, totals
from membership.history.models import MovementKind
from membership.history.sums import NOTHING, Total

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


@dataclass
class Flow:
    """What the movements of one cohort in a month come to; `came` and `lost` are part of `all`."""

    all: Total = NOTHING
    came: Total = NOTHING
    lost: Total = NOTHING


# By the number of a month, or BEFORE, and by the cohort; those before all months are one.
Flows = dict[int, dict[str, Flow]]


def retention(mode: Mode, months: Sequence[date]) -> dict[str, Retention]:
    """By currency, of `months` (their first days), which follow each other; one query."""
    earliest = months[0] - A_YEAR
    parts = [earliest + relativedelta(months=number) for number in range(12 + len(months))]
    return {
        currency: Retention(
            cohorts=[
                cohort for month in months if (cohort := _cohort(its, parts, month)) is not None
            ],
            monthly=_kept(its, parts, months, A_MONTH),
            yearly=_kept(its, parts, months, A_YEAR),
        )
        for currency, its in sorted(_flows(mode, parts).items())
    }


def _flows(mode: Mode, months: Sequence[date]) -> dict[str, Flows]:
    flows: dict[str, Flows] = {}
    found = totals(
        mode, KINDS, [spans.month(month) for month in months], by="cohort", since=_name(months[0])
    )
    for key, total in found.items():
        its = flows.setdefault(key.currency, {part: {} for part in range(BEFORE, len(months))})
        flow = its[key.part].setdefault(key.value, Flow())
        flow.all = flow.all.plus(total)
        if key.figure == MovementKind.new:
            flow.came = flow.came.plus(total)
        elif key.figure in LOSSES:
            flow.lost = flow.lost.plus(total)
    return flows


def _name(month: date) -> str:
    """By which the sums know a cohort."""
    return f"{month:%Y-%m}"


def _cohort(flows: Flows, parts: Sequence[date], month: date) -> Cohort | None:
    name, first = _name(month), parts.index(month)
    came = flows[first].get(name, Flow()).came
    if not came.people:
        return None
    left, total = [], NOTHING
    for part in range(first, len(parts)):
        total = total.plus(flows[part].get(name, Flow()).all)
        left.append((parts[part], total))
    return Cohort(month, came, left)


def _kept(
    flows: Flows, parts: Sequence[date], months: Sequence[date], span: relativedelta
) -> list[Kept]:
    """Of what those gave who had come by the end of the month a `span` before each of `months`."""
    # Nobody moves before they came, so all that stood at the end of a month is theirs.
    standing = list(
        accumulate(
            sum(flow.all.amount for flow in flows[part].values())
            for part in range(BEFORE, len(parts))
        )
    )
    kept = []
    for month in months:
        start = month - span
        begun, until = parts.index(start), parts.index(month)
        at_start, name = standing[begun - BEFORE], _name(start)
        since = [
            flow
            for part in range(begun + 1, until + 1)
            for cohort, flow in flows[part].items()
            if cohort <= name
        ]
        change = sum(flow.all.amount for flow in since)
        lost = sum(flow.lost.amount for flow in since)
        if at_start > 0:
            gross = max(Fraction(at_start + lost, at_start), Fraction(0))
            kept.append(Kept(month, Fraction(at_start + change, at_start), gross))
        else:
            kept.append(Kept(month, None, None))
    return kept
