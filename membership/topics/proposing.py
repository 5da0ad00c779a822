"""Proposing, reading and following topics."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required
from werkzeug.exceptions import NotFound

from membership.clock import clock
from membership.extensions import db, limiter
from membership.patrons import memberships
from membership.patrons.accounts import signed_in
from membership.topics import follows, life, proposals, roll, rounds, words
from membership.topics.forms import ProposalForm, TopicForm
from membership.topics.models import Topic

bp = Blueprint("topics", __name__)
bp.add_app_template_filter(words.state_name)

LONGEST_SEARCH = 200


@bp.get("/topics")
def index() -> ResponseReturnValue:
    wanted = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    return render_template(
        "topics/index.html",
        sections=words.sections(proposals.visible(signed_in(), wanted=wanted)),
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
        "topics/_similar.html", topics=proposals.alike(wanted, seen_by=signed_in())
    )


@bp.get("/topics/<slug>")
def topic_page(slug: str) -> ResponseReturnValue:
    topic, reader = _topic_or_404(slug), signed_in()
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


def _topic_or_404(slug: str) -> Topic:
    topic = proposals.by_slug(slug, seen_by=signed_in())
    if topic is None:
        raise NotFound
    return topic


def _may_edit(topic: Topic) -> bool:
    """Its author may, until an editor has read it."""
    person = signed_in()
    return person is not None and topic.proposed_by_id == person.id and topic.state is life.FIRST


def _proposal_page(
    form: ProposalForm,
    *,
    may: bool = True,
    too_many: bool = False,
    alike: Sequence[Topic] = (),
) -> str:
    return render_template("topics/new.html", form=form, may=may, too_many=too_many, alike=alike)
