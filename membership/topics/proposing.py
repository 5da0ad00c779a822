"""Proposing, changing and following topics; rounds/agenda.py has the pages that show them."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required
from werkzeug.exceptions import NotFound

from membership.extensions import db, limiter
from membership.patrons import memberships
from membership.patrons.accounts import signed_in
from membership.topics import follows, proposals, words
from membership.topics.forms import ProposalForm, TopicForm
from membership.topics.models import Topic

bp = Blueprint("topics", __name__)
bp.add_app_template_filter(words.state_name)

LONGEST_SEARCH = 200


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
    except proposals.NotAMember:
        db.session.rollback()
        trouble = _("Your proposal was not sent.")
        return _proposal_page(form, may=False, trouble=trouble), 403
    except proposals.TooManyProposals:
        db.session.rollback()
        trouble = _(
            "You have proposed as many topics as one member may in a month. "
            "Nothing is lost: keep this one for the next."
        )
        return _proposal_page(form, trouble=trouble), 429
    db.session.commit()
    flash(_("Thank you. An editor reads your topic before others see it."))
    return redirect(url_for("agenda.topic_page", slug=topic.slug), 303)


@bp.get("/topics/similar")
@limiter.limit("120 per minute")
def similar() -> ResponseReturnValue:
    """A piece of a page: topics that look like what is being typed."""
    wanted = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    return render_template(
        "topics/_similar.html", topics=proposals.alike(wanted, seen_by=signed_in())
    )


@bp.get("/topics/<slug>/edit")
@login_required
def edit_page(slug: str) -> ResponseReturnValue:
    topic = _topic_or_404(slug)
    if not proposals.may_edit(topic, signed_in()):
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
    return redirect(url_for("agenda.topic_page", slug=slug), 303)


@bp.post("/topics/<slug>/follow")
@login_required
@limiter.limit("60 per minute")
def follow(slug: str) -> ResponseReturnValue:
    follows.follow(_topic_or_404(slug), current_user)
    db.session.commit()
    return redirect(url_for("agenda.topic_page", slug=slug), 303)


@bp.post("/topics/<slug>/unfollow")
@login_required
@limiter.limit("60 per minute")
def unfollow(slug: str) -> ResponseReturnValue:
    follows.unfollow(_topic_or_404(slug), current_user)
    db.session.commit()
    return redirect(url_for("agenda.topic_page", slug=slug), 303)


def _topic_or_404(slug: str) -> Topic:
    topic = proposals.by_slug(slug, seen_by=signed_in())
    if topic is None:
        raise NotFound
    return topic


def _proposal_page(
    form: ProposalForm,
    *,
    may: bool = True,
    trouble: str | None = None,
    alike: Sequence[Topic] = (),
) -> str:
    return render_template("topics/new.html", form=form, may=may, trouble=trouble, alike=alike)
