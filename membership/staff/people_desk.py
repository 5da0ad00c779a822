"""The desk's list of people: finding one, or many of a kind."""

from functools import partial

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from membership.extensions import settings
from membership.paging import asked_for, page_of
from membership.staff import people
from membership.staff.access import staff_only

bp = Blueprint("people_desk", __name__, url_prefix="/staff/people")
bp.before_request(staff_only)


@bp.get("")
def people_page() -> ResponseReturnValue:
    wanted = request.args.get("q", "").strip()[:100]
    page = page_of(partial(people.listed, settings.mode, wanted))
    return render_template("staff/people/people.html", page=page, wanted=wanted, asked=asked_for())
