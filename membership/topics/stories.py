"""The published stories of topics: which topic an article is the story of, and what it is like."""

from collections.abc import Sequence

import sqlalchemy as sa
from werkzeug.urls import iri_to_uri

from membership.extensions import db
from membership.topics import similar
from membership.topics.models import Topic, TopicState

PUBLISHED = (Topic.state == TopicState.published, Topic.link.is_not(None), Topic.hidden.is_(False))
RELATED = 3


def of_article(address: str) -> Topic | None:
    """The topic whose story is at `address`, however its link was typed."""
    bare = address.rstrip("/")
    spelt = {bare, f"{bare}/", iri_to_uri(bare), iri_to_uri(f"{bare}/")}
    wanted = sa.select(Topic).where(*PUBLISHED, Topic.link.in_(spelt))
    return db.session.scalar(wanted.order_by(Topic.id.desc()).limit(1))


def related(topic: Topic) -> Sequence[Topic]:
    """A few published topics that are like this one."""
    among = [*PUBLISHED, Topic.id != topic.id]
    return similar.found(f"{topic.title} {topic.why}", among=among, limit=RELATED)
