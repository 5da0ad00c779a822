"""The desk's page on which two people who are one are joined, and parted again."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.exceptions import NotFound

from membership.extensions import db, settings
from membership.patrons import people
from membership.patrons.models import Person
from membership.rounds.joined import CannotJoinVotes
from membership.staff.access import finance_only
from membership.staff.models import Joining
from membership.staff.people import joining, person, person_words
from membership.staff.people.people_forms import JoinForm

bp = Blueprint("join_desk", __name__, url_prefix="/staff/people/<int:person_id>/join")
bp.before_request(finance_only)


@bp.get("")
def ask(person_id: int) -> ResponseReturnValue:
    """With whom; once that is known, what is known of both and who of them stays."""
    kept = _person(person_id)
    if not request.args:
        return _page(kept, JoinForm(formdata=None))
    form = JoinForm(formdata=request.args)
    if not form.read():
        return _page(kept, form), 422
    other = people.by_email(form.other.data or "")
    if other is None or other.id == kept.id:
        form.refuse(_("Nobody else here has this address."), form.other)
        return _page(kept, form), 422
    return _page(kept, form, other=other)


@bp.post("")
def join(person_id: int) -> ResponseReturnValue:
    kept = _person(person_id)
    gone = _person(request.form.get("gone", 0, type=int))
    try:
        joining.join(kept, gone, by=current_user)
    except (joining.CannotJoin, CannotJoinVotes) as trouble:
        return _refused(person_id, trouble)
    flash(_("They are one now."))
    return redirect(url_for("person_desk.page", person_id=person_id), 303)


@bp.post("/<int:joining_id>/undo")
def undo(person_id: int, joining_id: int) -> ResponseReturnValue:
    found = db.session.get(Joining, joining_id)
    if found is None or found.kept_id != person_id:
        raise NotFound
    try:
        joining.undo(found, by=current_user)
    except joining.CannotJoin as trouble:
        return _refused(person_id, trouble)
    flash(_("They are two again."))
    return redirect(url_for("person_desk.page", person_id=person_id), 303)


def _refused(person_id: int, trouble: Exception) -> ResponseReturnValue:
    db.session.rollback()
    why = person_words.why_not_joined(trouble)
    return _page(_person(person_id), JoinForm(formdata=None), trouble=why), 409


def _person(person_id: int) -> Person:
    found = person.find(person_id)
    if found is None:
        raise NotFound
    return found


def _page(kept: Person, form: JoinForm, *, other: Person | None = None, **more: object) -> str:
    """With both in the order of the question: who stays, who goes."""
    return render_template(
        "staff/people/join.html",
        person=kept,
        form=form,
        both=[person.known(settings.mode, one) for one in (kept, other)] if other else [],
        **more,
    )
