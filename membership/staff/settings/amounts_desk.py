"""Where an admin says in which currencies, how often, how little and how much readers may give."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from membership.settings.changes import Overtaken
from membership.staff.access import admins_only
from membership.staff.settings import setting
from membership.staff.settings.amounts_forms import AmountsForm, amounts_form

bp = Blueprint("amounts_desk", __name__, url_prefix="/staff/settings/amounts")
bp.before_request(admins_only)


@bp.get("")
def amounts_page() -> ResponseReturnValue:
    return _amounts_page(amounts_form())


@bp.post("")
def set_amounts() -> ResponseReturnValue:
    form = amounts_form()
    if not form.validate_on_submit():
        return _amounts_page(form), 422
    try:
        is_changed = setting.change(form.values, seen=form.seen.data or 0, by=current_user)
    except Overtaken as overtaken:
        form.say_overtaken(overtaken.names)
        return _amounts_page(form), 409
    flash(_("Saved.") if is_changed else _("Nothing was different."))
    return redirect(url_for(".amounts_page"), 303)


def _amounts_page(form: AmountsForm) -> str:
    return render_template("staff/settings/amounts.html", form=form)
