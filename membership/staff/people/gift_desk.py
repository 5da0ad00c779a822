"""The desk's page of one patron's regular gift: its amount, a pause, its end."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.exceptions import NotFound

from membership.books import changes
from membership.books.models import Interval, Subscription
from membership.gateway import StripeDown, StripeRefused
from membership.giving.forms import ChangeForm, new_attempt
from membership.staff.access import finance_only
from membership.staff.people import gifts, person
from membership.staff.people.people_forms import EndForm

bp = Blueprint("gift_desk", __name__, url_prefix="/staff/people/<int:person_id>/gifts/<stripe_id>")
bp.before_request(finance_only)


@bp.get("")
def page(person_id: int, stripe_id: str) -> ResponseReturnValue:
    return _page(_running(person_id, stripe_id))


@bp.post("/amount")
def change_amount(person_id: int, stripe_id: str) -> ResponseReturnValue:
    """Another amount at once; another interval after it was said what that costs today."""
    subscription = _running(person_id, stripe_id)
    form = ChangeForm(subscription.money, subscription.interval)
    if not form.validate_on_submit():
        return _page(subscription, change=form), 422
    interval = Interval(form.interval.data)
    try:
        if changes.bills_now(subscription, interval) and form.previewed is None:
            preview = changes.preview(subscription, form.money, interval)
            return _page(subscription, change=form, preview=preview)
        gifts.change_amount(
            subscription,
            form.money,
            interval,
            previewed=form.previewed,
            key=_key(form.attempt.data),
            by=current_user,
        )
    except StripeRefused as error:
        return _page(subscription, change=form, trouble=str(error)), 422
    except StripeDown:
        return _page(subscription, change=form, trouble=_away()), 503
    return _done(person_id, _("The amount is changed."))


@bp.post("/pause")
def pause(person_id: int, stripe_id: str) -> ResponseReturnValue:
    subscription = _running(person_id, stripe_id)
    months = request.form.get("months", 1, type=int)
    return _act(
        subscription,
        lambda: gifts.pause(subscription, months=months, key=_form_key(), by=current_user),
        _("The gift is paused."),
    )


@bp.post("/resume")
def resume(person_id: int, stripe_id: str) -> ResponseReturnValue:
    subscription = _running(person_id, stripe_id)
    return _act(
        subscription,
        lambda: gifts.resume(subscription, key=_form_key(), by=current_user),
        _("The gift goes on."),
    )


@bp.post("/end")
def end(person_id: int, stripe_id: str) -> ResponseReturnValue:
    """It ends with what is paid for."""
    subscription, form = _running(person_id, stripe_id), EndForm(prefix="end")
    if not form.validate_on_submit():
        return _page(subscription, end=form), 422
    feedback = form.feedback.data if form.feedback.data in changes.FEEDBACK else None
    return _act(
        subscription,
        lambda: gifts.end(
            subscription,
            feedback=feedback,
            comment=form.comment.data or "",
            key=_key(form.attempt.data),
            by=current_user,
        ),
        _("The gift ends with what is paid for."),
    )


@bp.post("/keep")
def keep(person_id: int, stripe_id: str) -> ResponseReturnValue:
    subscription = _running(person_id, stripe_id)
    return _act(
        subscription,
        lambda: gifts.keep(subscription, key=_form_key(), by=current_user),
        _("The gift goes on."),
    )


def _running(person_id: int, stripe_id: str) -> Subscription:
    found = person.find(person_id)
    if found is None:
        raise NotFound
    try:
        return changes.running(found, stripe_id)
    except changes.NotRunning:
        raise NotFound from None


def _act(subscription: Subscription, change: Callable[[], None], done: str) -> ResponseReturnValue:
    person_id = subscription.person_id
    try:
        change()
    except StripeRefused as error:
        return _page(subscription, trouble=str(error)), 422
    except StripeDown:
        return _page(subscription, trouble=_away()), 503
    return _done(person_id, done)


def _done(person_id: int, what: str) -> ResponseReturnValue:
    flash(what)
    return redirect(url_for("person_desk.page", person_id=person_id), 303)


def _form_key() -> str:
    return _key(request.form.get("attempt"))


def _key(attempt: str | None) -> str:
    """Names the form at Stripe, and whose it is."""
    return f"desk-{current_user.id}-{(attempt or '')[:64]}"


def _away() -> str:
    return str(_("Stripe does not answer just now. Nothing was changed; try again."))


def _page(subscription: Subscription, **more: object) -> str:
    given = {
        "change": _as_it_is(subscription),
        "end": EndForm(formdata=None, prefix="end"),
        "preview": None,
    }
    return render_template(
        "staff/people/gift.html",
        subscription=subscription,
        person=subscription.person,
        attempt=new_attempt(),
        **(given | more),
    )


def _as_it_is(subscription: Subscription) -> ChangeForm:
    return ChangeForm(subscription.money, subscription.interval, formdata=None)
