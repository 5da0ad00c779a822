"""Sign-in and a supporter's own pages."""

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required, logout_user
from flask_security import login_user

from membership import kept
from membership.clock import clock
from membership.extensions import db, keyed_hash, limiter, settings
from membership.patrons import addresses, consent, memberships, people, sign_in
from membership.patrons.forms import SignInForm
from membership.settings import words
from membership.settings.current import rules
from membership.web import language, local_path

bp = Blueprint("patrons", __name__)


def _typed_address() -> str:
    """What tries with one address are counted by; an empty one is not counted."""
    typed = request.form.get("email", "").strip().lower()
    return typed and keyed_hash(typed)


@kept.filled_by("next")
def _wanted() -> str:
    """Where somebody wanted to go who was asked to sign in first."""
    return local_path(request.values.get("next")) or ""


@bp.get("/sign-in")
@kept.for_everybody()
def ask() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(url_for(".account"))
    return render_template("patrons/sign_in.html", form=SignInForm())


@bp.post("/sign-in")
@limiter.limit("10 per minute; 40 per hour")
@limiter.limit("3 per 10 minutes; 10 per day", key_func=_typed_address)
def send_link() -> ResponseReturnValue:
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("patrons/sign_in.html", form=form), 422
    sign_in.send_link(form.address)
    if wanted := _wanted():
        session["next"] = wanted
    db.session.commit()
    return render_template(
        "patrons/link_sent.html",
        email=form.address,
        minutes=int(sign_in.REQUESTED_LASTS.total_seconds() // 60),
    )


@bp.get("/sign-in/<token>")
def follow_link(token: str) -> ResponseReturnValue:
    if not sign_in.is_good(token):
        return render_template("patrons/link_spent.html", form=SignInForm(formdata=None)), 410
    return render_template("patrons/press_to_sign_in.html", token=token)


@bp.post("/sign-in/<token>")
@limiter.limit("20 per minute")
def spend_link(token: str) -> ResponseReturnValue:
    try:
        person = sign_in.spend(token)
    except sign_in.LinkSpent:
        db.session.rollback()
        return render_template("patrons/link_spent.html", form=SignInForm(formdata=None)), 410
    wanted = session.pop("next", None)
    session.clear()
    login_user(person, remember=True)
    db.session.commit()
    home = url_for("staff.overview_page") if person.roles else url_for(".account")
    return redirect(wanted or home, 303)


@bp.get("/address/<token>")
def follow_address_link(token: str) -> ResponseReturnValue:
    if not addresses.is_good(token):
        return _address_link_spent()
    return render_template("patrons/press_to_confirm.html", token=token)


@bp.post("/address/<token>")
@limiter.limit("20 per minute")
def confirm_address(token: str) -> ResponseReturnValue:
    try:
        is_done = addresses.confirm(token)
    except sign_in.LinkSpent:
        db.session.rollback()
        return _address_link_spent()
    db.session.commit()
    return render_template("patrons/address_confirmed.html", is_done=is_done)


def _address_link_spent() -> ResponseReturnValue:
    return render_template("patrons/address_link_spent.html"), 410


@bp.post("/sign-out")
def leave() -> ResponseReturnValue:
    logout_user()
    session.clear()
    return redirect(settings.site_url + "/", 303)


@bp.post("/account/letters")
@login_required
def choose_letters() -> ResponseReturnValue:
    if request.form.get("wanted") != "yes":
        consent.withdraw(current_user)
    elif rules.asks_consent and request.form.get("text") == (text := words.line(words.CONSENT)):
        consent.agree(
            current_user, text, language=language(), where=consent.ACCOUNT, at=clock.now()
        )
    db.session.commit()
    return redirect(url_for(".account"), 303)


@bp.post("/account/vote-mail")
@login_required
def choose_vote_mail() -> ResponseReturnValue:
    people.choose_vote_mail(current_user, wanted=request.form.get("wanted") == "yes")
    db.session.commit()
    return redirect(url_for(".account"), 303)


@bp.get("/account")
@login_required
def account() -> ResponseReturnValue:
    return render_template(
        "patrons/account.html",
        period=memberships.current_period(current_user),
        agreed=consent.of(current_user),
        asked=rules.asks_consent,
    )
