"""Supporters: members of whatever kind, each person once, from the sums that the books keep."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from config import Mode
from membership.days import today
from membership.figures.spans import By, Span
from membership.figures.totals import BEFORE, Key, totals
from membership.history.models import SupporterMove
from membership.history.sums import NOTHING, Total, added
from membership.history.supporters import FIGURES

BY = ("kind", "tier", "interval", "currency", "language")
MOVES = (SupporterMove.new, SupporterMove.returned, SupporterMove.lost)


@dataclass(frozen=True)
class Supported:
    """How many there were before and after a span; `opening` and all of `by_move` is `closing`."""

    span: Span
    opening: int
    by_move: dict[SupporterMove, Total]

    @property
    def closing(self) -> int:
        return self.opening + sum(total.people for total in self.by_move.values())


def supported(mode: Mode, spans: Sequence[Span]) -> list[Supported]:
    """Of each of `spans`, which follow each other; one query."""
    found = totals(mode, FIGURES.values(), spans)

    def total(part: int, move: SupporterMove) -> Total:
        return found.get(Key("", part, FIGURES[move], ""), NOTHING)

    opening = sum(total(BEFORE, move).people for move in MOVES)
    followed = []
    for part, span in enumerate(spans):
        its = Supported(span, opening, {move: total(part, move) for move in MOVES})
        followed.append(its)
        opening = its.closing
    return followed


def joined(parts: Sequence[Supported]) -> Supported:
    """What changed in all of `parts`, which follow each other."""
    by_move = {move: added(part.by_move[move] for part in parts) for move in MOVES}
    return Supported(Span(parts[0].span.first, parts[-1].span.last), parts[0].opening, by_move)


def active(mode: Mode, day: date | None = None) -> int:
    """At the end of `day`, or today; one query."""
    day = day or today()
    [its] = supported(mode, [Span(day, day)])
    return its.closing


def counted(mode: Mode, day: date) -> dict[str, list[tuple[str, int]]]:
    """At the end of `day`, by each thing in BY: its values with how many, the most first."""
    return {by: _counted(mode, day, by) for by in BY}


def of_tiers(mode: Mode) -> dict[int, int]:
    """At the end of today, by the number of the tier; one query."""
    return {int(tier): count for tier, count in _counted(mode, today(), "tier")}


def _counted(mode: Mode, day: date, by: str) -> list[tuple[str, int]]:
    people: dict[str, int] = {}
    for key, total in totals(mode, FIGURES.values(), [Span(day, day)], by=by).items():
        people[key.value] = people.get(key.value, 0) + total.people
    there = [(value, count) for value, count in people.items() if count > 0]
    return sorted(there, key=lambda pair: (-pair[1], pair[0]))


def as_json(mode: Mode, span: Span, by: By) -> dict[str, Any]:
    """People; `by` are those at the end of `span`."""
    return {
        "parts": [
            {
                "from": its.span.first.isoformat(),
                "to": its.span.last.isoformat(),
                "opening": its.opening,
                **{move.value: total.times for move, total in its.by_move.items()},
                "closing": its.closing,
            }
            for its in supported(mode, span.cut(by))
        ],
        "by": {name: dict(values) for name, values in counted(mode, span.last).items()},
    }
