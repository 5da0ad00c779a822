"""Where staff say of each payment on a bank's statement whose it is."""

from functools import partial

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from membership import uploads
from membership.extensions import db
from membership.paging import asked_for, page_of
from membership.staff.access import finance_only
from membership.staff.import_models import Fate, Import, ImportKind, ImportRow
from membership.staff.imports import bank, import_words, keeping, report, staging, work
from membership.staff.imports.encodings import Unreadable
from membership.staff.imports.import_forms import FileForm, PayerForm

bp = Blueprint("bank_desk", __name__, url_prefix="/staff/import/bank")
bp.before_request(finance_only)
import_words.init_app(bp)


@bp.get("")
def statement() -> ResponseReturnValue:
    return _statement_page(FileForm(formdata=None))


@bp.post("")
@uploads.takes_file(staging.MOST_BYTES)
def bring() -> ResponseReturnValue:
    form = FileForm()
    if not form.validate_on_submit():
        return _statement_page(form), 422
    sent = form.file.data
    try:
        brought = staging.bring(
            sent.stream,
            sent.filename or "",
            kind=ImportKind.bank,
            encoding=form.encoding.data or None,
            by=current_user,
        )
    except Unreadable as error:
        form.refuse(import_words.unreadable(error.why), form.file)
        return _statement_page(form), 422
    return redirect(url_for("import_desk.page", import_id=brought.id), 303)


@bp.get("/<int:import_id>")
def page(import_id: int) -> ResponseReturnValue:
    return _page(_found(import_id))


@bp.post("/<int:import_id>/<int:position>/confirm")
def confirm(import_id: int, position: int) -> ResponseReturnValue:
    row = _row(import_id, position)
    form = PayerForm(row)
    if not form.validate_on_submit():
        return _page(_found(import_id), refused=form), 422
    try:
        bank.confirm(row, form.email.data or "", months=form.months.data or 0, by=current_user)
    except bank.NotWaiting:
        flash(_("Somebody has said already whose it is."))
    except bank.InTheBooks:
        flash(_("It stands in the books already."))
    else:
        flash(_("The gift is in the books."))
    return redirect(_here(import_id), 303)


@bp.post("/<int:import_id>/<int:position>/dismiss")
def dismiss(import_id: int, position: int) -> ResponseReturnValue:
    try:
        bank.dismiss(_row(import_id, position))
    except bank.NotWaiting:
        flash(_("Somebody has said already whose it is."))
    return redirect(_here(import_id), 303)


def _here(import_id: int) -> str:
    """The page that the button was on."""
    return url_for(".page", import_id=import_id, page=request.args.get("page", type=int))


def _found(import_id: int) -> Import:
    brought = report.find(import_id)
    if brought is None or brought.kind is not ImportKind.bank:
        abort(404)
    return brought


def _row(import_id: int, position: int) -> ImportRow:
    return bank.find(import_id, position) or abort(404)


def _statement_page(form: FileForm) -> str:
    return render_template("staff/imports/statement.html", form=form)


def _page(brought: Import, refused: PayerForm | None = None) -> str:
    wanted = request.args.get("fate", Fate.asked.value)
    fate = Fate(wanted) if wanted in set(Fate) else None
    listed = page_of(partial(report.rows, brought, fate, is_with_people=True))
    forms = {row.position: PayerForm(row, formdata=None) for row in listed.rows}
    if refused is not None:
        db.session.rollback()
        forms[refused.row.position] = refused
    return render_template(
        "staff/imports/bank.html",
        brought=brought,
        counts=work.counts(brought),
        fate=fate,
        page=listed,
        forms=forms,
        payment_of=bank.payment_of,
        before=keeping.same_before(brought),
        is_busy=brought.state in work.STEPS,
        is_begun=keeping.is_begun(brought),
        asked=asked_for(),
    )
