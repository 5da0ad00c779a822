"""Becoming a patron."""

import secrets

from flask import (
    Blueprint,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from membership import kept
from membership.books import tiers
from membership.books.models import Interval
from membership.books.tiers import NoTiers
from membership.extensions import db, limiter, settings
from membership.gateway import StripeDown, StripeRefused
from membership.giving import checkout, guard, held_back
from membership.giving.asked import asked
from membership.giving.forms import GivingForm
from membership.giving.held_back import Why
from membership.patrons.accounts import signed_in

bp = Blueprint("giving", __name__)


def _is_own() -> bool:
    """Whether this reader's page has something that no other's has."""
    return "d" in request.args or settings.checkout_delay > 0


for_everybody = kept.for_everybody(unless=_is_own, signed_in=True, of=asked)


@bp.get("/")
@for_everybody
def home() -> ResponseReturnValue:
    return _giving_page(_fresh_form())


@bp.get("/support")
@for_everybody
def support() -> ResponseReturnValue:
    return _giving_page(_fresh_form())


@bp.post("/support")
def change_currency() -> ResponseReturnValue:
    """The same page in another currency, with everything that was typed still there."""
    return _giving_page(GivingForm(currency=request.form.get("change_currency")))


@bp.post("/support/checkout")
@limiter.limit("12 per minute; 60 per hour")
def start() -> ResponseReturnValue:
    form = GivingForm()
    if not form.validate_on_submit():
        if form.held_back:
            held_back.note(form.held_back)
        return _giving_page(form), 422
    giver = signed_in()
    caller = guard.Caller.at(
        request.remote_addr, session.setdefault("visitor", secrets.token_hex(8))
    )
    try:
        address = checkout.start(
            form.wish(), attempt=form.attempt.data or None, giver=giver, caller=caller
        )
    except checkout.AlreadyGiving:
        return redirect(url_for("my_giving.index", already="yes"), 303)
    except (guard.TooManyTries, NoTiers, StripeRefused, StripeDown) as error:
        if isinstance(error, guard.TooManyTries):
            db.session.rollback()
            held_back.note(Why.tries)
        trouble, status = _in_words(error)
        return _giving_page(form, trouble=trouble), status
    return redirect(address, 303)


@bp.get("/support/thanks")
def thanks() -> ResponseReturnValue:
    donation = checkout.find(request.args.get("d", ""))
    if donation is None:
        raise NotFound
    return render_template("giving/thanks.html", donation=donation)


@bp.get("/support/other-ways")
@kept.for_everybody()
def other_ways() -> ResponseReturnValue:
    takes_single_gifts = Interval.once in tiers.intervals()
    return render_template("giving/other_ways.html", takes_single_gifts=takes_single_gifts)


def _fresh_form() -> GivingForm:
    donation = checkout.resume(request.args["d"]) if "d" in request.args else None
    if donation is not None:
        form = GivingForm(formdata=None, currency=donation.currency)
        form.fill_from(donation)
        return form
    form = GivingForm(formdata=None, currency=asked().currency)
    form.fill_from_address(asked())
    return form


def _in_words(error: Exception) -> tuple[str, int]:
    """Why a gift cannot begin, and the status of the page that says so."""
    if isinstance(error, guard.TooManyTries):
        return _("That was a lot of tries in a short time. Wait an hour, or write to us."), 429
    if isinstance(error, NoTiers):
        return _("We are not ready to take gifts yet."), 503
    if isinstance(error, StripeDown):
        away = _("Our payment service does not answer just now. Nothing was charged; try again.")
        return away, 503
    return str(error), 422


def _giving_page(form: GivingForm, trouble: str | None = None) -> str:
    return render_template("giving/support.html", form=form, trouble=trouble)
