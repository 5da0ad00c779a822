"""The editors' pages about topics, from proposal to story."""

from collections.abc import Callable

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.exceptions import NotFound

from membership import days
from membership.extensions import db
from membership.staff import audit, sheets, words
from membership.staff.access import editors, staff_only
from membership.staff.votes.topic_forms import (
    DeclineForm,
    HoursForm,
    MergeForm,
    ReasonForm,
    StoryForm,
)
from membership.topics import follows, life, merges, moderation, proposals
from membership.topics.forms import TopicForm
from membership.topics.models import Topic, TopicState

bp = Blueprint("topic_desk", __name__, url_prefix="/staff")
bp.before_request(staff_only)

FORWARD = (TopicState.assigned, TopicState.reporting)
CANNOT = (life.WrongTurn, merges.CannotMerge, proposals.CannotEdit)


@bp.get("/topics")
def topics_page() -> ResponseReturnValue:
    return render_template("staff/votes/topics.html", desk=moderation.desk())


@bp.get("/topics.csv")
def topics_sheet() -> Response:
    """Times are those of the newsroom's time zone."""
    rows = (
        (days.written(created_at), title, state.value, minutes, followers, slug)
        for created_at, title, state, minutes, followers, slug in moderation.every()
    )
    heads = ("proposed", "title", "state", "minutes", "followers", "address")
    return sheets.answer(f"topics-{days.today()}", heads, rows)


@bp.get("/topics/new")
@editors
def new_topic() -> ResponseReturnValue:
    return render_template("staff/votes/topic_new.html", form=TopicForm(formdata=None))


@bp.post("/topics/new")
@editors
def suggest() -> ResponseReturnValue:
    form = TopicForm()
    if not form.validate_on_submit():
        return render_template("staff/votes/topic_new.html", form=form), 422
    topic = proposals.suggest(form.title.data or "", form.why.data or "", links=form.addresses)
    audit.note("suggest topic", topic.title, by=current_user)
    db.session.commit()
    return redirect(url_for(".topic_page", slug=topic.slug), 303)


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
    topic = _topic(slug)
    form = HoursForm(_hours(topic))
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


def _try(topic: Topic, act: str, work: Callable[[], object]) -> ResponseReturnValue:
    """Do it and note it; where it cannot be done, say why on the topic's page."""
    slug = topic.slug
    try:
        audit.carry_out(act, topic.title, work, by=current_user)
    except CANNOT as trouble:
        db.session.rollback()
        return _topic_page(_topic(slug), trouble=words.why(trouble)), 409
    return redirect(url_for(".topic_page", slug=slug), 303)


def _topic(slug: str) -> Topic:
    topic = proposals.by_slug(slug, seen_by=current_user)
    if topic is None:
        raise NotFound
    return topic


def _hours(topic: Topic) -> int | None:
    return topic.minutes // 60 if topic.minutes else None


def _topic_page(topic: Topic, *, trouble: str | None = None, **forms: object) -> str:
    given = {
        "edit": TopicForm.of(topic),
        "hours": HoursForm(_hours(topic), formdata=None, hours=_hours(topic)),
        "decline": DeclineForm(formdata=None, prefix="decline"),
        "merge": MergeForm(moderation.mergeable(topic), formdata=None, prefix="merge"),
        "unmerge": ReasonForm(formdata=None, prefix="unmerge"),
        "publish": StoryForm(formdata=None, prefix="publish"),
        "drop": ReasonForm(formdata=None, prefix="drop"),
    }
    return render_template(
        "staff/votes/topic.html",
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
