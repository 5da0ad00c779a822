"""/account/giving: what a patron gives, and each way to change it."""

from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required
from werkzeug.exceptions import NotFound

from membership.books import changes, refunds
from membership.books.models import Interval, Subscription
from membership.extensions import db, limiter
from membership.gateway import StripeDown, StripeRefused
from membership.giving import giving
from membership.giving.forms import ChangeForm, LeavingForm, new_attempt
from membership.patrons import naming
from membership.patrons.forms import NamingForm

bp = Blueprint("my_giving", __name__, url_prefix="/account/giving")


@bp.before_request
@login_required
def patrons_only() -> None:
    """Every page here is somebody's own."""


@bp.get("")
def index() -> ResponseReturnValue:
    return _page(already="already" in request.args, done=request.args.get("done"))


@bp.post("/portal")
@limiter.limit("10 per minute")
def portal() -> ResponseReturnValue:
    """Stripe's own page for the card."""
    try:
        return redirect(giving.portal_address(current_user), 303)
    except giving.NothingToManage:
        raise NotFound from None
    except (StripeDown, StripeRefused):
        return _page(trouble=_away()), 503


@bp.post("/naming")
def consent_to_naming() -> ResponseReturnValue:
    form = NamingForm()
    if not form.validate_on_submit():
        return _page(naming_form=form), 422
    naming.consent(current_user, form.name)
    db.session.commit()
    return _done("named")


@bp.post("/naming/withdraw")
def withdraw_naming() -> ResponseReturnValue:
    naming.withdraw(current_user)
    db.session.commit()
    return _done("unnamed")


@bp.get("/<stripe_id>/amount")
def amount(stripe_id: str) -> ResponseReturnValue:
    subscription = _running(stripe_id)
    form = ChangeForm(subscription.money, subscription.interval, formdata=None)
    return _amount_page(subscription, form)


@bp.post("/<stripe_id>/amount")
@limiter.limit("10 per minute")
def change_amount(stripe_id: str) -> ResponseReturnValue:
    """Another amount at once; another interval after it was said what that costs today."""
    subscription = _running(stripe_id)
    form = ChangeForm(subscription.money, subscription.interval)
    if not form.validate_on_submit():
        return _amount_page(subscription, form), 422
    interval = Interval(form.interval.data)
    try:
        if changes.bills_now(subscription, interval) and form.previewed is None:
            preview = changes.preview(subscription, form.money, interval)
            return _amount_page(subscription, form, preview=preview)
        changes.change_amount(
            subscription,
            form.money,
            interval,
            key=_key(form.attempt.data),
            previewed=form.previewed,
        )
    except StripeRefused as error:
        return _amount_page(subscription, form, trouble=str(error)), 422
    except StripeDown:
        return _amount_page(subscription, form, trouble=_away()), 503
    return _done("amount")


@bp.post("/<stripe_id>/pause")
@limiter.limit("10 per minute")
def pause(stripe_id: str) -> ResponseReturnValue:
    subscription = _running(stripe_id)
    months = request.form.get("months", 1, type=int)
    return _act("paused", lambda: changes.pause(subscription, months=months, key=_form_key()))


@bp.post("/<stripe_id>/resume")
@limiter.limit("10 per minute")
def resume(stripe_id: str) -> ResponseReturnValue:
    subscription = _running(stripe_id)
    return _act("resumed", lambda: changes.resume(subscription, key=_form_key()))


@bp.get("/<stripe_id>/cancel")
def leave(stripe_id: str) -> ResponseReturnValue:
    return _leaving_page(_running(stripe_id), LeavingForm(formdata=None))


@bp.post("/<stripe_id>/cancel")
@limiter.limit("10 per minute")
def cancel(stripe_id: str) -> ResponseReturnValue:
    """It ends with what is paid for; nobody has to say why."""
    subscription, form = _running(stripe_id), LeavingForm()
    if not form.validate_on_submit():
        return _leaving_page(subscription, form), 422
    feedback = form.feedback.data if form.feedback.data in changes.FEEDBACK else None
    try:
        changes.cancel(
            subscription,
            feedback=feedback,
            comment=form.comment.data or "",
            key=_key(form.attempt.data),
        )
    except (StripeDown, StripeRefused):
        return _leaving_page(subscription, form, trouble=_away()), 503
    return _done("cancelled")


@bp.post("/<stripe_id>/keep")
@limiter.limit("10 per minute")
def keep(stripe_id: str) -> ResponseReturnValue:
    subscription = _running(stripe_id)
    return _act("kept", lambda: changes.keep(subscription, key=_form_key()))


@bp.post("/<stripe_id>/undo")
@limiter.limit("10 per minute")
def undo(stripe_id: str) -> ResponseReturnValue:
    """End one of two subscriptions now and give its last payment back."""
    subscription = _running(stripe_id)
    try:
        refunds.undo_second(subscription)
    except refunds.NotSecond:
        raise NotFound from None
    except (StripeDown, StripeRefused):
        return _page(trouble=_away()), 503
    return _done("undone")


def _running(stripe_id: str) -> Subscription:
    try:
        return changes.running(current_user, stripe_id)
    except changes.NotRunning:
        raise NotFound from None


def _act(done: str, change: Callable[[], None]) -> ResponseReturnValue:
    try:
        change()
    except (StripeDown, StripeRefused):
        return _page(trouble=_away()), 503
    return _done(done)


def _done(what: str) -> ResponseReturnValue:
    return redirect(url_for(".index", done=what), 303)


def _form_key() -> str:
    return _key(request.form.get("attempt"))


def _key(attempt: str | None) -> str:
    """Names the form at Stripe, and whose it is: nobody replays another's answer."""
    return f"change-{current_user.id}-{(attempt or '')[:64]}"


def _away() -> str:
    return str(_("Our payment service does not answer just now. Try again in a minute."))


def _page(*, naming_form: NamingForm | None = None, **more: object) -> str:
    return render_template(
        "giving/my_giving.html",
        shown=giving.of(current_user),
        naming=naming.of(current_user),
        naming_form=naming_form or NamingForm(formdata=None, public_name=current_user.name),
        attempt=new_attempt(),
        said=_said(),
        **more,
    )


def _said() -> dict[str, str]:
    """What a page says after something was done."""
    return {
        "amount": _("The amount is changed. Thank you."),
        "paused": _("Your giving is paused."),
        "resumed": _("Your giving goes on. Thank you."),
        "cancelled": _("Your giving is cancelled. Thank you for having been a patron."),
        "kept": _("Your giving goes on. Thank you."),
        "named": _("You may be named in public. Thank you."),
        "unnamed": _("You will not be named any more."),
        "undone": _("It has ended, and its last payment is on the way back to your card."),
    }


def _amount_page(subscription: Subscription, form: ChangeForm, **more: object) -> str:
    return render_template(
        "giving/change_amount.html", subscription=subscription, form=form, **more
    )


def _leaving_page(subscription: Subscription, form: LeavingForm, **more: object) -> str:
    return render_template("giving/leave.html", subscription=subscription, form=form, **more)
