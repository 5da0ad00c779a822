"""The editors' pages: topics from proposal to story, and rounds."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user, login_required
from flask_security import roles_accepted
from werkzeug.exceptions import NotFound

from membership.clock import clock
from membership.extensions import db
from membership.staff import audit, words
from membership.staff.editing_forms import (
    DeclineForm,
    HoursForm,
    MergeForm,
    ReasonForm,
    RoundForm,
    StoryForm,
)
from membership.topics import follows, life, merges, moderation, planning, proposals, roll, rounds
from membership.topics.forms import BallotForm, TopicForm
from membership.topics.models import Round, Topic, TopicState, Unit

bp = Blueprint("editing", __name__, url_prefix="/staff")

FORWARD = (TopicState.assigned, TopicState.reporting)


@bp.before_request
@login_required
@roles_accepted("editor", "finance", "admin")
def staff_only() -> None:
    """Everybody on the staff may look; who may act is said at each act."""


editors = roles_accepted("editor", "admin")


@bp.get("/topics")
def topics_page() -> ResponseReturnValue:
    return render_template("staff/topics.html", desk=moderation.desk())


@bp.get("/topics/new")
@editors
def new_topic() -> ResponseReturnValue:
    return render_template("staff/topic_new.html", form=TopicForm(formdata=None))


@bp.post("/topics/new")
@editors
def suggest() -> ResponseReturnValue:
    form = TopicForm()
    if not form.validate_on_submit():
        return render_template("staff/topic_new.html", form=form), 422
    topic = proposals.suggest(form.title.data or "", form.why.data or "", links=form.addresses)
    return _done(topic, "suggest topic")


@bp.get("/topics/<slug>")
def topic_page(slug: str) -> ResponseReturnValue:
    return _topic_page(_topic(slug))


@bp.post("/topics/<slug>/edit")
@editors
def edit_topic(slug: str) -> ResponseReturnValue:
    topic, form = _topic(slug), TopicForm()
    if not form.validate_on_submit():
        return _topic_page(topic, edit=form), 422
    return _try(
        topic,
        "edit topic",
        lambda: proposals.edit(topic, by=current_user, by_staff=True, **form.text),
    )


@bp.post("/topics/<slug>/hours")
@editors
def judge(slug: str) -> ResponseReturnValue:
    topic, form = _topic(slug), HoursForm()
    if not form.validate_on_submit():
        return _topic_page(topic, hours=form), 422
    return _try(topic, "judge topic", lambda: proposals.judge(topic, form.hours.data))


@bp.post("/topics/<slug>/accept")
@editors
def accept(slug: str) -> ResponseReturnValue:
    topic = _topic(slug)
    return _try(topic, "accept topic", lambda: life.move(topic, TopicState.in_review))


@bp.post("/topics/<slug>/decline")
@editors
def decline(slug: str) -> ResponseReturnValue:
    topic, form = _topic(slug), DeclineForm(prefix="decline")
    if not form.validate_on_submit():
        return _topic_page(topic, decline=form), 422

    def act() -> None:
        life.move(topic, TopicState.declined, reason=form.reason.data)
        topic.hidden = bool(form.hidden.data)

    return _try(topic, "decline topic", act)


@bp.post("/topics/<slug>/merge")
@editors
def merge(slug: str) -> ResponseReturnValue:
    topic = _topic(slug)
    form = MergeForm(moderation.mergeable(topic), prefix="merge")
    if not form.validate_on_submit():
        return _topic_page(topic, merge=form), 422

    def act() -> None:
        target = db.session.get_one(Topic, form.into.data)
        merged = merges.merge(topic, target, reason=form.reason.data or "")
        moved = ngettext("%(num)d follower moved", "%(num)d followers moved", merged.moved)
        there = ngettext("%(num)d already there", "%(num)d already there", merged.already)
        flash(f"{moved}, {there}.")

    return _try(topic, "merge topic", act)


@bp.post("/topics/<slug>/unmerge")
@editors
def unmerge(slug: str) -> ResponseReturnValue:
    topic, form = _topic(slug), ReasonForm(prefix="unmerge")
    merged = merges.of(topic)
    if merged is None:
        raise NotFound
    if not form.validate_on_submit():
        return _topic_page(topic, unmerge=form), 422
    return _try(topic, "unmerge topic", lambda: merges.undo(merged, reason=form.reason.data or ""))


@bp.post("/topics/<slug>/forward/<state>")
@editors
def forward(slug: str, state: str) -> ResponseReturnValue:
    """A reporter is assigned; the reporting has begun."""
    topic = _topic(slug)
    if state not in FORWARD:
        raise NotFound
    return _try(topic, f"topic {state}", lambda: life.move(topic, TopicState(state)))


@bp.post("/topics/<slug>/publish")
@editors
def publish(slug: str) -> ResponseReturnValue:
    topic, form = _topic(slug), StoryForm(prefix="publish")
    if not form.validate_on_submit():
        return _topic_page(topic, publish=form), 422
    return _try(
        topic,
        "topic published",
        lambda: life.move(topic, TopicState.published, link=form.link.data),
    )


@bp.post("/topics/<slug>/drop")
@editors
def drop(slug: str) -> ResponseReturnValue:
    topic, form = _topic(slug), ReasonForm(prefix="drop")
    if not form.validate_on_submit():
        return _topic_page(topic, drop=form), 422
    if topic.state is TopicState.on_ballot:
        raise NotFound
    return _try(
        topic,
        "drop topic",
        lambda: life.move(topic, TopicState.dropped, reason=form.reason.data),
    )


@bp.get("/rounds")
def rounds_page() -> ResponseReturnValue:
    return render_template("staff/rounds.html", drafts=rounds.drafts(), rounds=rounds.listed())


@bp.get("/rounds/new")
@editors
def new_round() -> ResponseReturnValue:
    return _plan_page(RoundForm(moderation.candidates(), formdata=None))


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
        return _plan_page(form, trouble=words.trouble_name(str(trouble))), 422
    audit.note("prepare round", round.title, by=current_user)
    db.session.commit()
    return redirect(url_for(".round_page", slug=round.slug), 303)


@bp.get("/rounds/<slug>")
def round_page(slug: str) -> ResponseReturnValue:
    return _round_page(_round(slug))


@bp.post("/rounds/<slug>/change")
@editors
def change_round(slug: str) -> ResponseReturnValue:
    round = _round(slug)
    form = RoundForm(moderation.candidates())
    if round.opened_at is not None:
        return _round_page(round, trouble=_why(planning.Frozen(slug))), 409
    if not form.validate_on_submit():
        return _round_page(round, form=form), 422
    return _try_round(
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
        "topics/round.html",
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
    return _try_round(round, "open round", lambda: rounds.open(round))


@bp.post("/rounds/<slug>/discard")
@editors
def discard_round(slug: str) -> ResponseReturnValue:
    round = _round(slug)
    return _try_round(
        round, "discard round", lambda: planning.discard(round), then=url_for(".rounds_page")
    )


@bp.post("/rounds/<slug>/close")
@editors
def close_round(slug: str) -> ResponseReturnValue:
    round, form = _round(slug), ReasonForm(prefix="close")
    if round.closed_at is not None:
        return redirect(url_for("topics.results_page", slug=slug), 303)
    if not form.validate_on_submit() and clock.now() < round.closes_at:
        return _round_page(round, close=form), 422
    return _try_round(
        round,
        "close round",
        lambda: rounds.close(round, reason=form.reason.data),
        then=url_for("topics.results_page", slug=slug),
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
        return _round_page(round, withdraw=form), 422
    return _try_round(
        round,
        "withdraw topic",
        lambda: rounds.withdraw(entry, reason=form.reason.data or ""),
    )


def _try(topic: Topic, act: str, work: Callable[[], object]) -> ResponseReturnValue:
    """Do it and note it; where it cannot be done, say why on the topic's page."""
    slug = topic.slug
    try:
        work()
    except (
        life.WrongTurn,
        life.ReasonMissing,
        merges.CannotMerge,
        proposals.CannotEdit,
        proposals.NotABand,
    ) as trouble:
        db.session.rollback()
        return _topic_page(_topic(slug), trouble=_why(trouble)), 409
    return _done(topic, act)


def _done(topic: Topic, act: str) -> ResponseReturnValue:
    audit.note(act, topic.title, by=current_user)
    db.session.commit()
    return redirect(url_for(".topic_page", slug=topic.slug), 303)


def _try_round(
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
        work()
    except (
        planning.CannotPrepare,
        planning.Frozen,
        life.ReasonMissing,
        roll.CannotVote,
    ) as trouble:
        db.session.rollback()
        return _round_page(_round(slug), form=form, trouble=_why(trouble)), 409
    audit.note(act, round.title, by=current_user)
    db.session.commit()
    return redirect(then or url_for(".round_page", slug=slug), 303)


def _why(trouble: Exception) -> str:
    """What keeps an act from being done, in the reader's words."""
    reasons = {
        life.WrongTurn: _("The topic has moved on meanwhile; look at where it is now."),
        merges.CannotMerge: _("Only topics that are not on a ballot yet can be merged or parted."),
        proposals.CannotEdit: _("Members have voted on this text, or are voting; it stays."),
        planning.Frozen: _(
            "This round is open, and what members were told at the opening stays as it is."
        ),
        roll.CannotVote: _("This round is not open."),
        life.ReasonMissing: _("Give a reason; it is published."),
    }
    found = next((text for kind, text in reasons.items() if isinstance(trouble, kind)), None)
    return found or words.trouble_name(str(trouble))


def _topic(slug: str) -> Topic:
    topic = proposals.by_slug(slug, seen_by=current_user)
    if topic is None:
        raise NotFound
    return topic


def _topic_page(topic: Topic, *, trouble: str | None = None, **forms: object) -> str:
    given = {
        "edit": TopicForm.of(topic),
        "hours": HoursForm(formdata=None, hours=(topic.minutes or 0) // 60),
        "decline": DeclineForm(formdata=None, prefix="decline"),
        "merge": MergeForm(moderation.mergeable(topic), formdata=None, prefix="merge"),
        "unmerge": ReasonForm(formdata=None, prefix="unmerge"),
        "publish": StoryForm(formdata=None, prefix="publish"),
        "drop": ReasonForm(formdata=None, prefix="drop"),
    }
    return render_template(
        "staff/topic.html",
        topic=topic,
        forms=given | forms,
        next=life.NEXT.get(topic.state, ()),
        can_edit=topic.state in life.BEFORE_A_BALLOT,
        followers=follows.number(topic),
        edits=proposals.edits(topic),
        alike=[
            other
            for other in proposals.alike(topic.title, seen_by=current_user)
            if other.id != topic.id
        ],
        merged=merges.of(topic),
        trouble=trouble,
    )


def _round(slug: str) -> Round:
    round = rounds.by_slug(slug, prepared=True)
    if round is None:
        raise NotFound
    return round


def _plan_page(form: RoundForm, *, trouble: str | None = None) -> str:
    return render_template(
        "staff/round_new.html",
        form=form,
        left=_left_over(),
        trouble=trouble,
    )


def _round_page(
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
        "staff/round.html",
        round=round,
        form=form or RoundForm.of(round, moderation.candidates()),
        forms=given | forms,
        left=_left_over(instead_of=round),
        turnout=roll.turnout(round),
        trouble=trouble or (words.trouble_name(round.trouble) if round.trouble else None),
    )


def _left_over(instead_of: Round | None = None) -> list[tuple[Round, int]]:
    """What earlier rounds left, in each unit."""
    left = (planning.left_over(unit, instead_of=instead_of) for unit in Unit)
    return [found for found in left if found]


def _plan(form: RoundForm, *, instead_of: Round | None = None) -> dict[str, Any]:
    plan = form.plan
    left = planning.left_over(Unit(form.unit.data), instead_of=instead_of)
    return plan | {"carry_from": left[0] if left and form.carry.data else None}
