"""The desk's page of one person, and what staff do from it."""

import json
from functools import partial

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.exceptions import Forbidden, NotFound

from membership.books import ledger
from membership.extensions import db, settings
from membership.gateway import StripeDown, StripeRefused
from membership.paging import page_of
from membership.patrons.addresses import AddressTaken
from membership.patrons.models import Person
from membership.staff import team
from membership.staff.access import finance, staff_only
from membership.staff.people import comps, forgetting, person, person_words, story, taking_out
from membership.staff.people.people_forms import AddressForm, CompForm, NameForm, NoteForm

bp = Blueprint("person_desk", __name__, url_prefix="/staff/people/<int:person_id>")
bp.before_request(staff_only)
person_words.init_app(bp)


@bp.get("")
def page(person_id: int) -> ResponseReturnValue:
    return _page(_person(person_id))


@bp.post("/note")
def note(person_id: int) -> ResponseReturnValue:
    found, form = _person(person_id), NoteForm(prefix="note")
    if not form.validate_on_submit():
        return _page(found, note=form), 422
    person.note(found, form.text.data or "", by=current_user)
    return _done(person_id, _("The note is kept."))


@bp.post("/link")
@finance
def send_link(person_id: int) -> ResponseReturnValue:
    found = _person(person_id)
    if not found.active:
        raise NotFound
    person.send_link(found, by=current_user)
    return _done(person_id, _("A sign-in link is on its way to them."))


@bp.post("/comp")
@finance
def comp(person_id: int) -> ResponseReturnValue:
    found, form = _person(person_id), CompForm(prefix="comp")
    if not form.validate_on_submit():
        return _page(found, comp=form), 422
    comps.give(
        found,
        months=form.months.data or 1,
        why=form.why.data or "",
        key=form.key.data or "",
        by=current_user,
    )
    return _done(person_id, _("They are a member now."))


@bp.post("/comp/<int:period_id>/take-back")
@finance
def take_comp_back(person_id: int, period_id: int) -> ResponseReturnValue:
    try:
        comps.take_back(_person(person_id), period_id, by=current_user)
    except comps.NotComped:
        raise NotFound from None
    return _done(person_id, _("This membership has ended."))


@bp.post("/name")
@finance
def rename(person_id: int) -> ResponseReturnValue:
    found, form = _person(person_id), NameForm(prefix="name")
    if not form.validate_on_submit():
        return _page(found, name=form), 422
    person.rename(found, form.name.data or None, by=current_user)
    return _done(person_id, _("The name is corrected."))


@bp.post("/address")
@finance
def ask_for_address(person_id: int) -> ResponseReturnValue:
    found, form = _person(person_id), AddressForm(prefix="address")
    if not form.validate_on_submit():
        return _page(found, address=form), 422
    try:
        person.ask_for_address(found, form.email.data or "", by=current_user)
    except AddressTaken:
        form.refuse(_("Somebody has this address already."), form.email)
        return _page(found, address=form), 422
    return _done(person_id, _("Both addresses are written to; it changes once both agree."))


@bp.post("/export")
@finance
def export(person_id: int) -> ResponseReturnValue:
    kept = taking_out.of(_person(person_id), by=current_user)
    body = json.dumps(kept, ensure_ascii=False, indent=2)
    response = Response(body, mimetype="application/json")
    name = f'attachment; filename="person-{person_id}.json"'
    response.headers["Content-Disposition"] = name
    return response


@bp.get("/erase")
@finance
def ask_to_erase(person_id: int) -> ResponseReturnValue:
    return render_template("staff/people/erase.html", person=_for_good(person_id))


@bp.post("/erase")
@finance
def erase(person_id: int) -> ResponseReturnValue:
    found = _for_good(person_id)
    if team.is_last_admin(found):
        trouble = _("Nobody else is an admin, and without one nothing can be set any more.")
        return render_template("staff/people/erase.html", person=found, trouble=trouble), 409
    try:
        forgetting.erase(found, by=current_user)
    except (StripeDown, StripeRefused):
        db.session.rollback()
        trouble = _("Stripe does not answer just now. Nobody was erased; try again.")
        found = _person(person_id)
        return render_template("staff/people/erase.html", person=found, trouble=trouble), 503
    return _done(person_id, _("Their gifts have ended, and who they were is forgotten."))


def _for_good(person_id: int) -> Person:
    """Somebody whom this member of staff may take away: staff are for an admin to judge."""
    found = _person(person_id)
    if found.roles and not current_user.has_role("admin"):
        raise Forbidden
    return found


def _person(person_id: int) -> Person:
    """Nothing is done to who was joined into somebody: that is done to who stayed."""
    found = person.find(person_id)
    if found is None or (found.joined_into_id is not None and request.method == "POST"):
        raise NotFound
    return found


def _done(person_id: int, what: str) -> ResponseReturnValue:
    flash(what)
    return redirect(url_for(".page", person_id=person_id), 303)


def _page(found: Person, **forms: object) -> str:
    told = page_of(partial(story.listed, settings.mode, found))
    given = {
        "note": NoteForm(formdata=None, prefix="note"),
        "comp": CompForm(formdata=None, prefix="comp"),
        "name": NameForm(formdata=None, prefix="name", data={"name": found.name}),
        "address": AddressForm(formdata=None, prefix="address"),
    }
    return render_template(
        "staff/people/person.html",
        known=person.known(settings.mode, found),
        forms=given | forms,
        page=told,
        left=ledger.left_of_each(story.payments(told.rows)),
    )
