"""The pictures of MRR and how it moved, for the pages that show them."""

from collections.abc import Sequence

from flask import url_for
from markupsafe import Markup

from membership.figures.movements import Moved
from membership.figures.spans import By, Span
from membership.history.models import MovementKind
from membership.money import Money
from membership.staff import words
from membership.staff.figures import figure_words, pictures
from membership.staff.figures.pictures import Point
from membership.web import money

GAINS = (
    MovementKind.new,
    MovementKind.reactivation,
    MovementKind.resumption,
    MovementKind.expansion,
)
LOSSES = (MovementKind.churn, MovementKind.contraction, MovementKind.pause)
DRAWN = (*GAINS, *LOSSES)


def pictures_of(
    currency: str, parts: Sequence[Span], by: By, moved: Sequence[Moved]
) -> tuple[Markup, Markup]:
    """Movements as bars, and MRR at the end of each part as a line."""
    return bars(currency, parts, by, moved), _line(currency, parts, by, moved)


def bars(currency: str, parts: Sequence[Span], by: By, moved: Sequence[Moved]) -> Markup:
    """Movements above and below zero; each leads to the people behind it."""
    labels = figure_words.short_labels(parts, by)

    def point(kind: MovementKind, label: str, its: Moved) -> Point:
        total = its.by_kind[kind]
        if not total.times:
            return Point(0, "")
        said = f"{words.movement_name(kind)}, {label}: {_written(total.amount, currency)}"
        return Point(total.amount, said, _address(currency, kind, its.span))

    series = [
        [point(kind, label, its) for label, its in zip(labels, moved, strict=True)]
        for kind in DRAWN
    ]
    return pictures.stacked_bars(labels, series, written=lambda amount: _written(amount, currency))


def drawn(moved: Sequence[Moved]) -> list[tuple[int, str]]:
    """What the colours of the bars mean: of those that are there the number and the name."""
    return [
        (number, words.movement_name(kind))
        for number, kind in enumerate(DRAWN)
        if any(its.by_kind[kind].amount for its in moved)
    ]


def _line(currency: str, parts: Sequence[Span], by: By, moved: Sequence[Moved]) -> Markup:
    labels = figure_words.short_labels(parts, by)
    closing = [
        Point(its.closing.amount, f"{label}: {_written(its.closing.amount, currency)}")
        for label, its in zip(labels, moved, strict=True)
    ]
    return pictures.lines(labels, [closing], written=lambda amount: _written(amount, currency))


def _written(amount: int, currency: str) -> str:
    return money(Money(amount, currency))


def _address(currency: str, kind: MovementKind, span: Span) -> str:
    asked = {"currency": currency, "kind": kind.value, "from": span.first, "to": span.last}
    return url_for("figure_desk.movers_page", **asked)  # type: ignore[arg-type]
