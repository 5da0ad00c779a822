"""Where an admin sets the goal that readers see, and what counts towards it."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from membership.staff.access import admins_only
from membership.staff.settings.goal_forms import GoalForm
from membership.staff.settings.saving import save

bp = Blueprint("goal_desk", __name__, url_prefix="/staff/settings/goal")
bp.before_request(admins_only)


@bp.get("")
def goal_page() -> ResponseReturnValue:
    return _goal_page(GoalForm())


@bp.post("")
def set_goal() -> ResponseReturnValue:
    return save(GoalForm(), _goal_page, ".goal_page")


def _goal_page(form: GoalForm) -> str:
    return render_template("staff/settings/goal.html", form=form)
