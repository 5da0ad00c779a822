"""Proposing topics, and which of them who may see."""

from collections.abc import Sequence

import sqlalchemy as sa

from membership.clock import clock
from membership.extensions import db, insert_once
from membership.patrons import memberships
from membership.patrons.models import Person
from membership.topics import slugs
from membership.topics.models import Topic, TopicState
from membership.topics.roll import NotAMember

LISTED = 200


def propose(title: str, why: str, *, by: Person) -> Topic:
    """A member's proposal, for the editors to review. Raises NotAMember."""
    if not memberships.is_member(by):
        raise NotAMember
    return _add(title, why, state=TopicState.in_review, proposed_by_id=by.id)


def suggest(title: str, why: str, *, minutes: int, description: str = "") -> Topic:
    """The newsroom's own proposal, with its reporting time."""
    return _add(title, why, state=TopicState.proposed, minutes=minutes, description=description)


def _add(title: str, why: str, **values: object) -> Topic:
    row = {"title": title, "why": why, "description": "", "created_at": clock.now(), **values}
    slug = next(
        slug
        for slug in slugs.candidates(title)
        if insert_once(Topic, ["slug"], row | {"slug": slug})
    )
    return db.session.scalars(sa.select(Topic).where(Topic.slug == slug)).one()


def visible(to: Person | None) -> Sequence[Topic]:
    """The latest topics, the newest first: the reviewed ones, one's own, and all to staff."""
    return db.session.scalars(
        sa.select(Topic)
        .where(_may_see(to))
        .order_by(Topic.created_at.desc(), Topic.id.desc())
        .limit(LISTED)
    ).all()


def by_slug(slug: str, *, seen_by: Person | None) -> Topic | None:
    return db.session.scalar(sa.select(Topic).where(Topic.slug == slug, _may_see(seen_by)))


def _may_see(person: Person | None) -> sa.ColumnElement[bool]:
    """What a stranger wrote is not published before an editor has read it."""
    reviewed = Topic.state != TopicState.in_review
    if person is None:
        return reviewed
    if person.roles:
        return sa.true()
    return sa.or_(reviewed, Topic.proposed_by_id == person.id)
