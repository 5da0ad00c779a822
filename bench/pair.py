"""Two things measured in turn, so that whatever else the machine does befalls both."""

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Pair:
    """`ours` and `other` are medians of a rate per second; `ratio` is ours to the other."""

    name: str
    unit: str
    ours: float
    other: float
    ratio: float

    def as_text(self) -> str:
        return (
            f"{self.name:<46} {self.ratio:8.2f}   "
            f"({self.ours:,.0f} to {self.other:,.0f} {self.unit} a second)"
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def in_turn(
    name: str,
    unit: str,
    ours: Callable[[int], int],
    other: Callable[[int], int],
    *,
    rounds: int = 5,
) -> Pair:
    """Run each in turn, `rounds` times; each takes the round's number and says how many it did."""
    rates: dict[str, list[float]] = {"ours": [], "other": []}
    for number in range(rounds):
        for side, work in (("ours", ours), ("other", other)):
            start = time.perf_counter()
            done = work(number)
            rates[side].append(done / (time.perf_counter() - start))
    mine, theirs = statistics.median(rates["ours"]), statistics.median(rates["other"])
    return Pair(name, unit, mine, theirs, mine / theirs)
