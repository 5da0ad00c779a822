"""Proposing, voting and checking."""

from flask import Blueprint, Response, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required
from werkzeug.exceptions import NotFound

from membership.clock import clock
from membership.extensions import db, limiter
from membership.patrons import memberships
from membership.patrons.models import Person
from membership.topics import ballots, equal_shares, proposals, results, roll, rounds, words
from membership.topics.forms import BallotForm, ProposalForm
from membership.topics.models import Round
from membership.web import when

bp = Blueprint("topics", __name__)
bp.add_app_template_filter(words.state_name)


@bp.get("/topics")
def index() -> ResponseReturnValue:
    return render_template(
        "topics/index.html",
        sections=words.sections(proposals.visible(_reader())),
        rounds=rounds.listed(),
        now=clock.now(),
    )


@bp.get("/topics/new")
@login_required
def new() -> ResponseReturnValue:
    return _proposal_page(ProposalForm(), may=memberships.is_member(current_user))


@bp.post("/topics/new")
@login_required
@limiter.limit("10 per hour; 30 per day")
def propose() -> ResponseReturnValue:
    form = ProposalForm()
    if not form.validate_on_submit():
        return _proposal_page(form), 422
    try:
        topic = proposals.propose(form.title.data or "", form.why.data or "", by=current_user)
    except roll.NotAMember:
        return _proposal_page(form, may=False), 403
    db.session.commit()
    flash(_("Thank you. An editor reads your topic before others see it."))
    return redirect(url_for(".topic_page", slug=topic.slug), 303)


@bp.get("/topics/<slug>")
def topic_page(slug: str) -> ResponseReturnValue:
    topic = proposals.by_slug(slug, seen_by=_reader())
    if topic is None:
        raise NotFound
    return render_template("topics/topic.html", topic=topic, rounds=rounds.with_topic(topic))


@bp.get("/rounds/<slug>")
def round_page(slug: str) -> ResponseReturnValue:
    return _ballot_page(_round_or_404(slug))


@bp.post("/rounds/<slug>/ballot")
@login_required
@limiter.limit("30 per minute")
def cast(slug: str) -> ResponseReturnValue:
    round = _round_or_404(slug)
    form = BallotForm(round.entries)
    if not form.validate_on_submit():
        return _ballot_page(round, form), 422
    try:
        ballots.cast(round, by=current_user, approvals=form.ticked)
    except roll.CannotVote as refusal:
        db.session.rollback()
        code = 409 if isinstance(refusal, ballots.RoundClosed) else 403
        return _ballot_page(_round_or_404(slug)), code
    db.session.commit()
    flash(_("Your ballot is saved. You can change it until %(when)s.", when=when(round.closes_at)))
    return redirect(url_for(".round_page", slug=slug), 303)


@bp.get("/rounds/<slug>/results")
def results_page(slug: str) -> ResponseReturnValue:
    round = _round_or_404(slug)
    outcome = results.of(round)
    if outcome is None:
        return render_template("topics/not_yet.html", round=round), 404
    return render_template(
        "topics/results.html",
        round=round,
        outcome=outcome,
        turnout=roll.turnout(round),
        listed=outcome.voters >= results.FEWEST_LISTED,
    )


@bp.get("/rounds/<slug>/results.pb")
def results_file(slug: str) -> ResponseReturnValue:
    round = _round_or_404(slug)
    if round.result is None:
        raise NotFound
    text = "".join(f"{line}\n" for line in results.recount_file(round))
    response = Response(text, mimetype="text/plain")
    response.headers["Content-Disposition"] = f'attachment; filename="{round.slug}.pb"'
    return response


@bp.get("/rounds/recount.py")
def recount() -> ResponseReturnValue:
    """The very file that counts here."""
    return send_file(
        equal_shares.__file__,
        mimetype="text/x-python",
        as_attachment=True,
        download_name="recount.py",
    )


def _reader() -> Person | None:
    person: Person | None = current_user if current_user.is_authenticated else None
    return person


def _round_or_404(slug: str) -> Round:
    round = rounds.by_slug(slug)
    if round is None:
        raise NotFound
    return round


def _proposal_page(form: ProposalForm, *, may: bool = True) -> str:
    return render_template("topics/new.html", form=form, may=may)


def _ballot_page(round: Round, form: BallotForm | None = None) -> Response:
    """The round with this reader's ballot, or with what stands between them and a ballot."""
    reader = _reader()
    ticked = ballots.own(round, reader) if reader else None
    shown = form.ticked if form else ticked
    page = render_template(
        "topics/round.html",
        round=round,
        entries=ballots.shuffled(round, reader) if reader else round.entries,
        form=form or BallotForm(round.entries, formdata=None),
        refusal=_refusal(round, reader),
        ticked=shown or frozenset(),
        has_voted=ticked is not None,
        turnout=roll.turnout(round),
        seed_hash=rounds.seed_hash(round),
    )
    response = Response(page)
    response.cache_control.no_store = True
    return response


def _refusal(round: Round, reader: Person | None) -> str | None:
    """The name of what keeps this reader from voting."""
    try:
        ballots.check_open(round)
        if reader is None:
            return "NotSignedIn"
        roll.check(round, reader)
    except roll.CannotVote as refusal:
        return type(refusal).__name__
    return None
