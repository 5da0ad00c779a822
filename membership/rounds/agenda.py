"""What readers see of topics, with the votes over them: all, one with its life, their own."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from werkzeug.exceptions import NotFound

from membership import kept
from membership.clock import clock
from membership.patrons import marks
from membership.patrons.accounts import signed_in
from membership.rounds import rounds
from membership.topics import follows, proposals, words

bp = Blueprint("agenda", __name__)

LONGEST_SEARCH = 200


@bp.get("/topics")
@kept.for_everybody(unless=lambda: "q" in request.args)
def index() -> ResponseReturnValue:
    wanted = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    return render_template(
        "rounds/agenda.html",
        sections=words.sections(proposals.visible(signed_in(), wanted=wanted)),
        rounds=rounds.listed(),
        now=clock.now(),
        wanted=wanted,
    )


@bp.get("/topics/<slug>")
@kept.for_everybody()
def topic_page(slug: str) -> ResponseReturnValue:
    reader = signed_in()
    topic = proposals.by_slug(slug, seen_by=reader)
    if topic is None:
        raise NotFound
    voted_on = rounds.with_topic(topic)
    return render_template(
        "rounds/topic.html",
        topic=topic,
        story=marks.for_reader(topic.link, reader),
        rounds=voted_on,
        round_of={round.id: round for round in voted_on},
        edits=proposals.edits(topic),
        followers=follows.number(topic),
        follows=reader is not None and follows.follows(topic, reader),
        mine=proposals.may_edit(topic, reader),
    )


@bp.get("/account/votes")
@login_required
def mine() -> ResponseReturnValue:
    """What became of what one voted on, proposed and follows; never how one voted."""
    return render_template(
        "rounds/mine.html",
        rounds=rounds.voted_by(current_user),
        proposed=proposals.proposed_by(current_user),
        followed=follows.followed_by(current_user),
    )
