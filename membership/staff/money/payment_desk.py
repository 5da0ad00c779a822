"""The desk's pages about payments: the ledger as a list, refunds, gifts outside Stripe."""

from collections.abc import Iterator, Sequence
from functools import partial

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.exceptions import NotFound

from membership import days
from membership.books import ledger, offline, refunds
from membership.books.models import LedgerEntry
from membership.extensions import db, settings
from membership.gateway import StripeDown, StripeRefused
from membership.money import Money
from membership.paging import asked_for, page_of
from membership.staff import sheets
from membership.staff.access import finance, staff_only
from membership.staff.forms import OfflineForm, RefundForm
from membership.staff.money import payment_list, payments
from membership.staff.money.payment_forms import PaymentsForm
from membership.staff.money.payment_list import Wanted
from membership.staff.people import person

bp = Blueprint("payment_desk", __name__, url_prefix="/staff")
bp.before_request(staff_only)


@bp.get("/payments")
def payments_page() -> ResponseReturnValue:
    form = PaymentsForm()
    if not form.read():
        return render_template("staff/money/list.html", form=form), 422
    page = page_of(partial(payment_list.listed, settings.mode, form.wanted))
    return render_template(
        "staff/money/list.html",
        form=form,
        page=page,
        sums=payment_list.sums(settings.mode, form.wanted),
        most_summed=payment_list.MOST_SUMMED,
        left=ledger.left_of_each(page.rows),
        asked=asked_for(),
    )


@bp.get("/payments.csv")
@finance
def payments_sheet() -> Response:
    """Times are those of the newsroom's time zone."""
    form = PaymentsForm()
    if not form.read():
        raise NotFound
    heads = (
        *("time", "what", "name", "e-mail", "amount", "currency", "number", "taken from"),
        *("subscription", "donation", "note"),
    )
    return sheets.answer(f"payments-{days.today()}", heads, _rows(form.wanted))


@bp.get("/payments/<int:entry_id>/refund")
@finance
def refund(entry_id: int) -> ResponseReturnValue:
    entry = _entry(entry_id)
    return _refund_page(entry, RefundForm(ledger.left_of(entry), formdata=None))


@bp.post("/payments/<int:entry_id>/refund")
@finance
def give_back(entry_id: int) -> ResponseReturnValue:
    entry = _entry(entry_id)
    form = RefundForm(ledger.left_of(entry))
    if not form.validate_on_submit():
        return _refund_page(entry, form), 422
    try:
        payments.give_back(entry, form.money, key=form.key.data or "", by=current_user)
    except (refunds.NothingToRefund, StripeRefused) as error:
        db.session.rollback()
        return _refund_page(entry, form, trouble=str(error) or _("This cannot be refunded.")), 422
    except StripeDown:
        db.session.rollback()
        trouble = _("Stripe does not answer just now. Nothing was refunded; try again.")
        return _refund_page(entry, form, trouble=trouble), 503
    return redirect(url_for(".payments_page"), 303)


@bp.get("/payments/offline")
@finance
def offline_gift() -> ResponseReturnValue:
    """Of somebody who is known, if the address says of whom."""
    giver = person.find(request.args.get("person", 0, type=int))
    known = {"email": giver.email, "name": giver.name} if giver else {}
    form = OfflineForm(formdata=None, data=known)
    return render_template("staff/money/offline.html", form=form)


@bp.post("/payments/offline")
@finance
def enter_offline() -> ResponseReturnValue:
    form = OfflineForm()
    if not form.validate_on_submit():
        return render_template("staff/money/offline.html", form=form), 422
    payments.enter_offline(
        form.email.data or "",
        form.name.data or None,
        form.money,
        received_at=form.received_at,
        months=form.months.data or 0,
        note=form.note.data or "",
        key=form.key.data or "",
        by=current_user,
    )
    return redirect(url_for(".payments_page"), 303)


@bp.post("/payments/<int:entry_id>/take-back")
@finance
def take_back(entry_id: int) -> ResponseReturnValue:
    """Correct an offline gift that was entered wrongly."""
    try:
        payments.take_back_offline(_entry(entry_id), by=current_user)
    except offline.AlreadyTakenBack:
        raise NotFound from None
    return redirect(url_for(".payments_page"), 303)


def _rows(wanted: Wanted) -> Iterator[Sequence[object]]:
    for row in payment_list.every(settings.mode, wanted):
        when, kind, name, email, amount, currency, *names = row
        yield (
            days.written(when),
            kind.value,
            name,
            email,
            Money(amount, currency).major,
            currency,
            *names,
        )


def _entry(entry_id: int) -> LedgerEntry:
    entry = payments.find(settings.mode, entry_id)
    if entry is None:
        raise NotFound
    return entry


def _refund_page(entry: LedgerEntry, form: RefundForm, **more: object) -> str:
    return render_template("staff/money/refund.html", entry=entry, form=form, **more)
