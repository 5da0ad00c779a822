"""Proposing topics, changing what they say, and which of them who may see."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from membership.clock import clock
from membership.extensions import db, insert_once, settings
from membership.patrons import memberships
from membership.patrons.models import Person
from membership.topics import follows, life, similar, slugs
from membership.topics.models import Topic, TopicEdit, TopicState

LISTED = 200
A_MONTH = timedelta(days=30)
TEXT = ("title", "why", "description", "links")
# What a stranger wrote is not published before an editor has read it.
PUBLIC = sa.and_(Topic.state != TopicState.proposed, Topic.hidden.is_(False))


class NotAMember(ValueError):
    """Only members propose."""


class TooManyProposals(ValueError):
    """This member has proposed as much as one may in a month."""


class CannotEdit(ValueError):
    """What stands on a ballot, or stood on one, says what members voted on."""


class NotABand(ValueError):
    """A reporting time that is none of the coarse ones."""


def propose(
    title: str, why: str, *, by: Person, description: str = "", links: Sequence[str] = ()
) -> Topic:
    """A member's proposal, for the editors to review; its author follows it.

    The same words again, before an editor has read them, are the same proposal. Raises NotAMember,
    TooManyProposals.
    """
    if not memberships.is_member(by):
        raise NotAMember
    # One at a time, so that two clicks make one proposal and two tabs cannot both be the last.
    db.session.execute(sa.select(Person.id).where(Person.id == by.id).with_for_update())
    if twin := _unread(title, why, by=by):
        return twin
    _count_in(by)
    topic = _add(
        title,
        why,
        state=TopicState.proposed,
        proposed_by_id=by.id,
        description=description,
        links=list(links),
    )
    follows.follow(topic, by)
    return topic


def suggest(
    title: str,
    why: str,
    *,
    minutes: int | None = None,
    links: Sequence[str] = (),
    at: datetime | None = None,
) -> Topic:
    """The newsroom's own proposal, with its reporting time.

    `at` (UTC) is now unless a history is being made up.
    """
    return _add(
        title,
        why,
        state=TopicState.in_review,
        minutes=minutes,
        links=list(links),
        created_at=at or clock.now(),
    )


def edit(topic: Topic, *, by: Person, by_staff: bool, **text: Any) -> bool:
    """Change what a topic says, and keep what it said; False if that is the same.

    `text` may have title, why, description and links. Raises CannotEdit.
    """
    life.lock(topic)
    if not may_edit(topic, by) and not (by_staff and topic.state in life.BEFORE_A_BALLOT):
        raise CannotEdit(topic.slug)
    before = {name: getattr(topic, name) for name in TEXT}
    if before == before | text:
        return False
    db.session.add(
        TopicEdit(topic_id=topic.id, at=clock.now(), by_id=by.id, by_staff=by_staff, **before)
    )
    for name, value in text.items():
        setattr(topic, name, value)
    topic.words = _words(before | text)
    db.session.flush()
    return True


def judge(topic: Topic, hours: int) -> None:
    """Say how much reporting a topic takes, in one of the coarse bands.

    Raises NotABand, CannotEdit.
    """
    life.lock(topic)
    if hours not in settings.reporting_bands and hours * 60 != topic.minutes:
        raise NotABand(hours)
    if topic.state not in life.BEFORE_A_BALLOT:
        raise CannotEdit(topic.slug)
    topic.minutes = hours * 60


def edits(topic: Topic) -> Sequence[TopicEdit]:
    """What a topic said before, the latest first."""
    return db.session.scalars(
        sa.select(TopicEdit)
        .where(TopicEdit.topic_id == topic.id)
        .order_by(TopicEdit.id.desc())
        .limit(LISTED)
    ).all()


def visible(to: Person | None, *, wanted: str = "") -> Sequence[Topic]:
    """The latest topics, the newest first: the reviewed ones, one's own, and all to staff.

    With words `wanted`, those that have them, the likeliest first.
    """
    if wanted:
        return similar.found(wanted, among=[_may_see(to)], limit=LISTED)
    return db.session.scalars(
        sa.select(Topic)
        .where(_may_see(to))
        .order_by(Topic.created_at.desc(), Topic.id.desc())
        .limit(LISTED)
    ).all()


def alike(title: str, *, seen_by: Person | None) -> Sequence[Topic]:
    """A few topics that this title may be a duplicate of."""
    standing = Topic.state.not_in([TopicState.merged, TopicState.declined])
    return similar.found(title, among=[_may_see(seen_by), standing], limit=similar.SHOWN)


def proposed_by(person: Person) -> Sequence[Topic]:
    """The latest proposals of `person`, the newest first."""
    return db.session.scalars(
        sa.select(Topic)
        .where(Topic.proposed_by_id == person.id)
        .order_by(Topic.created_at.desc(), Topic.id.desc())
        .limit(LISTED)
    ).all()


def by_slug(slug: str, *, seen_by: Person | None) -> Topic | None:
    """A topic with its life so far."""
    return db.session.scalar(
        sa.select(Topic)
        .where(Topic.slug == slug, _may_see(seen_by))
        .options(
            selectinload(Topic.steps),
            selectinload(Topic.merged_into),
        )
    )


def may_edit(topic: Topic, person: Person | None) -> bool:
    """Its author may, until an editor has read it."""
    return person is not None and topic.proposed_by_id == person.id and topic.state is life.FIRST


def _unread(title: str, why: str, *, by: Person) -> Topic | None:
    return db.session.scalar(
        sa.select(Topic)
        .where(
            Topic.proposed_by_id == by.id,
            Topic.state == TopicState.proposed,
            Topic.title == title,
            Topic.why == why,
        )
        .limit(1)
    )


def _count_in(person: Person) -> None:
    """Raises TooManyProposals."""
    since = clock.now() - A_MONTH
    made = db.session.scalar(
        sa.select(sa.func.count())
        .select_from(Topic)
        .where(Topic.proposed_by_id == person.id, Topic.created_at > since)
    )
    if (made or 0) >= settings.proposals_per_month:
        raise TooManyProposals


def _add(title: str, why: str, **values: Any) -> Topic:
    row = {
        "title": title,
        "why": why,
        "description": "",
        "links": [],
        "created_at": clock.now(),
        **values,
    }
    row["words"] = _words(row)
    slug = next(
        slug
        for slug in slugs.candidates(title)
        if insert_once(Topic, ["slug"], row | {"slug": slug})
    )
    topic = db.session.scalars(sa.select(Topic).where(Topic.slug == slug)).one()
    life.begin(topic)
    return topic


def _words(text: Mapping[str, Any]) -> str:
    return similar.words_of(text["title"], text["why"])


def _may_see(person: Person | None) -> sa.ColumnElement[bool]:
    if person is None:
        return PUBLIC
    if person.roles:
        return sa.true()
    return sa.or_(PUBLIC, Topic.proposed_by_id == person.id)
