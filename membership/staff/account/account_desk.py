"""Where an admin brings along what a Stripe account sold before: matched, foreseen, taken in."""

from datetime import timedelta

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from membership import days
from membership.books import tiers
from membership.clock import clock
from membership.extensions import settings
from membership.gateway import StripeDown, StripeRefused
from membership.inbox import account, reconcile
from membership.inbox.models import AccountLook, ReconcileRun
from membership.money import Money
from membership.settings import changes
from membership.settings.changes import Overtaken
from membership.staff import sheets
from membership.staff.access import admins_only
from membership.staff.account import matching
from membership.staff.account.account_forms import MatchForm, match_form
from membership.staff.words import difference_name, read_name
from membership.web import worded

INTERRUPTED = timedelta(hours=2)

bp = Blueprint("account_desk", __name__, url_prefix="/staff/import/stripe")
bp.before_request(admins_only)


@bp.get("")
def account_page() -> ResponseReturnValue:
    look = account.last()
    return _page(look, _form(look))


@bp.post("")
def match() -> ResponseReturnValue:
    look = account.last()
    form = _form(look)
    if not form.validate_on_submit():
        return _page(look, form), 422
    try:
        is_changed = matching.choose(form.tiers, seen=form.seen.data or 0, by=current_user)
    except Overtaken:
        form.say_overtaken_by(changes.version([matching.setting_name()]))
        return _page(look, form), 409
    flash(_("Saved.") if is_changed else _("Nothing was different."))
    return redirect(url_for(".account_page", _anchor="foreseen"), 303)


@bp.post("/look")
def look() -> ResponseReturnValue:
    _say_if_away(matching.look_soon(by=current_user))
    return redirect(url_for(".account_page"), 303)


@bp.get("/foreseen")
def foreseen_page() -> ResponseReturnValue:
    """What would become of each subscription, a page of Stripe's list at a time."""
    after, trouble = request.args.get("after") or None, None
    try:
        rows = account.foresee(matching.chosen().matched.tiers, after=after)
    except (StripeDown, StripeRefused) as error:
        rows, trouble = [], str(error)
    names = {tier.slug: worded(tier.name) for tier in tiers.every()}
    return render_template(
        "staff/account/foreseen.html", rows=rows, names=names, after=after, trouble=trouble
    )


@bp.post("/take-in")
def take_in() -> ResponseReturnValue:
    choice = matching.chosen()
    matching.switch(is_on=True, seen=choice.version, by=current_user)
    _say_if_away(matching.take_in_soon(by=current_user))
    return redirect(url_for(".account_page", _anchor="taken"), 303)


@bp.post("/undo")
def undo() -> ResponseReturnValue:
    _say_if_away(matching.undo_soon(by=current_user))
    return redirect(url_for(".account_page", _anchor="taken"), 303)


@bp.get("/taken.csv")
def taken_sheet() -> Response:
    return sheets.answer(f"taken-in-{days.today()}", matching.SHEET, matching.taken_in())


def _form(look: AccountLook | None) -> MatchForm:
    choice = matching.chosen()
    found = look.found if look is not None else []
    return match_form(found, tiers.every(), choice.matched.tiers, choice.version)


def _page(look: AccountLook | None, form: MatchForm) -> str:
    choice, last = matching.chosen().matched, reconcile.last(settings.mode)
    return render_template(
        "staff/account/account.html",
        look=look,
        form=form,
        has_tiers=bool(tiers.every()),
        choice_made=choice,
        last=last,
        is_running=_goes_on(last),
        is_looking=_goes_on(look),
        can_undo=bool(matching.ever_on()),
        taken=matching.counted(),
        names={tier.slug: worded(tier.name) for tier in tiers.every()},
        difference_name=difference_name,
        read_name=read_name,
        money_of=Money,
    )


def _goes_on(run: AccountLook | ReconcileRun | None) -> bool:
    """One that has no end after long was interrupted."""
    return (
        run is not None
        and not run.finished_at
        and not run.error
        and clock.now() - run.started_at < INTERRUPTED
    )


def _say_if_away(is_asked: bool) -> None:
    if is_asked:
        flash(_("It has been asked for, and goes on without you."))
    else:
        flash(_("The queue of jobs does not answer. Ask again once it is back."))
