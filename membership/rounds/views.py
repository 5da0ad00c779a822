"""Voting, the outcome, and checking it."""

from flask import Blueprint, Response, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required
from werkzeug.exceptions import NotFound

from membership import kept
from membership.extensions import db, limiter
from membership.patrons import marks
from membership.patrons.accounts import signed_in
from membership.patrons.models import Person
from membership.rounds import ballots, equal_shares, proof, published, results, roll, rounds, words
from membership.rounds.forms import BallotForm, ReceiptForm
from membership.rounds.models import Round
from membership.web import when

bp = Blueprint("rounds", __name__, url_prefix="/rounds")
bp.add_app_template_filter(words.amount)
bp.add_app_template_filter(words.portion)
bp.add_app_template_filter(words.figure)
bp.add_app_template_filter(words.quoted)
bp.add_app_template_filter(proof.seed_digest)


@bp.get("/<slug>")
@kept.for_everybody()
def round_page(slug: str) -> ResponseReturnValue:
    return _ballot_page(_round_or_404(slug))


@bp.post("/<slug>/ballot")
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
        form.refuse(form.GONE, form.approvals)
        return _ballot_page(_round_or_404(slug), form), 422
    except roll.CannotVote as refusal:
        db.session.rollback()
        code = 409 if isinstance(refusal, ballots.RoundClosed) else 403
        return _ballot_page(_round_or_404(slug), trouble=_("Your ballot was not saved.")), code
    db.session.commit()
    flash(_("Your ballot is saved. You can change it until %(when)s.", when=when(round.closes_at)))
    return redirect(url_for(".round_page", slug=slug), 303)


@bp.post("/<slug>/ballot/withdraw")
@login_required
@limiter.limit("30 per minute")
def withdraw(slug: str) -> ResponseReturnValue:
    """Take one's own ballot back."""
    try:
        withdrawn = ballots.withdraw(_round_or_404(slug), by=current_user)
    except roll.CannotVote:
        db.session.rollback()
        return _ballot_page(_round_or_404(slug), trouble=_("Your ballot stands as it was.")), 409
    db.session.commit()
    if withdrawn:
        flash(_("Your ballot is withdrawn. You can vote again until the vote closes."))
    return redirect(url_for(".round_page", slug=slug), 303)


@bp.get("/<slug>/results")
@kept.for_everybody()
def results_page(slug: str) -> ResponseReturnValue:
    round = _round_or_404(slug)
    if round.result is None:
        return render_template("rounds/not_yet.html", round=round), 404
    return _results_page(round, ReceiptForm(formdata=None))


@bp.post("/<slug>/results")
@limiter.limit("20 per minute")
def check_receipt(slug: str) -> ResponseReturnValue:
    """The ballot behind a receipt. By POST, so that no address or log has the receipt."""
    round, form = _round_or_404(slug), ReceiptForm()
    if round.result is None or not published.is_listed(round):
        raise NotFound
    if not form.validate_on_submit():
        return _results_page(round, form), 422
    ticked = ballots.by_receipt(round, form.receipt.data or "")
    page = _results_page(round, form, ticked=ticked, looked=True)
    return page, 200 if ticked is not None else 404


@bp.get("/<slug>/results.pb")
@limiter.limit("30 per minute")
def results_file(slug: str) -> ResponseReturnValue:
    round = _round_or_404(slug)
    if round.result is None:
        raise NotFound
    text = "".join(f"{line}\n" for line in published.recount_file(round))
    response = Response(text, mimetype="text/plain")
    response.headers["Content-Disposition"] = f'attachment; filename="{round.slug}.pb"'
    return response


@bp.get("/recount.py")
def recount() -> ResponseReturnValue:
    """The very file that counts here."""
    return send_file(
        equal_shares.__file__,
        mimetype="text/x-python",
        as_attachment=True,
        download_name="recount.py",
    )


def _round_or_404(slug: str) -> Round:
    round = rounds.by_slug(slug)
    if round is None:
        raise NotFound
    return round


def _ballot_page(
    round: Round, form: BallotForm | None = None, *, trouble: str | None = None
) -> Response | str:
    """The round with this reader's ballot, or with what stands between them and a ballot."""
    reader = signed_in()
    own = ballots.own(round, reader) if reader else None
    shown = form.ticked if form else own.ticked if own else frozenset()
    page = render_template(
        "rounds/round.html",
        round=round,
        entries=ballots.shuffled(round, reader) if reader else round.entries,
        form=form or BallotForm(round.ballot, formdata=None),
        refusal=_refusal(round, reader),
        ticked=shown,
        own=own,
        turnout=roll.turnout(round),
        fewest_listed=published.FEWEST_LISTED,
        trouble=trouble,
    )
    return _not_kept(page) if reader else page


def _results_page(
    round: Round, form: ReceiptForm, *, ticked: frozenset[int] | None = None, looked: bool = False
) -> Response | str:
    """The outcome; with the ballot that a receipt led to, if one was `looked` for."""
    outcome = results.of(round)
    links = [row.topic.link for row in outcome.chosen] if outcome else []
    page = render_template(
        "rounds/results.html",
        round=round,
        outcome=outcome,
        story_at=marks.each_for_reader(links, signed_in()),
        turnout=roll.turnout(round),
        listed=published.is_listed(round),
        fewest_listed=published.FEWEST_LISTED,
        form=form,
        looked=looked,
        ticked=ticked,
    )
    return _not_kept(page) if looked else page


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
