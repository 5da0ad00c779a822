"""The staff desk's pages."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from config import Mode
from membership import days
from membership.extensions import db, jobs, settings
from membership.figures import money
from membership.figures.spans import By
from membership.gateway import StripeDown, StripeRefused
from membership.inbox import inbox, reconcile, silence, untaken
from membership.mail import delivery
from membership.paging import ROWS, page_of
from membership.staff import audit, monday, overview, sheets, upkeep, words
from membership.staff.access import admins, finance, staff_only
from membership.staff.figures import movement_pictures
from membership.staff.money import payment_list
from membership.staff.money.payment_forms import ENTRIES_OF
from membership.staff.settings import opening

bp = Blueprint("staff", __name__, url_prefix="/staff")
bp.before_request(staff_only)


@bp.context_processor
def in_words() -> dict[str, object]:
    return {
        "act_name": words.act_name,
        "difference_name": words.difference_name,
    }


@bp.get("")
def overview_page() -> ResponseReturnValue:
    mode = _mode()
    spans, moved = overview.year(mode)
    first = next(iter(moved), None)
    payments = payment_list.latest(mode, limit=overview.LATEST)
    to_open = opening.at_first() if current_user.has_role("admin") else None
    return render_template(
        "staff/overview.html",
        opening=to_open if len(payments) < overview.LATEST else None,
        needs=overview.needs(mode),
        month=overview.month(mode),
        soon=days.today() + overview.SOON,
        moved=moved,
        bars=movement_pictures.bars(first, spans, By.month, moved[first]) if first else None,
        drawn=movement_pictures.drawn(moved[first]) if first else [],
        received=ENTRIES_OF["received"],
        payments=payments,
    )


@bp.post("/monday")
def choose_monday_letter() -> ResponseReturnValue:
    monday.choose(current_user, wanted=request.form.get("wanted") == "yes")
    db.session.commit()
    return redirect(url_for(".overview_page"), 303)


@bp.get("/letters")
def letters() -> ResponseReturnValue:
    """Those that could not be delivered, the latest first."""
    return render_template("staff/letters.html", page=page_of(delivery.undelivered))


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


@bp.post("/stripe/connect")
@admins
def connect() -> ResponseReturnValue:
    try:
        address = upkeep.connect(by=current_user)
    except (StripeDown, StripeRefused) as error:
        flash(_("Stripe has not taken it: %(error)s", error=error))
    else:
        flash(_("Stripe sends events to %(address)s now.", address=address))
    return redirect(url_for(".stripe"), 303)


@bp.get("/audit.csv")
@admins
def audit_sheet() -> Response:
    """Times are those of the newsroom's time zone; nobody is the command line."""
    rows = ((days.written(at), *what) for at, *what in audit.every())
    return sheets.answer(f"audit-{days.today()}", ("time", "who", "what", "about"), rows)


@bp.get("/audit")
@admins
def audit_page() -> ResponseReturnValue:
    return render_template("staff/audit.html", entries=audit.latest(ROWS * 2))


def _stripe_page() -> str:
    return render_template(
        "staff/stripe.html",
        stuck=inbox.stuck(ROWS),
        pulse=silence.pulse(),
        last=reconcile.last(_mode()),
        untaken=untaken.listed(ROWS),
        net=money.on_the_balance(_mode()),
        comparing="comparing" in request.args,
        queue_is_away=jobs.is_away(),
    )


def _mode() -> Mode:
    return settings.mode
