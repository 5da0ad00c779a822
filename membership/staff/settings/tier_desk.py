"""Where an admin says what tiers there are, what they are called and what they suggest."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from membership import days
from membership.books import tiers
from membership.books.models import OFFERED, Tier
from membership.books.offers import MOST_OFFERED, Clash, Offer, OutOfBounds, TooMany, of_tier
from membership.extensions import db, settings
from membership.figures import supporters
from membership.settings.changes import Overtaken
from membership.staff.access import admins_only
from membership.staff.settings import tier_setting
from membership.staff.settings.tier_forms import TierForm, tier_form

bp = Blueprint("tier_desk", __name__, url_prefix="/staff/settings/tiers")
bp.before_request(admins_only)


@bp.get("")
def tiers_page() -> ResponseReturnValue:
    every = tiers.with_suggestions()
    return render_template(
        "staff/settings/tiers.html",
        offered=[tier for tier in every if not tier.is_retired],
        retired=[tier for tier in every if tier.is_retired],
        people=supporters.of_tiers(settings.mode),
        today=days.today(),
        intervals=OFFERED,
    )


@bp.get("/new")
def new_tier() -> ResponseReturnValue:
    return _tier_page(tier_form())


@bp.post("/new")
def add_tier() -> ResponseReturnValue:
    form = tier_form()
    if not form.validate_on_submit():
        return _tier_page(form), 422
    offer = form.offer(None)
    try:
        tier_setting.add(offer, by=current_user)
    except Clash:
        return _clashing(form, offer, None)
    except TooMany:
        db.session.rollback()
        form.refuse(_too_many())
        return _tier_page(form), 422
    flash(_("The tier is offered now."))
    return redirect(url_for(".tiers_page"), 303)


@bp.get("/<slug>")
def tier_page(slug: str) -> ResponseReturnValue:
    tier = _tier(slug)
    return _tier_page(tier_form(tier), tier)


@bp.post("/<slug>")
def change_tier(slug: str) -> ResponseReturnValue:
    tier = _tier(slug)
    form = tier_form(tier)
    if not form.validate_on_submit():
        return _tier_page(form, tier), 422
    offer = form.offer(of_tier(tier))
    try:
        is_changed = tier_setting.change(tier, offer, seen=form.seen.data or 0, by=current_user)
    except Overtaken:
        form.say_overtaken_by(tier_setting.seen(slug))
        return _tier_page(form, tier), 409
    except Clash:
        return _clashing(form, offer, tier)
    flash(_("Saved.") if is_changed else _("Nothing was different."))
    return redirect(url_for(".tiers_page"), 303)


@bp.post("/<slug>/up")
def move_up(slug: str) -> ResponseReturnValue:
    tier_setting.move_up(_tier(slug), by=current_user)
    return redirect(url_for(".tiers_page"), 303)


@bp.post("/<slug>/retire")
def retire(slug: str) -> ResponseReturnValue:
    tier_setting.retire(_tier(slug), by=current_user)
    flash(_("It is offered no more; who has it keeps it."))
    return redirect(url_for(".tiers_page"), 303)


@bp.post("/<slug>/offer")
def offer_again(slug: str) -> ResponseReturnValue:
    try:
        tier_setting.retire(_tier(slug), by=current_user, is_retired=False)
    except Clash:
        db.session.rollback()
        flash(_("Another tier suggests one of its amounts by now. Change either, then offer it."))
    except OutOfBounds:
        db.session.rollback()
        flash(_("It suggests less or more than you take by now. Change that, then offer it."))
    except TooMany:
        db.session.rollback()
        flash(_too_many())
    else:
        flash(_("The tier is offered now."))
    return redirect(url_for(".tiers_page"), 303)


def _too_many() -> str:
    return str(
        ngettext(
            "%(num)d tier is offered; more are too many to choose from. Retire one first.",
            "%(num)d tiers are offered; more are too many to choose from. Retire one first.",
            MOST_OFFERED,
        )
    )


def _tier(slug: str) -> Tier:
    return tiers.by_slug(slug) or abort(404)


def _clashing(form: TierForm, offer: Offer, tier: Tier | None) -> ResponseReturnValue:
    db.session.rollback()
    form.say_clash(offer, tier)
    return _tier_page(form, tier), 422


def _tier_page(form: TierForm, tier: Tier | None = None) -> str:
    return render_template("staff/settings/tier.html", form=form, tier=tier)
