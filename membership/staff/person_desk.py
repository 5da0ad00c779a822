"""The desk's page of one person, and what staff do from it."""

from functools import partial

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import NotFound

from membership.books import ledger
from membership.extensions import settings
from membership.paging import page_of
from membership.patrons.models import Person
from membership.staff import person, person_words, story
from membership.staff.access import staff_only
from membership.staff.people_forms import NoteForm

bp = Blueprint("person_desk", __name__, url_prefix="/staff/people/<int:person_id>")
bp.before_request(staff_only)
person_words.init_app(bp)


@bp.get("")
def page(person_id: int) -> ResponseReturnValue:
    return _page(_person(person_id))


@bp.post("/note")
def note(person_id: int) -> ResponseReturnValue:
    found, form = _person(person_id), NoteForm()
    if not form.validate_on_submit():
        return _page(found, note=form), 422
    person.note(found, form.text.data or "", by=current_user)
    return redirect(url_for(".page", person_id=person_id), 303)


def _person(person_id: int) -> Person:
    found = person.find(person_id)
    if found is None:
        raise NotFound
    return found


def _page(found: Person, **forms: object) -> str:
    told = page_of(partial(story.listed, settings.mode, found))
    return render_template(
        "staff/people/person.html",
        known=person.known(settings.mode, found),
        forms={"note": NoteForm(formdata=None)} | forms,
        page=told,
        left=ledger.left_of_each(story.payments(told.rows)),
    )
