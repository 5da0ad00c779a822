"""The desk's pages of figures about people: supporters, recovery, what is coming, and sources."""

from collections.abc import Sequence

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from membership.books import disputes, tiers
from membership.extensions import db, settings
from membership.figures import coming, recovery, sources, supporters
from membership.figures.spans import By, Span
from membership.figures.supporters import Supported
from membership.history.models import Outcome, SupporterMove
from membership.money import Money
from membership.rounds import followed
from membership.staff import words
from membership.staff.access import staff_only
from membership.staff.figures import figure_words, pictures
from membership.staff.figures.figure_forms import SpanForm
from membership.staff.figures.pictures import Point
from membership.web import language_name, money, number

bp = Blueprint("supporter_figures", __name__, url_prefix="/staff/figures")
bp.before_request(staff_only)

COLOURS = {SupporterMove.new: 0, SupporterMove.returned: 1, SupporterMove.lost: 4}
"""As gains and losses are drawn on the page of revenue."""

DISPUTES = 20
MOST = 50


@bp.get("/supporters")
def supporters_page() -> ResponseReturnValue:
    form = SpanForm()
    if not form.read():
        return render_template("staff/figures/supporters.html", form=form, parts=[]), 422
    parts, by = form.parts, By(form.by.data)
    supported = supporters.supported(settings.mode, parts)
    names = figure_words.value_names(tiers.every())
    names["language"] = {code: language_name(code) for code in settings.languages}
    names["currency"] = {code: figure_words.currency_name(code) for code in settings.currencies}
    return render_template(
        "staff/figures/supporters.html",
        form=form,
        labels=figure_words.labels(parts, by),
        parts=supported,
        whole=supporters.joined(supported),
        before=supporters.supported(settings.mode, [form.span.before])[0],
        counted=supporters.counted(settings.mode, form.span.last),
        names=names,
        moves=COLOURS,
        pictures=_supporters_pictures(figure_words.short_labels(parts, by), supported),
    )


@bp.get("/recovery")
def recovery_page() -> ResponseReturnValue:
    form = SpanForm()
    if not form.read():
        return render_template("staff/figures/recovery.html", form=form, figures={}), 422
    parts, by = form.parts, By(form.by.data)
    return render_template(
        "staff/figures/recovery.html",
        form=form,
        labels=figure_words.labels(parts, by),
        figures=recovery.recoveries(settings.mode, parts),
        names=figure_words.value_names([]),
        outcomes=Outcome,
    )


@bp.get("/coming")
def coming_page() -> ResponseReturnValue:
    shown, found = coming.span(), coming.coming(settings.mode)
    weeks = shown.cut(By.week)
    return render_template(
        "staff/figures/coming.html",
        span=shown,
        weeks=weeks,
        figures=found,
        disputes=db.session.scalars(disputes.unanswered(settings.mode).limit(DISPUTES)).all(),
        pictures={
            currency: _renewals_picture(currency, shown.cut(By.day), its)
            for currency, its in found.items()
        },
    )


@bp.get("/sources")
def sources_page() -> ResponseReturnValue:
    form = SpanForm()
    if not form.read():
        return render_template("staff/figures/sources.html", form=form, figures={}), 422
    return render_template(
        "staff/figures/sources.html",
        form=form,
        span=form.span,
        figures=sources.sources(settings.mode, form.span, most=MOST),
        most=MOST,
    )


@bp.get("/votes")
def votes_page() -> ResponseReturnValue:
    return render_template(
        "staff/figures/votes.html",
        ever=followed.ever_voted(),
        followed=followed.latest(),
        months=[months for months in followed.MONTHS if months],
        fewest=followed.FEWEST,
    )


def _supporters_pictures(
    labels: Sequence[str], supported: Sequence[Supported]
) -> tuple[Markup, Markup]:
    """Who came and went as bars, and how many there were as a line."""
    drawn = {colour: move for move, colour in COLOURS.items()}

    def point(colour: int, label: str, its: Supported) -> Point:
        if colour not in drawn:
            return Point(0, "")
        move = drawn[colour]
        count = its.by_move[move].people
        if not count:
            return Point(0, "")
        said = f"{words.supporter_move_name(move)}, {label}: {number(count)}"
        return Point(count, said)

    bars = [
        [point(colour, label, its) for label, its in zip(labels, supported, strict=True)]
        for colour in range(max(drawn) + 1)
    ]
    closing = [
        Point(its.closing, f"{label}: {number(its.closing)}")
        for label, its in zip(labels, supported, strict=True)
    ]
    return (
        pictures.stacked_bars(labels, bars, written=number),
        pictures.lines(labels, [closing], written=number),
    )


def _renewals_picture(currency: str, days: Sequence[Span], its: coming.Coming) -> Markup:
    def written(amount: int) -> str:
        return money(Money(amount, currency))

    labels = figure_words.short_labels(days, By.day)
    bars = []
    for label, day in zip(labels, days, strict=True):
        total = its.renewals[day.first]
        said = _("%(day)s: %(amount)s", day=label, amount=written(total.amount))
        bars.append(Point(total.amount, said))
    return pictures.stacked_bars(labels, [bars], written=written, is_ahead=True)
