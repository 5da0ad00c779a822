"""Where an admin words the letters that the newsroom sends, and looks at them first."""

import secrets

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import current_user

from membership.extensions import db, settings, talisman
from membership.mail import outbox
from membership.mail.shown import AS_MAIL
from membership.patrons.models import Person
from membership.settings import letters, words
from membership.settings.letters import Wording
from membership.staff.access import admins_only
from membership.staff.settings import letter_examples, letter_words, setting, setting_words
from membership.staff.settings.letter_examples import Example
from membership.staff.settings.letters_forms import LetterForm
from membership.staff.settings.own_words_forms import own_words_form
from membership.staff.settings.saving import save_own

bp = Blueprint("letters_desk", __name__, url_prefix="/staff/settings/letters")
bp.before_request(admins_only)


@bp.get("")
def letters_page() -> ResponseReturnValue:
    return render_template(
        "staff/settings/letters.html",
        letters=letter_words.NAMES,
        places=letter_words.PLACES,
        own={name: letters.own(name) for name in letters.LETTERS},
    )


@bp.get("/<name>")
def letter_page(name: str) -> ResponseReturnValue:
    return _page(_form(name))


@bp.post("/<name>")
def set_letter(name: str) -> ResponseReturnValue:
    form = _form(name)
    if code := request.form.get("fill"):
        form.show_default(code)
        return _page(form)
    if not form.validate_on_submit():
        return _page(form), 422
    if code := request.form.get("send"):
        return _send(form, code)
    if form.preview.data:
        return _page(form)
    return save_own(form, _page, url_for(".letter_page", name=name))


@bp.post("/<name>/whole")
@talisman(content_security_policy=AS_MAIL)
def whole_letter(name: str) -> ResponseReturnValue:
    """What was typed, with its design, as a mail program shows it."""
    form = _form(name)
    if not form.validate_on_submit():
        return _page(form), 422
    return _written(form, request.form.get("language", ""), _person(form)).html


def _send(form: LetterForm, code: str) -> ResponseReturnValue:
    written, to = _written(form, code, _person(form)), current_user.email
    outbox.put(written, to=to, about=f"look:{secrets.token_hex(8)}")
    db.session.commit()
    flash(_("It is on its way to %(address)s.", address=to))
    return _page(form)


def _form(name: str) -> LetterForm:
    if name not in letters.LETTERS:
        abort(404)
    version = request.args.get("version", type=int)
    return own_words_form(LetterForm, name, version=version)


def _person(form: LetterForm) -> Person:
    return form.person(letter_examples.latest_patron() or current_user)


def _written(form: LetterForm, code: str, person: Person) -> outbox.Written:
    if code not in settings.languages:
        abort(404)
    says, context = letter_examples.example(form.name, person)
    wording = Wording(**form.typed[code])
    return outbox.write(form.name, language=code, says=says, wording=wording, **context)


def _page(form: LetterForm) -> str:
    person = _person(form)
    example = letter_examples.example(form.name, person)
    return render_template(
        "staff/settings/letter.html",
        form=form,
        title=letter_words.NAMES[form.name],
        where=letter_words.PLACES[form.name],
        facts={name: letter_words.FACTS[name] for name in form.facts},
        now=outbox.in_words(example.says),
        filled_in=words.FILLED_IN,
        previews={code: _preview(form, code, example) for code in settings.languages},
        versions=setting.history(form.prefix + form.name),
        setting_value=setting_words.value,
    )


def _preview(form: LetterForm, code: str, example: Example) -> tuple[str, str]:
    """The subject, and the text as HTML."""
    typed = form.typed[code]
    with force_locale(code):
        facts = outbox.in_words(example.says)
        return words.filled(typed[letters.SUBJECT], facts), words.rendered(
            typed[letters.TEXT], facts
        )
