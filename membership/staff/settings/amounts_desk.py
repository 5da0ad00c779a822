"""Where an admin says in which currencies, how often, how little and how much readers may give."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from membership.staff.access import admins_only
from membership.staff.settings.amounts_forms import AmountsForm, amounts_form
from membership.staff.settings.saving import save

bp = Blueprint("amounts_desk", __name__, url_prefix="/staff/settings/amounts")
bp.before_request(admins_only)


@bp.get("")
def amounts_page() -> ResponseReturnValue:
    return _amounts_page(amounts_form())


@bp.post("")
def set_amounts() -> ResponseReturnValue:
    return save(amounts_form(), _amounts_page, ".amounts_page")


def _amounts_page(form: AmountsForm) -> str:
    return render_template("staff/settings/amounts.html", form=form)
