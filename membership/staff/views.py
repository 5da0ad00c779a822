"""The staff desk's pages."""

from functools import partial

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.exceptions import NotFound

from config import Mode
from membership.books import ledger, offline, refunds, settlement
from membership.books.models import LedgerEntry
from membership.extensions import db, jobs, settings
from membership.gateway import StripeDown, StripeRefused
from membership.inbox import inbox, reconcile, silence, untaken
from membership.paging import ROWS, asked_for, page_of
from membership.rounds import roll, rounds
from membership.staff import audit, dashboard, payments, person, upkeep, words
from membership.staff.access import admins, finance, staff_only
from membership.staff.forms import OfflineForm, RefundForm
from membership.topics import moderation

bp = Blueprint("staff", __name__, url_prefix="/staff")
bp.before_request(staff_only)


@bp.context_processor
def in_words() -> dict[str, object]:
    return {
        "act_name": words.act_name,
        "difference_name": words.difference_name,
    }


@bp.get("")
def dashboard_page() -> ResponseReturnValue:
    mode, open_round = _mode(), rounds.current()
    return render_template(
        "staff/dashboard.html",
        figures=dashboard.figures(mode),
        failing=dashboard.failing(mode),
        contested=dashboard.contested(mode),
        twice=dashboard.giving_twice(mode),
        payments=dashboard.latest_payments(mode, limit=dashboard.LATEST),
        open_round=open_round,
        unread=moderation.unread(),
        turnout=roll.turnout(open_round) if open_round else None,
    )


@bp.get("/payments")
def payments_page() -> ResponseReturnValue:
    page = page_of(partial(dashboard.latest_payments, _mode()))
    return render_template(
        "staff/payments.html",
        page=page,
        left=ledger.left_of_each(page.rows),
        asked=asked_for(),
    )


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
    return render_template("staff/offline.html", form=OfflineForm(formdata=None, data=known))


@bp.post("/payments/offline")
@finance
def enter_offline() -> ResponseReturnValue:
    form = OfflineForm()
    if not form.validate_on_submit():
        return render_template("staff/offline.html", form=form), 422
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


@bp.get("/stripe")
@finance
def stripe() -> ResponseReturnValue:
    return _stripe_page()


@bp.post("/stripe/replay")
@finance
def replay() -> ResponseReturnValue:
    upkeep.replay(request.form.get("event", ""), by=current_user)
    return redirect(url_for(".stripe"), 303)


@bp.post("/stripe/undelivered")
@finance
def take_undelivered() -> ResponseReturnValue:
    try:
        upkeep.take_undelivered(by=current_user)
    except (StripeDown, StripeRefused):
        return _stripe_page(), 503
    return redirect(url_for(".stripe"), 303)


@bp.post("/stripe/compare")
@finance
def compare() -> ResponseReturnValue:
    if not upkeep.compare(by=current_user):
        return _stripe_page(), 503
    return redirect(url_for(".stripe", comparing="yes"), 303)


@bp.get("/audit")
@admins
def audit_page() -> ResponseReturnValue:
    return render_template("staff/audit.html", entries=audit.latest(ROWS * 2))


def _entry(entry_id: int) -> LedgerEntry:
    entry = payments.find(_mode(), entry_id)
    if entry is None:
        raise NotFound
    return entry


def _refund_page(entry: LedgerEntry, form: RefundForm, **more: object) -> str:
    return render_template("staff/refund.html", entry=entry, form=form, **more)


def _stripe_page() -> str:
    return render_template(
        "staff/stripe.html",
        stuck=inbox.stuck(ROWS),
        pulse=silence.pulse(),
        last=reconcile.last(_mode()),
        untaken=untaken.listed(ROWS),
        net=settlement.net(_mode()),
        comparing="comparing" in request.args,
        queue_is_away=jobs.is_away(),
    )


def _mode() -> Mode:
    return settings.mode
