"""Where an admin says in the newsroom's own words what readers read of it."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from membership.settings import changes, words
from membership.settings.changes import Overtaken
from membership.settings.current import WORDS
from membership.staff.access import admins_only
from membership.staff.settings import setting, setting_words
from membership.staff.settings.words_forms import WordsForm, words_form

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
    form = _form(name)
    if code := request.form.get("fill"):
        form.show_default(code)
        return _text_page(form)
    if not form.validate_on_submit():
        return _text_page(form), 422
    if form.preview.data:
        return _text_page(form)
    try:
        is_changed = setting.change_own(
            WORDS + name, form.value, first={}, seen=form.seen.data or 0, by=current_user
        )
    except Overtaken:
        form.say_overtaken_by(changes.version([WORDS + name]))
        return _text_page(form), 409
    flash(_("Saved.") if is_changed else _("Nothing was different."))
    return redirect(url_for(".text_page", name=name), 303)


def _form(name: str) -> WordsForm:
    if name not in words.DEFAULTS:
        abort(404)
    return words_form(name)


def _text_page(form: WordsForm) -> str:
    is_line = form.name in words.LINES
    return render_template(
        "staff/settings/text.html",
        form=form,
        title=setting_words.TEXTS[form.name],
        where=setting_words.PLACES[form.name],
        is_line=is_line,
        own=form.own,
        filled_in=words.FILLED_IN,
        previews={
            code: words.filled(field.data or "") if is_line else words.rendered(field.data or "")
            for code, field in form.texts.items()
        },
    )
