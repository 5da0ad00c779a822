"""What readers point out in articles, and what editors decide on it."""

from collections.abc import Callable

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.exceptions import NotFound

from membership import days
from membership.articles.corrections import (
    casework,
    deciding,
    figures,
    forgetting,
    reporting,
    telling,
)
from membership.articles.corrections.casework import Row, Tab, Wanted
from membership.articles.corrections.models import Correction
from membership.articles.corrections.passages import Passage
from membership.extensions import db
from membership.paging import Page, page_of
from membership.staff import audit, sheets
from membership.staff.access import editors, staff_only
from membership.staff.corrections.correction_forms import (
    AskForm,
    DecisionForm,
    DeclineForm,
    FilterForm,
    NoteForm,
)

bp = Blueprint("correction_desk", __name__, url_prefix="/staff")
bp.before_request(staff_only)

HEADS = (
    *("code", "article", "title", "passage", "kind", "state", "held_back", "reports", "reporters"),
    *("first_reported", "decided", "was", "now"),
)


@bp.get("/corrections")
def corrections_page() -> ResponseReturnValue:
    tab, form = _tab(), FilterForm(formdata=request.args)
    page: Page[Row] = Page((), 1, more=False)
    if form.read():
        page = _page(tab, form.wanted)
    return render_template(
        "staff/corrections/corrections.html",
        tab=tab,
        tabs=casework.counts(),
        form=form,
        page=page,
        waiting=figures.waiting(),
        lately=figures.lately(),
    )


@bp.get("/corrections.csv")
def corrections_sheet() -> Response:
    """Times are those of the newsroom's time zone."""
    rows = map(_line, casework.every().every())
    return sheets.answer(f"corrections-{days.today()}", HEADS, rows)


@bp.post("/corrections/let-go")
@editors
def let_same_go() -> ResponseReturnValue:
    """Of what a flood brought all that says the same."""
    same = request.form.get("same", "")
    gone = forgetting.let_same_go(same)
    if gone:
        audit.note("let corrections go", str(gone), by=current_user)
    db.session.commit()
    flash(ngettext("%(num)d report thrown away.", "%(num)d reports thrown away.", gone))
    return redirect(url_for(".corrections_page", tab=Tab.flood.value), 303)


@bp.get("/corrections/<code>")
def correction_page(code: str) -> ResponseReturnValue:
    return _case_page(_case(code))


@bp.post("/corrections/<code>/lift")
@editors
def lift(code: str) -> ResponseReturnValue:
    case = _case(code)
    return _try(case, "lift correction", lambda: deciding.lift(case))


@bp.post("/corrections/<code>/drop")
@editors
def drop(code: str) -> ResponseReturnValue:
    """What no reader wrote in earnest, and nothing was decided on."""
    case = _case(code)
    about = f"{code} {case.article}"[:300]
    if not forgetting.drop(case):
        raise NotFound
    audit.note("let corrections go", about, by=current_user)
    db.session.commit()
    flash(_("Thrown away."))
    return redirect(url_for(".corrections_page"), 303)


@bp.post("/corrections/<code>/mend")
@editors
def mend(code: str) -> ResponseReturnValue:
    case, form = _case(code), DecisionForm(prefix="mend")
    if not form.validate_on_submit():
        return _case_page(case, mend=form), 422
    return _try(
        case,
        "mend correction",
        lambda: deciding.mend(case, by=current_user, seen=form.known),
    )


@bp.post("/corrections/<code>/note")
@editors
def note(code: str) -> ResponseReturnValue:
    case, form = _case(code), NoteForm(prefix="note")
    if not form.validate_on_submit():
        return _case_page(case, note=form), 422

    def work() -> None:
        deciding.note(
            case,
            by=current_user,
            seen=form.known,
            title=form.title.data or "",
            was=form.was.data or "",
            now=form.now.data or "",
        )

    return _try(case, "note correction", work, note=form)


@bp.post("/corrections/<code>/decline")
@editors
def decline(code: str) -> ResponseReturnValue:
    case, form = _case(code), DeclineForm(prefix="decline")
    if not form.validate_on_submit():
        return _case_page(case, decline=form), 422

    def work() -> None:
        deciding.decline(case, by=current_user, seen=form.known, reason=form.reason.data or "")

    return _try(case, "decline correction", work, decline=form)


@bp.post("/corrections/<code>/ask")
@editors
def ask(code: str) -> ResponseReturnValue:
    case, form = _case(code), AskForm(prefix="ask")
    if not form.validate_on_submit():
        return _case_page(case, ask=form), 422

    def work() -> None:
        deciding.ask(case, by=current_user, seen=form.known, question=form.question.data or "")

    return _try(case, "ask about correction", work, ask=form)


def _tab() -> Tab:
    try:
        return Tab(request.args.get("tab", ""))
    except ValueError:
        return Tab.open


def _page(tab: Tab, wanted: Wanted) -> Page[Row]:
    if tab is Tab.flood and not wanted.said_key:
        return page_of(lambda *, limit, offset: casework.flood(wanted, limit=limit, offset=offset))
    return page_of(lambda *, limit, offset: casework.page(tab, wanted, limit=limit, offset=offset))


def _line(row: tuple[object, ...]) -> tuple[object, ...]:
    *told, kind, state, listed_at, reports, reporters, first_at, decided_at, was, now = row
    return (
        *told,
        str(kind),
        str(state),
        "no" if listed_at else "yes",
        reports,
        reporters,
        days.written(first_at),  # type: ignore[arg-type]
        days.written(decided_at) if decided_at else None,  # type: ignore[arg-type]
        was,
        now,
    )


def _case(code: str) -> Correction:
    case = reporting.by_code(code)
    if case is None:
        raise NotFound
    return case


def _try(
    case: Correction, act: str, work: Callable[[], object], **forms: DecisionForm
) -> ResponseReturnValue:
    """Do it and note it; where it cannot be done, say why on the page of the case."""
    code = case.code
    try:
        audit.carry_out(act, f"{code} {case.article}"[:300], work, by=current_user)
    except (deciding.MovedOn, deciding.NobodyToAsk) as trouble:
        db.session.rollback()
        return _case_page(_case(code), trouble=_why(trouble), **forms), 409
    return redirect(url_for(".correction_page", code=code), 303)


def _why(trouble: Exception) -> str:
    if isinstance(trouble, deciding.NobodyToAsk):
        return str(_("Nobody left an address."))
    return str(_("Somebody decided on it meanwhile; look at what stands now."))


def _case_page(case: Correction, *, trouble: str | None = None, **forms: DecisionForm) -> str:
    passage = Passage(case.article, case.exact, case.prefix, case.suffix, case.paragraph)
    given = {
        "mend": DecisionForm.on(case, "mend"),
        "note": NoteForm.on(case, "note"),
        "decline": DeclineForm.on(case, "decline"),
        "ask": AskForm.on(case, "ask"),
    }
    if trouble:
        for form in forms.values():
            form.seen.data = len(case.decisions)
    return render_template(
        "staff/corrections/correction.html",
        case=case,
        passage=passage,
        forms=given | forms,
        can_ask=bool(telling.addressees(case)),
        earlier=casework.earlier(case),
        trouble=trouble,
    )
