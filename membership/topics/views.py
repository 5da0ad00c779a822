"""Proposing, voting and checking."""

from collections.abc import Sequence

from flask import (
    Blueprint,
    Response,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required
from werkzeug.exceptions import NotFound

from membership.clock import clock
from membership.extensions import db, limiter
from membership.patrons import memberships
from membership.patrons.models import Person
from membership.topics import (
    ballots,
    equal_shares,
    follows,
    life,
    proof,
    proposals,
    results,
    roll,
    rounds,
    words,
)
from membership.topics.forms import BallotForm, ProposalForm, ReceiptForm, TopicForm
from membership.topics.models import Round, Topic
from membership.web import when

bp = Blueprint("topics", __name__)
bp.add_app_template_filter(words.state_name)
bp.add_app_template_filter(words.amount)
bp.add_app_template_filter(words.portion)
bp.add_app_template_filter(words.figure)
bp.add_app_template_filter(words.quoted)
bp.add_app_template_filter(proof.seed_digest)

LONGEST_SEARCH = 200


@bp.get("/topics")
def index() -> ResponseReturnValue:
    wanted = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    return render_template(
        "topics/index.html",
        sections=words.sections(proposals.visible(_reader(), wanted=wanted)),
        rounds=rounds.listed(),
        now=clock.now(),
        wanted=wanted,
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
    alike = proposals.alike(form.title.data or "", seen_by=current_user)
    if alike and not form.seen.data:
        return _proposal_page(form, alike=alike)
    try:
        topic = proposals.propose(
            form.title.data or "", form.why.data or "", links=form.addresses, by=current_user
        )
    except roll.NotAMember:
        db.session.rollback()
        return _proposal_page(form, may=False), 403
    except proposals.TooManyProposals:
        db.session.rollback()
        return _proposal_page(form, too_many=True), 429
    db.session.commit()
    flash(_("Thank you. An editor reads your topic before others see it."))
    return redirect(url_for(".topic_page", slug=topic.slug), 303)


@bp.get("/topics/similar")
@limiter.limit("120 per minute")
def similar() -> ResponseReturnValue:
    """A piece of a page: topics that look like what is being typed."""
    wanted = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    return render_template(
        "topics/_similar.html", topics=proposals.alike(wanted, seen_by=_reader())
    )


@bp.get("/topics/<slug>")
def topic_page(slug: str) -> ResponseReturnValue:
    topic, reader = _topic_or_404(slug), _reader()
    return render_template(
        "topics/topic.html",
        topic=topic,
        rounds=rounds.with_topic(topic),
        edits=proposals.edits(topic),
        followers=follows.number(topic),
        follows=reader is not None and follows.follows(topic, reader),
        mine=_may_edit(topic),
    )


@bp.get("/topics/<slug>/edit")
@login_required
def edit_page(slug: str) -> ResponseReturnValue:
    topic = _topic_or_404(slug)
    if not _may_edit(topic):
        raise NotFound
    return render_template("topics/edit.html", topic=topic, form=TopicForm.of(topic))


@bp.post("/topics/<slug>/edit")
@login_required
@limiter.limit("30 per hour")
def edit(slug: str) -> ResponseReturnValue:
    topic, form = _topic_or_404(slug), TopicForm()
    if not form.validate_on_submit():
        return render_template("topics/edit.html", topic=topic, form=form), 422
    try:
        proposals.edit(topic, by=current_user, by_staff=False, **form.text)
    except proposals.CannotEdit:
        raise NotFound from None
    db.session.commit()
    return redirect(url_for(".topic_page", slug=slug), 303)


@bp.post("/topics/<slug>/follow")
@login_required
@limiter.limit("60 per minute")
def follow(slug: str) -> ResponseReturnValue:
    follows.follow(_topic_or_404(slug), current_user)
    db.session.commit()
    return redirect(url_for(".topic_page", slug=slug), 303)


@bp.post("/topics/<slug>/unfollow")
@login_required
@limiter.limit("60 per minute")
def unfollow(slug: str) -> ResponseReturnValue:
    follows.unfollow(_topic_or_404(slug), current_user)
    db.session.commit()
    return redirect(url_for(".topic_page", slug=slug), 303)


@bp.get("/account/votes")
@login_required
def mine() -> ResponseReturnValue:
    """What became of what one voted on, proposed and follows; never how one voted."""
    return render_template(
        "topics/mine.html",
        rounds=rounds.voted_by(current_user),
        proposed=proposals.proposed_by(current_user),
        followed=follows.followed_by(current_user),
    )


@bp.get("/rounds/<slug>")
def round_page(slug: str) -> ResponseReturnValue:
    return _ballot_page(_round_or_404(slug))


@bp.post("/rounds/<slug>/ballot")
@login_required
@limiter.limit("30 per minute")
def cast(slug: str) -> ResponseReturnValue:
    round = _round_or_404(slug)
    form = BallotForm(round.ballot)
    if not form.validate_on_submit():
        return _ballot_page(round, form), 422
    try:
        ballots.cast(round, by=current_user, approvals=form.ticked)
    except ballots.UnknownTopic:
        db.session.rollback()
        return _ballot_page(_round_or_404(slug), form), 422
    except roll.CannotVote as refusal:
        db.session.rollback()
        code = 409 if isinstance(refusal, ballots.RoundClosed) else 403
        return _ballot_page(_round_or_404(slug)), code
    db.session.commit()
    flash(_("Your ballot is saved. You can change it until %(when)s.", when=when(round.closes_at)))
    return redirect(url_for(".round_page", slug=slug), 303)


@bp.post("/rounds/<slug>/ballot/withdraw")
@login_required
@limiter.limit("30 per minute")
def withdraw(slug: str) -> ResponseReturnValue:
    """Take one's own ballot back."""
    try:
        withdrawn = ballots.withdraw(_round_or_404(slug), by=current_user)
    except roll.CannotVote:
        db.session.rollback()
        return _ballot_page(_round_or_404(slug)), 409
    db.session.commit()
    if withdrawn:
        flash(_("Your ballot is withdrawn. You can vote again until the vote closes."))
    return redirect(url_for(".round_page", slug=slug), 303)


@bp.get("/rounds/<slug>/results")
def results_page(slug: str) -> ResponseReturnValue:
    round = _round_or_404(slug)
    if round.result is None:
        return render_template("topics/not_yet.html", round=round), 404
    return _results_page(round, ReceiptForm(formdata=None))


@bp.post("/rounds/<slug>/results")
@limiter.limit("20 per minute")
def check_receipt(slug: str) -> ResponseReturnValue:
    """The ballot behind a receipt. By POST, so that no address or log has the receipt."""
    round, form = _round_or_404(slug), ReceiptForm()
    if round.result is None or not results.is_listed(round):
        raise NotFound
    if not form.validate_on_submit():
        return _results_page(round, form), 422
    ticked = ballots.by_receipt(round, form.receipt.data or "")
    page = _results_page(round, form, ticked=ticked, looked=True)
    return page, 200 if ticked is not None else 404


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


def _topic_or_404(slug: str) -> Topic:
    topic = proposals.by_slug(slug, seen_by=_reader())
    if topic is None:
        raise NotFound
    return topic


def _may_edit(topic: Topic) -> bool:
    """Its author may, until an editor has read it."""
    reader = _reader()
    return reader is not None and topic.proposed_by_id == reader.id and topic.state is life.FIRST


def _proposal_page(
    form: ProposalForm,
    *,
    may: bool = True,
    too_many: bool = False,
    alike: Sequence[Topic] = (),
) -> str:
    return render_template("topics/new.html", form=form, may=may, too_many=too_many, alike=alike)


def _ballot_page(round: Round, form: BallotForm | None = None) -> Response:
    """The round with this reader's ballot, or with what stands between them and a ballot."""
    reader = _reader()
    own = ballots.own(round, reader) if reader else None
    shown = form.ticked if form else own.ticked if own else frozenset()
    page = render_template(
        "topics/round.html",
        round=round,
        entries=ballots.shuffled(round, reader) if reader else round.entries,
        form=form or BallotForm(round.ballot, formdata=None),
        refusal=_refusal(round, reader),
        ticked=shown,
        own=own,
        turnout=roll.turnout(round),
        fewest_listed=results.FEWEST_LISTED,
    )
    return _not_kept(page)


def _results_page(
    round: Round, form: ReceiptForm, *, ticked: frozenset[int] | None = None, looked: bool = False
) -> Response:
    """The outcome; with the ballot that a receipt led to, if one was `looked` for."""
    page = render_template(
        "topics/results.html",
        round=round,
        outcome=results.of(round),
        turnout=roll.turnout(round),
        listed=results.is_listed(round),
        fewest_listed=results.FEWEST_LISTED,
        form=form,
        looked=looked,
        ticked=ticked,
    )
    return _not_kept(page) if looked else Response(page)


def _not_kept(page: str) -> Response:
    """Shows a ballot: neither a proxy nor the back button's cache may have it."""
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
