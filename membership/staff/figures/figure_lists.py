"""The lists behind the figures about people, each on a page and as a sheet."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from membership.books import tiers
from membership.extensions import settings
from membership.figures import behind
from membership.figures.behind import NARROWED
from membership.figures.spans import Span
from membership.history.models import DueKind, Outcome, SupporterMove
from membership.listing import Listing
from membership.money import Money
from membership.paging import asked_for, page_of
from membership.staff import sheets, words
from membership.staff.access import staff_only
from membership.staff.figures import figure_words
from membership.web import language_name, money

bp = Blueprint("figure_lists", __name__, url_prefix="/staff/figures/lists")
bp.before_request(staff_only)


@dataclass(frozen=True)
class Column:
    """`head` is over what is `shown` on the page, `key` over what is `told` in the sheet."""

    head: str
    key: str
    shown: Callable[[Any], str]
    told: Callable[[Any], object]
    is_number: bool = False


@dataclass(frozen=True)
class Shown:
    """A list as its page shows it: what it is of, which days and what else it is narrowed to."""

    title: str
    about: Sequence[str]
    listing: Listing[Any]
    columns: Sequence[Column]


@bp.get("/<name>")
def page(name: str) -> ResponseReturnValue:
    shown = _asked(name)
    return render_template(
        "staff/figures/list.html",
        name=name,
        shown=shown,
        page=page_of(shown.listing.page),
        asked=asked_for(),
    )


@bp.get("/<name>.csv")
def sheet(name: str) -> Response:
    """Days are those of the newsroom's time zone."""
    shown = _asked(name)
    heads = ("name", "e-mail", *(column.key for column in shown.columns))
    return sheets.answer(name, heads, _rows(shown))


def _rows(shown: Shown) -> Iterator[Sequence[object]]:
    for row in shown.listing.every():
        yield (row.name, row.email, *(column.told(row) for column in shown.columns))


def _asked(name: str) -> Shown:
    """A list's address is made by a page of figures; another one leads nowhere."""
    try:
        return LISTS[name]()
    except (KeyError, ValueError):
        raise NotFound from None


def _supporters() -> Shown:
    day, narrowed = date.fromisoformat(request.args["on"]), _narrowed("supporters")
    return Shown(
        _("Supporters"),
        [figure_words.long_date(day), *_names(narrowed)],
        behind.supporters(settings.mode, day, narrowed),
        [_day("since", _("Since"))],
    )


def _came_and_went() -> Shown:
    move, span = SupporterMove(request.args["move"]), _span()
    return Shown(
        words.supporter_move_name(move),
        [_days(span)],
        behind.came_and_went(settings.mode, move, span),
        [
            _day("day", _("Day")),
            Column(
                _("Kind"),
                "kind",
                lambda row: figure_words.kind_names()[row.kind],
                lambda row: row.kind.value,
            ),
        ],
    )


def _recoveries() -> Shown:
    outcome, span = Outcome(request.args["outcome"]), _span()
    currency, narrowed = request.args["currency"], _narrowed("recoveries")
    return Shown(
        words.outcome_name(outcome),
        [figure_words.currency_name(currency), _days(span), *_names(narrowed)],
        behind.recoveries(settings.mode, currency, outcome, span, narrowed),
        [_day("day", _("Day")), *_amount(_("Amount")), _refusal()],
    )


def _in_recovery() -> Shown:
    day, currency = date.fromisoformat(request.args["on"]), request.args["currency"]
    return Shown(
        _("In recovery"),
        [figure_words.currency_name(currency), figure_words.long_date(day)],
        behind.in_recovery(settings.mode, currency, day),
        [_day("day", _("Refused on")), *_amount(_("Amount")), _refusal()],
    )


def _due() -> Shown:
    kind, span, currency = DueKind(request.args["kind"]), _span(), request.args["currency"]
    return Shown(
        words.due_name(kind),
        [figure_words.currency_name(currency), _days(span)],
        behind.due(settings.mode, currency, kind, span),
        [
            _day("day", _("Day")),
            *(_amount(_("Amount")) if kind is DueKind.renewal else _by_the_month()),
            _how_often(),
        ],
    )


def _came_from() -> Shown:
    span, currency, narrowed = _span(), request.args["currency"], _narrowed("origins")
    return Shown(
        _("Who first gave"),
        [figure_words.currency_name(currency), _days(span), *_names(narrowed)],
        behind.came_from(settings.mode, currency, span, narrowed),
        [
            _day("day", _("Day")),
            *_amount(_("In the first year")),
            _text("source", _("Article")),
            _text("first_source", _("First article")),
            _text("referrer", _("Page before it")),
            _text("campaign", _("Campaign")),
        ],
    )


def _twice() -> Shown:
    return Shown(
        _("They give twice"),
        [_("Subscriptions that run beside an older one")],
        behind.giving_twice(settings.mode),
        [_day("day", _("Since")), *_amount(_("Amount")), _how_often()],
    )


LISTS: dict[str, Callable[[], Shown]] = {
    "supporters": _supporters,
    "changes": _came_and_went,
    "renewals": _recoveries,
    "in-recovery": _in_recovery,
    "due": _due,
    "came": _came_from,
    "twice": _twice,
}


def _span() -> Span:
    return Span(date.fromisoformat(request.args["from"]), date.fromisoformat(request.args["to"]))


def _narrowed(what: str) -> dict[str, str]:
    return {by: request.args[by] for by in NARROWED[what] if by in request.args}


def _names(narrowed: dict[str, str]) -> list[str]:
    if not narrowed:
        return []
    names = figure_words.value_names(tiers.every())
    named: dict[str, Callable[[str], str]] = {
        "refusal": words.refusal_name,
        "language": language_name,
        "currency": figure_words.currency_name,
        "stays": lambda value: _("Still give") if value == "1" else _("Give no more"),
    }
    return [
        named[by](value) if by in named else names.get(by, {}).get(value, value or _("not known"))
        for by, value in narrowed.items()
    ]


def _days(span: Span) -> str:
    since, until = figure_words.long_date(span.first), figure_words.long_date(span.last)
    return str(_("%(since)s to %(until)s", since=since, until=until))


def _day(name: str, head: str) -> Column:
    return Column(
        head,
        name,
        lambda row: figure_words.short_date(getattr(row, name)),
        lambda row: getattr(row, name),
    )


def _amount(head: str, *, name: str = "amount", key: str = "amount") -> list[Column]:
    """The sheet has the currency in a column of its own."""
    return [
        Column(
            head,
            key,
            lambda row: money(Money(getattr(row, name), row.currency)),
            lambda row: Money(getattr(row, name), row.currency).major,
            is_number=True,
        ),
        Column("", "currency", lambda row: "", lambda row: row.currency),
    ]


def _by_the_month() -> list[Column]:
    return _amount(_("By the month"), name="monthly", key="by the month")


def _how_often() -> Column:
    return Column(
        _("How often"),
        "every",
        lambda row: figure_words.every_name(row.every),
        lambda row: row.every,
    )


def _refusal() -> Column:
    return Column(
        _("Why"),
        "reason",
        lambda row: words.refusal_name(row.reason or ""),
        lambda row: row.reason,
    )


def _text(name: str, head: str) -> Column:
    return Column(
        head, name, lambda row: str(getattr(row, name) or "–"), lambda row: getattr(row, name)
    )
