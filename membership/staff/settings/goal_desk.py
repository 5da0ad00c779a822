"""Where an admin sets the goal that readers see, and what counts towards it."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from membership.settings import changes
from membership.settings.changes import Overtaken
from membership.staff.access import admins_only
from membership.staff.settings import setting
from membership.staff.settings.goal_forms import GoalForm

bp = Blueprint("goal_desk", __name__, url_prefix="/staff/settings/goal")
bp.before_request(admins_only)


@bp.get("")
def goal_page() -> ResponseReturnValue:
    return _goal_page(GoalForm())


@bp.post("")
def set_goal() -> ResponseReturnValue:
    form = GoalForm()
    if not form.validate_on_submit():
        return _goal_page(form), 422
    try:
        is_changed = setting.change({"goal": form.value}, seen=form.seen.data or 0, by=current_user)
    except Overtaken:
        form.say_overtaken_by(changes.version(["goal"]))
        return _goal_page(form), 409
    flash(_("Saved.") if is_changed else _("Nothing was different."))
    return redirect(url_for(".goal_page"), 303)


def _goal_page(form: GoalForm) -> str:
    return render_template("staff/settings/goal.html", form=form)
