"""Where an admin words what readers of a section, or in a campaign, are asked for."""

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from membership.settings.current import rules
from membership.staff.access import admins_only
from membership.staff.settings.appeal_forms import AppealForm
from membership.staff.settings.own_words_forms import own_words_form
from membership.staff.settings.own_words_pages import page_of_words
from membership.staff.settings.saving import take_own

bp = Blueprint("appeals_desk", __name__, url_prefix="/staff/settings/appeals")
bp.before_request(admins_only)


@bp.get("/<name>")
def appeal_page(name: str) -> ResponseReturnValue:
    return _page(_form(name))


@bp.post("/<name>")
def set_appeal(name: str) -> ResponseReturnValue:
    return take_own(_form(name), _page, url_for(".appeal_page", name=name))


def _form(name: str) -> AppealForm:
    if name not in rules.appeals:
        abort(404)
    return own_words_form(AppealForm, name, version=request.args.get("version", type=int))


def _page(form: AppealForm) -> str:
    return page_of_words(
        form,
        title=_("Appeal “%(name)s”", name=form.name),
        where=_(
            'Stands on articles that say so: <hromada-support appeal="%(name)s">.', name=form.name
        ),
        back=(url_for("rules_desk.articles"), _("Articles")),
    )
