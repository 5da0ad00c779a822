"""The desk's pages of figures: each number leads to the list that it is made of."""

from collections.abc import Iterator, Sequence
from datetime import date

from dateutil.relativedelta import relativedelta
from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from membership.books import tiers
from membership.extensions import settings
from membership.figures import (
    committed,
    givers,
    leaving,
    movements,
    movers,
    retention,
    spans,
    value,
)
from membership.figures import money as money_in
from membership.figures.movements import Moved
from membership.figures.spans import By, Span
from membership.history.booked import Way
from membership.history.models import MovementKind
from membership.history.movements import LEAVING
from membership.paging import asked_for, page_of
from membership.staff import sheets
from membership.staff.access import staff_only
from membership.staff.figures import figure_words, movement_pictures
from membership.staff.figures.figure_forms import SpanForm
from membership.staff.money.payment_forms import ENTRIES_OF

bp = Blueprint("figure_desk", __name__, url_prefix="/staff/figures")
bp.before_request(staff_only)

figure_words.init_app(bp)

MOST = 10
"""Of the articles that those who left had come from."""


@bp.get("/revenue")
def revenue() -> ResponseReturnValue:
    form = SpanForm()
    if not form.read():
        return render_template("staff/figures/revenue.html", form=form, moved={}), 422
    parts = form.parts
    by = By(form.by.data)
    labels = figure_words.labels(parts, by)
    moved = movements.moved(settings.mode, parts)
    before = movements.moved(settings.mode, [form.span.before])
    return render_template(
        "staff/figures/revenue.html",
        form=form,
        kinds=(*movement_pictures.DRAWN, MovementKind.lapse),
        labels=labels,
        moved=moved,
        whole={currency: movements.joined(its) for currency, its in moved.items()},
        before={currency: its[0] for currency, its in before.items()},
        committed=committed.committed(settings.mode) if form.is_up_to_now else {},
        received=money_in.received(settings.mode, parts),
        pictures={
            currency: movement_pictures.pictures_of(currency, parts, by, its)
            for currency, its in moved.items()
        },
        drawn={currency: movement_pictures.drawn(its) for currency, its in moved.items()},
        ways={
            Way.recurring: _("Again and again"),
            Way.once: _("Once"),
            Way.offline: _("Outside Stripe"),
        },
        entries_of=ENTRIES_OF,
    )


@bp.get("/retention")
def retention_page() -> ResponseReturnValue:
    form = SpanForm()
    if not form.read():
        return render_template("staff/figures/retention.html", form=form, kept={}), 422
    months = [part.first.replace(day=1) for part in form.span.cut(By.month)]
    return render_template(
        "staff/figures/retention.html",
        form=form,
        months=len(months),
        kept=retention.retention(settings.mode, months),
        values=value.values(settings.mode, _last_year(form.span)),
    )


def _last_year(span: Span) -> dict[str, list[Moved]]:
    """The twelve months up to the end of `span`, which the share that leaves is taken from."""
    since = span.last.replace(day=1) - relativedelta(months=11)
    return movements.moved(settings.mode, Span(since, span.last).cut(By.month))


@bp.get("/leaving")
def leaving_page() -> ResponseReturnValue:
    form = SpanForm()
    if not form.read():
        return render_template("staff/figures/leaving.html", form=form, left={}), 422
    names = figure_words.value_names(tiers.every())
    return render_template(
        "staff/figures/leaving.html",
        form=form,
        span=form.span,
        kinds=[kind.value for kind in LEAVING],
        left=leaving.leaving(settings.mode, form.span),
        most=MOST,
        names=names,
    )


@bp.get("/givers")
def givers_page() -> ResponseReturnValue:
    currency, day, began = _asked_givers()
    page = page_of(givers.listing(settings.mode, currency, day, began).page)
    return render_template(
        "staff/figures/givers.html",
        currency=currency,
        day=day,
        began=began,
        page=page,
        asked=asked_for(),
    )


@bp.get("/givers.csv")
def givers_sheet() -> Response:
    """Days are those of the newsroom's time zone; amounts are by the month."""
    currency, day, began = _asked_givers()
    rows = givers.listing(settings.mode, currency, day, began).every()
    return sheets.answer(
        f"givers-{day}",
        ("name", "e-mail", "since", "by the month", "currency"),
        ((row.name, row.email, row.began, row.monthly.major, currency) for row in rows),
    )


@bp.get("/movements")
def movers_page() -> ResponseReturnValue:
    currency, kinds, span, narrowed = _asked()
    page = page_of(movers.listing(settings.mode, currency, kinds, span, narrowed).page)
    return render_template(
        "staff/figures/movers.html",
        currency=currency,
        kinds=kinds,
        span=span,
        narrowed=_narrowed_names(narrowed),
        page=page,
        asked=asked_for(),
    )


@bp.get("/movements.csv")
def movers_sheet() -> Response:
    """Days are those of the newsroom's time zone; amounts are by the month."""
    currency, kinds, span, narrowed = _asked()
    heads = ("day", "movement", "name", "e-mail", "change", "currency", "interval", "reason")
    return sheets.answer(
        f"movements-{span.first}-{span.last}",
        heads,
        _movers_rows(currency, kinds, span, narrowed),
    )


def _movers_rows(
    currency: str, kinds: Sequence[MovementKind], span: Span, narrowed: movers.Narrowed
) -> Iterator[Sequence[object]]:
    for row in movers.listing(settings.mode, currency, kinds, span, narrowed).every():
        change = row.change
        yield (
            row.day,
            row.kind.value,
            row.name,
            row.email,
            change.major,
            change.currency,
            row.interval.value,
            row.reason,
        )


def _narrowed_names(narrowed: movers.Narrowed) -> list[str]:
    if not narrowed:
        return []
    names = figure_words.value_names(tiers.every())
    return [names.get(by, {}).get(value, value) for by, value in narrowed.items()]


def _asked() -> tuple[str, list[MovementKind], Span, movers.Narrowed]:
    """A list's address is made by a page of figures; another one leads nowhere."""
    try:
        kinds = [MovementKind(kind) for kind in request.args.getlist("kind")] or list(MovementKind)
        form = SpanForm()
        if not form.read():
            raise NotFound
        narrowed = {by: request.args[by] for by in movers.COUNTED_BY if by in request.args}
        return request.args["currency"], kinds, form.span, narrowed
    except (KeyError, ValueError):
        raise NotFound from None


def _asked_givers() -> tuple[str, date, Span | None]:
    """On which day, and of whom: all, or those who came in a month."""
    try:
        day = date.fromisoformat(request.args["on"])
        began = request.args.get("began")
        whole = spans.month(date.fromisoformat(f"{began}-01")) if began else None
        return request.args["currency"], day, whole
    except (KeyError, ValueError, OverflowError):
        raise NotFound from None
