"""The editors' pages about rounds, from plan to close."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import NotFound

from membership import days
from membership.clock import clock
from membership.extensions import db
from membership.rounds import planning, roll, rounds
from membership.rounds.forms import BallotForm
from membership.rounds.models import Round, Unit
from membership.staff import audit, sheets, words
from membership.staff.access import editors, staff_only
from membership.staff.votes.round_forms import RoundForm
from membership.staff.votes.topic_forms import ReasonForm
from membership.topics import life, moderation

bp = Blueprint("round_desk", __name__, url_prefix="/staff")
bp.before_request(staff_only)

CANNOT = (planning.CannotPrepare, planning.Frozen, life.ReasonMissing, roll.CannotVote)


@bp.get("/rounds")
def rounds_page() -> ResponseReturnValue:
    return render_template(
        "staff/votes/rounds.html", drafts=rounds.drafts(), rounds=rounds.listed()
    )


@bp.get("/rounds.csv")
def rounds_sheet() -> Response:
    """Times are those of the newsroom's time zone. Of votes nothing but how many voted."""
    heads = ("title", "unit", "budget", "opened", "closes", "closed", "roll", "voted", "address")
    return sheets.answer(f"rounds-{days.today()}", heads, _sheet_rows())


@bp.get("/rounds/new")
@editors
def new_round() -> ResponseReturnValue:
    return _plan_page(RoundForm.anew(moderation.candidates()))


@bp.post("/rounds/new")
@editors
def prepare_round() -> ResponseReturnValue:
    form = RoundForm(moderation.candidates())
    if not form.validate_on_submit():
        return _plan_page(form), 422
    try:
        round = planning.prepare(form.title.data or "", form.chosen, **_plan(form))
    except planning.CannotPrepare as trouble:
        db.session.rollback()
        return _plan_page(form, trouble=words.why(trouble)), 422
    audit.note("prepare round", round.title, by=current_user)
    db.session.commit()
    return redirect(url_for(".round_page", slug=round.slug), 303)


@bp.get("/rounds/<slug>")
def round_page(slug: str) -> ResponseReturnValue:
    return _page(_round(slug))


@bp.post("/rounds/<slug>/change")
@editors
def change_round(slug: str) -> ResponseReturnValue:
    round = _round(slug)
    form = RoundForm(moderation.candidates())
    if round.opened_at is not None:
        return _page(round, trouble=words.why(planning.Frozen(slug))), 409
    if not form.validate_on_submit():
        return _page(round, form=form), 422
    return _try(
        round,
        "change round",
        lambda: planning.change(
            round, form.title.data or "", form.chosen, **_plan(form, instead_of=round)
        ),
        form=form,
    )


@bp.get("/rounds/<slug>/preview")
def preview(slug: str) -> ResponseReturnValue:
    """The ballot as members will see it."""
    round = _round(slug)
    return render_template(
        "rounds/round.html",
        preview=True,
        round=round,
        entries=round.entries,
        form=BallotForm(round.ballot, formdata=None),
        ticked=frozenset(),
    )


@bp.post("/rounds/<slug>/open")
@editors
def open_round(slug: str) -> ResponseReturnValue:
    round = _round(slug)
    return _try(round, "open round", lambda: rounds.open(round))


@bp.post("/rounds/<slug>/discard")
@editors
def discard_round(slug: str) -> ResponseReturnValue:
    round = _round(slug)
    return _try(
        round, "discard round", lambda: planning.discard(round), then=url_for(".rounds_page")
    )


@bp.post("/rounds/<slug>/close")
@editors
def close_round(slug: str) -> ResponseReturnValue:
    round, form = _round(slug), ReasonForm(prefix="close")
    if round.closed_at is not None:
        return redirect(url_for("rounds.results_page", slug=slug), 303)
    if clock.now() < round.closes_at and not form.validate_on_submit():
        return _page(round, close=form), 422
    return _try(
        round,
        "close round",
        lambda: rounds.close(round, reason=form.reason.data),
        then=url_for("rounds.results_page", slug=slug),
    )


@bp.post("/rounds/<slug>/withdraw")
@editors
def withdraw_topic(slug: str) -> ResponseReturnValue:
    round, form = _round(slug), ReasonForm(prefix="withdraw")
    wanted = request.form.get("topic", type=int)
    entry = next((entry for entry in round.entries if entry.topic_id == wanted), None)
    if entry is None:
        raise NotFound
    if not form.validate_on_submit():
        return _page(round, withdraw=form), 422
    return _try(
        round,
        "withdraw topic",
        lambda: rounds.withdraw(entry, reason=form.reason.data or ""),
    )


def _sheet_rows() -> Iterator[Sequence[object]]:
    for round, turnout in rounds.every():
        yield (
            round.title,
            round.unit.value,
            round.budget,
            days.written(round.opened_at) if round.opened_at else None,
            days.written(round.closes_at),
            days.written(round.closed_at) if round.closed_at else None,
            turnout.roll,
            turnout.voted,
            round.slug,
        )


def _try(
    round: Round,
    act: str,
    work: Callable[[], object],
    *,
    form: RoundForm | None = None,
    then: str | None = None,
) -> ResponseReturnValue:
    """Do it, note it and go on to `then`; where it cannot be done, say why on the round's page."""
    slug = round.slug
    try:
        audit.carry_out(act, round.title, work, by=current_user)
    except CANNOT as trouble:
        db.session.rollback()
        return _page(_round(slug), form=form, trouble=words.why(trouble)), 409
    return redirect(then or url_for(".round_page", slug=slug), 303)


def _round(slug: str) -> Round:
    round = rounds.by_slug(slug, prepared=True)
    if round is None:
        raise NotFound
    return round


def _plan_page(form: RoundForm, *, trouble: str | None = None) -> str:
    return render_template(
        "staff/votes/round_new.html",
        form=form,
        left=_left_over(),
        trouble=trouble,
    )


def _page(
    round: Round,
    *,
    form: RoundForm | None = None,
    trouble: str | None = None,
    **forms: object,
) -> str:
    given = {
        "close": ReasonForm(formdata=None, prefix="close"),
        "withdraw": ReasonForm(formdata=None, prefix="withdraw"),
    }
    return render_template(
        "staff/votes/round.html",
        round=round,
        form=form or RoundForm.of(round, moderation.candidates()),
        forms=given | forms,
        left=_left_over(instead_of=round),
        turnout=roll.turnout(round),
        trouble=trouble,
        not_opened=words.why_not_prepared(round.trouble) if round.trouble else None,
    )


def _left_over(instead_of: Round | None = None) -> list[tuple[Round, int]]:
    """What earlier rounds left, in each unit."""
    left = (planning.left_over(unit, instead_of=instead_of) for unit in Unit)
    return [found for found in left if found]


def _plan(form: RoundForm, *, instead_of: Round | None = None) -> dict[str, Any]:
    plan = form.plan
    left = planning.left_over(Unit(form.unit.data), instead_of=instead_of)
    return plan | {"carry_from": left[0] if left and form.carry.data else None}
