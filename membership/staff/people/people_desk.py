"""The desk's list of people: finding one, or many of a kind, which can be kept as a segment."""

from collections.abc import Iterator
from functools import partial
from urllib.parse import parse_qsl

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from membership.extensions import settings
from membership.paging import Page, asked_for, page_of
from membership.staff import sheets
from membership.staff.access import staff_only
from membership.staff.people import filter_forms, people, segments
from membership.staff.people.filter_forms import PeopleForm, SegmentForm
from membership.staff.people.filters import Wanted

bp = Blueprint("people_desk", __name__, url_prefix="/staff")
bp.before_request(staff_only)


@bp.get("/people")
def people_page() -> ResponseReturnValue:
    form = filter_forms.asked()
    if not form.read():
        return _page(form, Page[people.Row]([], 1, more=False)), 422
    count = people.counted(settings.mode, form.wanted)
    are_many = count > people.MOST_COUNTED
    page = page_of(partial(people.listed, settings.mode, form.wanted, are_many=are_many))
    return _page(form, page, count=count)


@bp.get("/people.csv")
def people_sheet() -> Response:
    """Amounts are as given each time; days are in UTC."""
    form = filter_forms.asked()
    if not form.read():
        raise NotFound
    heads = ("name", "e-mail", "language", "known since", "gives", "currency", "interval", "every")
    more = ("status", "member until", "agreed to letters")
    return sheets.answer("people", (*heads, *more), _lines(form.wanted))


@bp.get("/people/segments")
def segments_page() -> ResponseReturnValue:
    return render_template("staff/people/segments.html", segments=segments.listed())


@bp.post("/people/segments")
def keep_segment() -> ResponseReturnValue:
    """Under a name, what the list is narrowed by."""
    form = SegmentForm()
    listed = PeopleForm(MultiDict(parse_qsl(form.query.data or "")))
    is_good = listed.read()
    if not form.validate_on_submit() or not is_good:
        return _page(listed, Page[people.Row]([], 1, more=False), segment=form), 422
    try:
        segments.keep(form.name.data or "", listed.query, by=current_user)
    except segments.NameTaken:
        form.refuse(_("Another segment is called so."), form.name)
        return _page(listed, Page[people.Row]([], 1, more=False), segment=form), 422
    flash(_("The segment is kept."))
    return redirect(url_for(".segments_page"), 303)


@bp.post("/people/segments/<int:segment_id>/drop")
def drop_segment(segment_id: int) -> ResponseReturnValue:
    try:
        segments.drop(segment_id, by=current_user)
    except LookupError:
        raise NotFound from None
    flash(_("The segment is gone; the people in it are not."))
    return redirect(url_for(".segments_page"), 303)


def _lines(wanted: Wanted) -> Iterator[tuple[object, ...]]:
    for row in people.every(settings.mode, wanted):
        yield (
            row.name,
            row.email,
            row.language,
            row.since.date(),
            row.gives.major if row.gives else None,
            row.gives.currency if row.gives else None,
            row.interval.value if row.interval else None,
            row.interval_count if row.interval else None,
            row.status,
            row.until.date() if row.until else None,
            row.agreed_at.date() if row.agreed_at else None,
        )


def _page(
    form: PeopleForm,
    page: Page[people.Row],
    *,
    count: int | None = None,
    segment: SegmentForm | None = None,
) -> str:
    return render_template(
        "staff/people/people.html",
        form=form,
        page=page,
        count=count,
        most=people.MOST_COUNTED,
        segment=segment or SegmentForm(formdata=None, data={"query": form.query}),
        asked=asked_for(),
    )
