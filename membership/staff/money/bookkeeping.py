"""What a bookkeeper needs: payouts as on the bank's statement, the journal, donors to name."""

from collections.abc import Iterator, Sequence
from functools import partial

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from membership import days
from membership.books.payout_models import Payout
from membership.extensions import settings
from membership.money import Money
from membership.paging import asked_for, page_of
from membership.staff import sheets, words
from membership.staff.access import finance_only, staff_only
from membership.staff.money import donors, journal, money_words, payouts
from membership.staff.money.payment_forms import DaysForm, DonorsForm, JournalForm

bp = Blueprint("bookkeeping", __name__, url_prefix="/staff/payments")
bp.before_request(staff_only)
bp.before_request(finance_only)


@bp.context_processor
def in_words() -> dict[str, object]:
    return {
        "account_name": money_words.account_name,
        "payout_line": money_words.payout_line,
        "payout_state": money_words.payout_state,
        "row_name": words.row_name,
    }


@bp.get("/payouts")
def payouts_page() -> ResponseReturnValue:
    form = DaysForm()
    if not form.read():
        return render_template("staff/money/payouts.html", form=form), 422
    page = page_of(partial(payouts.listed, settings.mode, form.first.data, form.last.data))
    return render_template(
        "staff/money/payouts.html",
        form=form,
        page=page,
        contents=payouts.contents_of(page.rows),
        asked=asked_for(),
    )


@bp.get("/payouts.csv")
def payouts_sheet() -> Response:
    """Days are the bank's; `off by` is what the bank got beside the movements that are known."""
    form = DaysForm()
    if not form.read():
        raise NotFound
    heads = ("arrives", "payout", "state", "amount", "currency", "movements", "net", "off by")
    rows = payouts.every(settings.mode, form.first.data, form.last.data)
    return sheets.answer(f"payouts-{days.today()}", heads, _payout_rows(rows))


@bp.get("/payouts/<stripe_id>")
def payout_page(stripe_id: str) -> ResponseReturnValue:
    payout = _payout(stripe_id)
    return render_template(
        "staff/money/payout.html",
        payout=payout,
        made=payouts.made_of(payout),
        page=page_of(partial(payouts.movements, payout)),
    )


@bp.get("/payouts/<stripe_id>.csv")
def payout_sheet(stripe_id: str) -> Response:
    """Times are those of the newsroom's time zone."""
    payout = _payout(stripe_id)
    heads = (
        *("time", "what", "name", "e-mail", "gross", "fee", "net", "currency"),
        *("paid", "paid in", "rate", "number", "movement"),
    )
    return sheets.answer(stripe_id, heads, _movement_rows(payout))


@bp.get("/journal")
def journal_page() -> ResponseReturnValue:
    form = JournalForm()
    if form.read() and (form.span.last - form.span.first).days >= journal.DAYS_AT_ONCE:
        form.refuse(_("That is too much for one page: choose fewer days."), form.last)
    if form.errors:
        return render_template("staff/money/journal.html", form=form), 422
    found = journal.lines(settings.mode, form.span)
    return render_template(
        "staff/money/journal.html", form=form, lines=found, sums=journal.summed(found)
    )


@bp.get("/journal.csv")
def journal_sheet() -> Response:
    """Days are those of the newsroom's time zone."""
    form = JournalForm()
    if not form.read():
        raise NotFound
    rows = (
        (line.day, line.account.value, line.debit.major, line.credit.major, line.debit.currency)
        for line in journal.every(settings.mode, form.span)
    )
    heads = ("day", "account", "debit", "credit", "currency")
    return sheets.answer(f"journal-{form.span.first}-{form.span.last}", heads, rows)


@bp.get("/donors")
def donors_page() -> ResponseReturnValue:
    form = DonorsForm()
    if not form.read():
        return render_template("staff/money/donors.html", form=form), 422
    return render_template(
        "staff/money/donors.html",
        form=form,
        page=page_of(donors.listing(settings.mode, form.money, form.since, form.until).page),
        asked=asked_for(),
    )


@bp.get("/donors.csv")
def donors_sheet() -> Response:
    """Days are those of the newsroom's time zone."""
    form = DonorsForm()
    if not form.read():
        raise NotFound
    rows = (
        (one.name, one.given.major, one.given.currency, days.of(one.agreed_at), one.text_version)
        for one in donors.listing(settings.mode, form.money, form.since, form.until).every()
    )
    heads = ("name", "gave", "currency", "agreed on", "to the words of")
    return sheets.answer(f"donors-{days.today()}", heads, rows)


def _payout(stripe_id: str) -> Payout:
    payout = payouts.find(settings.mode, stripe_id)
    if payout is None:
        raise NotFound
    return payout


def _payout_rows(
    rows: Iterator[tuple[Payout, payouts.Content]],
) -> Iterator[Sequence[object]]:
    for payout, content in rows:
        net = Money(content.net, payout.currency)
        off_by = Money(payout.amount - content.net, payout.currency)
        is_known = payout.listed_at is not None
        yield (
            payout.arrives_on,
            payout.stripe_id,
            payout.status,
            payout.money.major,
            payout.currency,
            *((content.movements, net.major, off_by.major) if is_known else ("", "", "")),
        )


def _movement_rows(payout: Payout) -> Iterator[Sequence[object]]:
    for one in payouts.every_movement(payout):
        yield (
            days.written(one.when),
            one.kind.value if one.kind else one.category,
            one.name,
            one.email,
            one.gross.major,
            -one.fee.major,
            one.net.major,
            one.net.currency,
            one.paid and one.paid.major,
            one.paid and one.paid.currency,
            one.rate,
            one.source,
            one.number,
        )
