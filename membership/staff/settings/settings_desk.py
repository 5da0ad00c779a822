"""Where an admin sets what the newsroom is called, looks like and speaks."""

from zoneinfo import available_timezones

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_login import current_user

from membership.extensions import db
from membership.paging import ROWS
from membership.settings.logo import MOST_BYTES
from membership.settings.newsroom import DARK, LEAST_CONTRAST, LIGHT, contrast
from membership.staff.access import admins_only
from membership.staff.settings import opening, setting, setting_words
from membership.staff.settings.logo_forms import LogoForm
from membership.staff.settings.saving import save
from membership.staff.settings.settings_forms import NewsroomForm
from membership.uploads import takes_file

bp = Blueprint("settings_desk", __name__, url_prefix="/staff/settings")
bp.before_request(admins_only)


@bp.context_processor
def in_words() -> dict[str, object]:
    return {"setting_name": setting_words.name, "setting_value": setting_words.value}


@bp.get("")
def newsroom() -> ResponseReturnValue:
    return _newsroom_page(NewsroomForm())


@bp.post("")
def set_newsroom() -> ResponseReturnValue:
    return save(NewsroomForm(), _newsroom_page, ".newsroom")


@bp.get("/logo")
def logo_page() -> ResponseReturnValue:
    return _logo_page(LogoForm())


@bp.post("/logo")
@takes_file(MOST_BYTES)
def set_logo() -> ResponseReturnValue:
    return save(LogoForm(), _logo_page, ".logo_page")


@bp.get("/opening")
def opening_page() -> ResponseReturnValue:
    return render_template("staff/settings/opening.html", stages=opening.stages())


@bp.get("/changes")
def changes_page() -> ResponseReturnValue:
    return render_template("staff/settings/changes.html", changes=setting.latest(ROWS * 2))


@bp.post("/changes/<int:number>/undo")
def put_back(number: int) -> ResponseReturnValue:
    try:
        is_changed = setting.put_back(number, by=current_user)
    except LookupError:
        abort(404)
    except ValueError:
        db.session.rollback()
        flash(_("It cannot be put back: it does not fit with what is set by now."))
        return redirect(url_for(".changes_page"), 303)
    flash(_("It is as it was before.") if is_changed else _("Nothing was different."))
    return redirect(url_for(".changes_page"), 303)


def _logo_page(form: LogoForm) -> str:
    return render_template("staff/settings/logo.html", form=form)


def _newsroom_page(form: NewsroomForm) -> str:
    return render_template(
        "staff/settings/newsroom.html",
        form=form,
        contrasts={
            "light": _ratio(form.newsroom_accent.object_data, LIGHT),
            "dark": _ratio(form.newsroom_accent_dark.object_data, DARK),
        },
        least=format_decimal(LEAST_CONTRAST),
        zones=sorted(available_timezones()),
    )


def _ratio(colour: str, beside: tuple[str, ...]) -> str:
    return str(format_decimal(contrast(colour, beside), "0.0"))
