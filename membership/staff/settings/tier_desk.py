"""Where an admin says what tiers there are, what they are called and what they suggest."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from membership import days
from membership.books import tiers
from membership.books.models import OFFERED, Tier
from membership.books.offers import of_tier
from membership.extensions import settings
from membership.figures import supporters
from membership.settings.changes import Overtaken
from membership.staff.access import admins
from membership.staff.settings import tier_setting
from membership.staff.settings.tier_forms import TierForm, tier_form

bp = Blueprint("tier_desk", __name__, url_prefix="/staff/settings/tiers")


@bp.before_request
@login_required
@admins
def admins_only() -> None:
    """Tiers are an admin's, as all settings are."""


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
    if not form.validate_against(tiers.with_suggestions()):
        return _tier_page(form), 422
    tier_setting.add(form.offer(None), by=current_user)
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
    others = [one for one in tiers.with_suggestions() if one is not tier]
    if not form.validate_against(others):
        return _tier_page(form, tier), 422
    try:
        is_changed = tier_setting.change(
            tier, form.offer(of_tier(tier)), seen=form.seen.data or 0, by=current_user
        )
    except Overtaken:
        form.seen.raw_data, form.seen.data = None, tier_setting.seen(slug)
        form.refuse(
            _(
                "Somebody else has just changed this tier. Look at it in another window, and save "
                "again if it is to be as it stands here."
            )
        )
        return _tier_page(form, tier), 409
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
    tier_setting.retire(_tier(slug), by=current_user, is_retired=False)
    flash(_("The tier is offered now."))
    return redirect(url_for(".tiers_page"), 303)


def _tier(slug: str) -> Tier:
    return tiers.by_slug(slug) or abort(404)


def _tier_page(form: TierForm, tier: Tier | None = None) -> str:
    return render_template("staff/settings/tier.html", form=form, tier=tier)
