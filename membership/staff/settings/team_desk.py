"""Where an admin invites staff, gives them roles, signs them out and takes them off."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from membership.staff import team
from membership.staff.access import admins_only
from membership.staff.settings import setting_words
from membership.staff.settings.team_forms import InviteForm, RolesForm
from membership.staff.team import LastAdmin, Member

bp = Blueprint("team_desk", __name__, url_prefix="/staff/settings/staff")
bp.before_request(admins_only)


@bp.context_processor
def in_words() -> dict[str, object]:
    return {"role_name": setting_words.role}


@bp.get("")
def staff_page() -> ResponseReturnValue:
    return _staff_page(InviteForm())


@bp.post("")
def invite() -> ResponseReturnValue:
    form = InviteForm()
    if not form.validate_on_submit():
        return _staff_page(form), 422
    person = team.invite(form.address, form.roles.data or [], by=current_user)
    flash(_("A letter with a way in is on its way to %(email)s.", email=person.email))
    return redirect(url_for(".staff_page"), 303)


@bp.get("/<int:person_id>")
def member_page(person_id: int) -> ResponseReturnValue:
    member = _member(person_id)
    return _member_page(member, RolesForm(data={"roles": member.roles}))


@bp.post("/<int:person_id>")
def set_roles(person_id: int) -> ResponseReturnValue:
    member, form = _member(person_id), RolesForm()
    if not form.validate_on_submit():
        return _member_page(member, form), 422
    try:
        is_changed = team.set_roles(member.person, form.roles.data or [], by=current_user)
    except LastAdmin:
        form.refuse(
            _("Nobody else is an admin, and without one nothing can be set any more."), form.roles
        )
        return _member_page(_member(person_id), form), 409
    flash(_("Saved.") if is_changed else _("Nothing was different."))
    is_still_theirs = current_user.has_role(team.ADMIN)
    return redirect(url_for(".staff_page" if is_still_theirs else "staff.overview_page"), 303)


@bp.post("/<int:person_id>/sign-out")
def sign_out(person_id: int) -> ResponseReturnValue:
    team.sign_out(_member(person_id).person, by=current_user)
    flash(_("They are signed out everywhere."))
    return redirect(url_for(".staff_page"), 303)


def _member(person_id: int) -> Member:
    return team.member(person_id) or abort(404)


def _staff_page(form: InviteForm) -> str:
    return render_template("staff/settings/staff.html", form=form, members=team.members())


def _member_page(member: Member, form: RolesForm) -> str:
    return render_template("staff/settings/member.html", form=form, member=member)
