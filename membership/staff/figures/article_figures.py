"""The desk's page of which article won whom."""

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from membership.articles.elements import seen
from membership.articles.elements.seen import Seen
from membership.extensions import settings
from membership.figures import sources
from membership.figures.sources import Source
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
    """Those that won the most, then those most looked at; in six queries."""
    most = seen.most(span, MOST)
    won = {
        article
        for by in ("source", "first_source")
        for article in sources.best(settings.mode, span, by=by, limit=MOST)
    }
    known = most | seen.of(span, won - most.keys())
    before, first = (
        sources.by_article(settings.mode, span, {*known, *won}, by=by)
        for by in ("source", "first_source")
    )
    rows = [
        Row(one, known.get(one, Seen(0, 0)), before.get(one, {}), first.get(one, {}))
        for one in {*known, *won}
    ]
    return sorted(rows, key=lambda row: (-row.people, -row.seen.shown, row.article))[:MOST]
