"""Monthly recurring revenue and how it moved, from the sums that the books keep."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from config import Mode
from membership.days import today
from membership.figures.spans import By, Span
from membership.figures.totals import BEFORE, Key, totals
from membership.history.models import MovementKind
from membership.history.sums import NOTHING, Total, added
from membership.money import Money

KINDS = [kind.value for kind in MovementKind]


@dataclass(frozen=True)
class Moved:
    """MRR (minor units a month) and who gave it, before and after a span, and what lay between.

    `opening` plus all of `by_kind` is `closing`, in money and in people.
    """

    span: Span
    opening: Total
    by_kind: dict[MovementKind, Total]

    @property
    def closing(self) -> Total:
        return added([self.opening, *self.by_kind.values()])


def moved(mode: Mode, spans: Sequence[Span]) -> dict[str, list[Moved]]:
    """By currency, for each of `spans`, which follow each other; one query."""
    found = totals(mode, KINDS, spans)
    return {
        currency: _followed(found, currency, spans)
        for currency in sorted({key.currency for key in found})
    }


def joined(parts: Sequence[Moved]) -> Moved:
    """What moved in all of `parts`, which follow each other."""
    by_kind = {kind: added(part.by_kind[kind] for part in parts) for kind in MovementKind}
    return Moved(Span(parts[0].span.first, parts[-1].span.last), parts[0].opening, by_kind)


def mrr(mode: Mode, day: date | None = None) -> dict[str, Money]:
    """Monthly recurring revenue at the end of `day`, or as it is now; one query."""
    day = day or today()
    return {
        currency: Money(its.closing.amount, currency)
        for currency, (its,) in moved(mode, [Span(day, day)]).items()
        if its.closing.amount
    }


def as_json(mode: Mode, span: Span, by: By) -> dict[str, Any]:
    """By currency, for each part of `span`; amounts are minor units a month."""
    return {
        currency: [_one_as_json(its) for its in parts]
        for currency, parts in moved(mode, span.cut(by)).items()
    }


def _one_as_json(its: Moved) -> dict[str, Any]:
    return {
        "from": its.span.first.isoformat(),
        "to": its.span.last.isoformat(),
        "opening": _given(its.opening),
        **{kind.value: total._asdict() for kind, total in its.by_kind.items()},
        "closing": _given(its.closing),
    }


def _given(total: Total) -> dict[str, int]:
    return {"amount": total.amount, "people": total.people}


def _followed(found: dict[Key, Total], currency: str, spans: Sequence[Span]) -> list[Moved]:
    def total(part: int, kind: str) -> Total:
        return found.get(Key(currency, part, kind, ""), NOTHING)

    opening = added(total(BEFORE, kind) for kind in KINDS)
    followed = []
    for part, span in enumerate(spans):
        by_kind = {kind: total(part, kind.value) for kind in MovementKind}
        followed.append(Moved(span, opening, by_kind))
        opening = followed[-1].closing
    return followed
