"""The published stories of topics: which topic an article is the story of, and what it is like."""

from collections.abc import Sequence

import sqlalchemy as sa
from werkzeug.urls import iri_to_uri

from membership.extensions import db
from membership.topics import similar
from membership.topics.models import Topic, TopicState

PUBLISHED = (Topic.state == TopicState.published, Topic.link.is_not(None), Topic.hidden.is_(False))
RELATED = 3


def by_link() -> dict[str, int]:
    """Which topic's story is at which address, as it was typed; of several the last. One query."""
    wanted = sa.select(Topic.link, Topic.id).where(*PUBLISHED).order_by(Topic.id)
    return {link: topic_id for link, topic_id in db.session.execute(wanted) if link}


def spellings(address: str) -> tuple[str, ...]:
    """However the link to an article may have been typed."""
    bare = address.rstrip("/")
    return bare, f"{bare}/", iri_to_uri(bare), iri_to_uri(f"{bare}/")


def published(topic_id: int) -> Topic | None:
    return db.session.scalar(sa.select(Topic).where(*PUBLISHED, Topic.id == topic_id))


def related(topic: Topic) -> Sequence[Topic]:
    """A few published topics that are like this one."""
    among = [*PUBLISHED, Topic.id != topic.id]
    return similar.found(f"{topic.title} {topic.why}", among=among, limit=RELATED)
