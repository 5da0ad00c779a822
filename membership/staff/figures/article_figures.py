"""The desk's page of which article won whom."""

from collections.abc import Collection
from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from membership.articles.elements import seen
from membership.articles.elements.seen import Seen
from membership.extensions import settings
from membership.figures.sources import Source, by_article
from membership.figures.spans import Span
from membership.staff.access import staff_only
from membership.staff.figures.figure_forms import SpanForm

bp = Blueprint("article_figures", __name__, url_prefix="/staff/figures")
bp.before_request(staff_only)

MOST = 50


@dataclass(frozen=True)
class Row:
    """`before` and `first` are by currency: who gave right after it, and who came by it first."""

    article: str
    seen: Seen
    before: dict[str, Source]
    first: dict[str, Source]

    @property
    def people(self) -> int:
        return sum(one.came for one in self.before.values())


@bp.get("/articles")
def articles_page() -> ResponseReturnValue:
    form = SpanForm()
    if not form.read():
        return render_template("staff/figures/articles.html", form=form, rows=[]), 422
    return render_template(
        "staff/figures/articles.html", form=form, span=form.span, rows=_rows(form.span), most=MOST
    )


def _rows(span: Span) -> list[Row]:
    """Those that won the most, then those most looked at; in four queries."""
    before, first = (by_article(settings.mode, span, by=by) for by in ("source", "first_source"))
    most = seen.most(span, MOST)
    known = most | seen.of(span, {*_best(before), *_best(first)} - most.keys())
    rows = [
        Row(one, known.get(one, Seen(0, 0)), before.get(one, {}), first.get(one, {}))
        for one in {*known, *_best(before), *_best(first)}
    ]
    return sorted(rows, key=lambda row: (-row.people, -row.seen.shown, row.article))[:MOST]


def _best(by: dict[str, dict[str, Source]]) -> Collection[str]:
    came = {article: sum(one.came for one in its.values()) for article, its in by.items()}
    return sorted(came, key=lambda article: (-came[article], article))[:MOST]
