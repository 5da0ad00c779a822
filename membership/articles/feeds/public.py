"""What everybody may know of topics and votes, the newest first; nothing of a vote before its close
but what is voted on.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import defer, selectinload
from sqlalchemy.orm.attributes import InstrumentedAttribute
from sqlalchemy.orm.interfaces import ORMOption

from membership.clock import clock
from membership.extensions import db, settings
from membership.rounds import rounds
from membership.rounds.models import Round
from membership.topics import proposals
from membership.topics.models import Topic, TopicState, TopicStep

WHOLE: tuple[ORMOption, ...] = (selectinload(Topic.steps), selectinload(Topic.merged_into))
Row = TypeVar("Row")


class Place(NamedTuple):
    """In a list, by time and number: what follows it comes after it."""

    at: datetime
    id: int


def topics_with_news(limit: int) -> Sequence[Topic]:
    """The last that something became of first."""
    latest = (
        sa.select(TopicStep.topic_id, sa.func.max(TopicStep.at).label("at"))
        .group_by(TopicStep.topic_id)
        .subquery()
    )
    return db.session.scalars(
        sa.select(Topic)
        .join(latest, latest.c.topic_id == Topic.id)
        .where(proposals.PUBLIC)
        .order_by(latest.c.at.desc(), Topic.id.desc())
        .options(*WHOLE)
        .limit(limit)
    ).all()


def topics(limit: int, *, after: Place | None = None) -> Sequence[Topic]:
    """As they were proposed."""
    wanted = sa.select(Topic).where(proposals.PUBLIC).options(*WHOLE).limit(limit)
    return db.session.scalars(_from(wanted, Topic.created_at, Topic.id, after)).all()


def topic(slug: str) -> Topic | None:
    return proposals.by_slug(slug, seen_by=None)


def opened(limit: int, *, after: Place | None = None) -> Sequence[Round]:
    """Those that were ever opened, with their topics."""
    wanted = _rounds(Round.opened_at.is_not(None)).options(defer(Round.result)).limit(limit)
    return db.session.scalars(_from(wanted, Round.opened_at, Round.id, after)).all()


def open_now(limit: int) -> Sequence[Round]:
    is_open = (Round.opened_at.is_not(None), Round.closed_at.is_(None))
    wanted = _rounds(*is_open, Round.closes_at > clock.now()).limit(limit)
    return db.session.scalars(_from(wanted, Round.opened_at, Round.id, None)).all()


def outcomes(limit: int, *, after: Place | None = None) -> Sequence[Round]:
    """Those that are closed and counted, as they were closed."""
    wanted = _rounds(Round.closed_at.is_not(None)).limit(limit)
    return db.session.scalars(_from(wanted, Round.closed_at, Round.id, after)).all()


def outcome(slug: str) -> Round | None:
    """A round that is closed and counted."""
    round = rounds.by_slug(slug)
    return round if round is not None and round.result is not None else None


def merged_into(topic: Topic) -> Topic | None:
    """The topic that it was merged into, if that is public."""
    into = topic.merged_into
    return into if into and into.state is not TopicState.proposed and not into.hidden else None


def links(addresses: Sequence[str]) -> list[str]:
    """Those that lead to pages."""
    return [address for address in addresses if urlsplit(address).scheme in ("http", "https")]


def address(endpoint: str, **values: Any) -> str:
    """The whole address of a page of ours."""
    return settings.site_url + url_for(endpoint, **values)


def _rounds(*wanted: sa.ColumnElement[bool]) -> sa.Select[Round]:
    return sa.select(Round).where(*wanted).options(selectinload(Round.entries))


def _from(
    wanted: sa.Select[Row],
    at: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
    id: InstrumentedAttribute[int],
    after: Place | None,
) -> sa.Select[Row]:
    if after is not None:
        wanted = wanted.where(sa.or_(at < after.at, sa.and_(at == after.at, id < after.id)))
    return wanted.order_by(at.desc(), id.desc())
