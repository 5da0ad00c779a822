"""Where staff bring people along from what other programs export."""

from functools import partial

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from membership import uploads
from membership.extensions import db
from membership.paging import asked_for, page_of
from membership.staff import sheets
from membership.staff.access import finance_only
from membership.staff.import_models import Fate, Import, ImportKind, ImportState
from membership.staff.imports import import_words, keeping, report, staging, work
from membership.staff.imports.encodings import Unreadable
from membership.staff.imports.import_forms import ColumnsForm, FileForm, columns_form

bp = Blueprint("import_desk", __name__, url_prefix="/staff/import")
bp.before_request(finance_only)
import_words.init_app(bp)


@bp.get("")
def imports_page() -> ResponseReturnValue:
    return _imports_page(FileForm(formdata=None))


@bp.post("")
@uploads.takes_file(staging.MOST_BYTES)
def bring() -> ResponseReturnValue:
    form = FileForm()
    if not form.validate_on_submit():
        return _imports_page(form), 422
    sent = form.file.data
    try:
        brought = staging.bring(
            sent.stream,
            sent.filename or "",
            encoding=form.encoding.data or None,
            by=current_user,
        )
    except Unreadable as error:
        form.refuse(import_words.unreadable(error.why), form.file)
        return _imports_page(form), 422
    return redirect(url_for(".page", import_id=brought.id), 303)


@bp.get("/<int:import_id>")
def page(import_id: int) -> ResponseReturnValue:
    brought = _found(import_id)
    if brought.state is ImportState.matching:
        return _columns_page(brought, columns_form(brought, is_fresh=True))
    if brought.kind is ImportKind.bank:
        return redirect(url_for("bank_desk.page", import_id=import_id))
    wanted = request.args.get("fate", "")
    fate = Fate(wanted) if wanted in set(Fate) else None
    return render_template(
        "staff/imports/report.html",
        brought=brought,
        counts=work.counts(brought),
        fate=fate,
        page=page_of(partial(report.rows, brought, fate)),
        before=keeping.same_before(brought),
        has_left=keeping.has_left(brought),
        is_busy=brought.state in work.STEPS,
        asked=asked_for(),
    )


@bp.get("/<int:import_id>.csv")
def sheet(import_id: int) -> Response:
    brought = _found(import_id)
    return sheets.answer(f"import-{import_id}", report.HEADS, report.lines(brought))


@bp.get("/<int:import_id>/columns")
def columns_page(import_id: int) -> ResponseReturnValue:
    brought = _found(import_id)
    if brought.state not in work.CHANGEABLE:
        abort(404)
    return _columns_page(brought, columns_form(brought, is_fresh=True))


@bp.post("/<int:import_id>/columns")
def match(import_id: int) -> ResponseReturnValue:
    brought = _found(import_id)
    if brought.state not in work.CHANGEABLE:
        return _moved_on(import_id)
    form = columns_form(brought)
    if not form.validate_on_submit():
        return _columns_page(brought, form), 422
    try:
        work.look_through(brought, matched=form.matched, answers=form.answers)
    except work.WrongTurn:
        return _moved_on(import_id)
    return _go_on(import_id)


@bp.post("/<int:import_id>/take")
def take(import_id: int) -> ResponseReturnValue:
    try:
        work.take_in(_found(import_id), by=current_user)
    except work.WrongTurn:
        return _moved_on(import_id)
    return _go_on(import_id)


@bp.post("/<int:import_id>/go-on")
def go_on(import_id: int) -> ResponseReturnValue:
    _found(import_id)
    return _go_on(import_id)


@bp.post("/<int:import_id>/undo")
def undo(import_id: int) -> ResponseReturnValue:
    try:
        work.undo(_found(import_id), by=current_user)
    except work.WrongTurn:
        return _moved_on(import_id)
    return _go_on(import_id)


@bp.post("/<int:import_id>/drop")
def drop(import_id: int) -> ResponseReturnValue:
    try:
        work.throw_away(_found(import_id))
    except work.WrongTurn:
        return _moved_on(import_id)
    flash(_("The file is thrown away; nothing of it was taken in."))
    return redirect(url_for(".imports_page"), 303)


def _found(import_id: int) -> Import:
    return report.find(import_id) or abort(404)


def _go_on(import_id: int) -> ResponseReturnValue:
    """Do as much as a request may take; the job does the rest."""
    work.go_on(import_id, seconds=work.SECONDS_OF_A_REQUEST)
    return redirect(url_for(".page", import_id=import_id), 303)


def _moved_on(import_id: int) -> ResponseReturnValue:
    db.session.rollback()
    flash(_("The file has come to another step meanwhile; look at where it is now."))
    return redirect(url_for(".page", import_id=import_id), 303)


def _imports_page(form: FileForm) -> str:
    return render_template("staff/imports/imports.html", form=form, page=page_of(report.listed))


def _columns_page(brought: Import, form: ColumnsForm) -> str:
    return render_template(
        "staff/imports/columns.html",
        brought=brought,
        form=form,
        first=report.first_rows(brought),
        before=keeping.same_before(brought),
    )
