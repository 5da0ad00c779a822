"""Where an admin says in the newsroom's own words what readers read of it."""

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from membership.settings import words
from membership.staff.access import admins_only
from membership.staff.settings import setting_words
from membership.staff.settings.own_words_forms import own_words_form
from membership.staff.settings.own_words_pages import page_of_words
from membership.staff.settings.saving import take_own
from membership.staff.settings.words_forms import WordsForm

bp = Blueprint("words_desk", __name__, url_prefix="/staff/settings/words")
bp.before_request(admins_only)


@bp.get("")
def words_page() -> ResponseReturnValue:
    return render_template(
        "staff/settings/words.html",
        texts=setting_words.TEXTS,
        own={name: words.own(name) for name in words.DEFAULTS},
    )


@bp.get("/<name>")
def text_page(name: str) -> ResponseReturnValue:
    return _text_page(_form(name))


@bp.post("/<name>")
def set_text(name: str) -> ResponseReturnValue:
    return take_own(_form(name), _text_page, url_for(".text_page", name=name))


def _form(name: str) -> WordsForm:
    if name not in words.DEFAULTS:
        abort(404)
    return own_words_form(WordsForm, name, version=request.args.get("version", type=int))


def _text_page(form: WordsForm) -> str:
    return page_of_words(
        form,
        title=setting_words.TEXTS[form.name],
        where=setting_words.PLACES[form.name],
        back=(url_for(".words_page"), _("Words")),
    )
