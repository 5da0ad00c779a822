"""Where readers report what is wrong, see what became of it, and read what was corrected."""

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_limiter.errors import RateLimitExceeded
from werkzeug.exceptions import NotFound

from membership import kept, origins
from membership.articles.corrections import answering, guard, published, reporting, telling, words
from membership.articles.corrections.answering import Question
from membership.articles.corrections.forms import AnswerForm, ReportForm
from membership.articles.corrections.models import Correction
from membership.extensions import db, limiter, settings
from membership.paging import page_of
from membership.settings.articles import NotOurs, ours
from membership.web import language

bp = Blueprint("corrections", __name__)
bp.add_app_template_filter(words.correction_kind_name)
bp.add_app_template_filter(telling.quoted, "quotable")
bp.add_app_template_filter(words.correction_state_name)

HOW_OFTEN = "12 per minute; 60 per hour"
LONGEST_ASKED = 1000


def _asked_article() -> str | None:
    """In its one spelling; None if the address of this page names none of ours."""
    try:
        return ours(request.args["article"][:LONGEST_ASKED]) if "article" in request.args else None
    except NotOurs:
        return None


def _is_part() -> bool:
    """Whether this is not how the list begins, of which there is one."""
    return "article" in request.args or "page" in request.args


@bp.get("/corrections")
@kept.for_everybody(unless=_is_part, signed_in=True)
def index() -> ResponseReturnValue:
    article = _asked_article()
    page = page_of(
        lambda *, limit, offset: published.latest(limit=limit, offset=offset, article=article)
    )
    return render_template("articles/corrections/index.html", page=page, article=article)


@bp.get("/corrections/new")
def new() -> ResponseReturnValue:
    asked = {
        "article": request.args.get("about", "")[:LONGEST_ASKED],
        "exact": request.args.get("exact", "")[:LONGEST_ASKED],
    }
    form = ReportForm(formdata=None, **asked)
    if asked["article"]:
        form.check_asked()
    return _report_page(form)


@bp.post("/corrections/new")
def report() -> ResponseReturnValue:
    form = ReportForm()
    case, status = _take(form)
    if case is None:
        return _report_page(form), status
    sent = "yes" if reporting.will_be_told(form.report, case) else "unwritten"
    return redirect(url_for(".became", code=case.code, sent=sent), 303)


@bp.post("/embed/correction")
@origins.anywhere
def report_from_article() -> ResponseReturnValue:
    """For the script of articles, on whatever site they are."""
    wished = request.form.get("lang", "")
    with force_locale(wished if wished in settings.languages else language()):
        form = ReportForm()
        case, status = _take(form)
        if case is None:
            answer = jsonify(errors=form.errors_by_field)
        else:
            note = "" if reporting.will_be_told(form.report, case) else words.no_letter()
            answer = jsonify(code=case.code, address=telling.address_of(case), note=note)
    return answer, status


@bp.after_request
def _let_articles_read(response: Response) -> Response:
    if request.endpoint == "corrections.report_from_article":
        response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@bp.get("/corrections/reports/<code>")
def became(code: str) -> ResponseReturnValue:
    """What became of a case, for who reported it; not for search engines, as strangers wrote it."""
    case = reporting.by_code(code)
    if case is None or len(code) > 16:
        raise NotFound
    page = render_template(
        "articles/corrections/became.html",
        case=case,
        sent="sent" in request.args,
        note=words.no_letter() if request.args.get("sent") == "unwritten" else "",
    )
    return page, {"X-Robots-Tag": "noindex"}


@bp.get("/corrections/answer/<token>")
def question(token: str) -> ResponseReturnValue:
    return _answer_page(_question(token), AnswerForm(formdata=None))


@bp.post("/corrections/answer/<token>")
@limiter.limit("12 per hour")
def answer(token: str) -> ResponseReturnValue:
    its, form = _question(token), AnswerForm()
    if not its.is_open:
        return _answer_page(its, form), 409
    if not form.validate_on_submit():
        return _answer_page(its, form), 422
    answering.answer(its, form.answer.data or "")
    return redirect(url_for(".became", code=its.case.code, sent="yes"), 303)


def _take(form: ReportForm) -> tuple[Correction | None, int]:
    """The case that was reported, or what is wrong, which the form knows then."""
    try:
        with limiter.limit(HOW_OFTEN):
            if not form.validate_on_submit():
                return None, 422
            client = guard.client_at(request.remote_addr)
            return reporting.report(form.report, client=client), 201
    except (RateLimitExceeded, guard.TooManyReports):
        db.session.rollback()
        form.refuse(
            _(
                "That was a lot in a short time. Wait an hour, or write to %(contact)s.",
                contact=settings.newsroom_contact,
            )
        )
        return None, 429


def _report_page(form: ReportForm) -> str:
    return render_template("articles/corrections/new.html", form=form)


def _question(token: str) -> Question:
    its = answering.find(token)
    if its is None:
        raise NotFound
    return its


def _answer_page(its: Question, form: AnswerForm) -> str:
    return render_template("articles/corrections/answer.html", question=its, form=form)
