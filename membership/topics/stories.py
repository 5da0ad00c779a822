"""The published stories of topics: which topic an article is the story of, and what it is like."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from werkzeug.urls import iri_to_uri

from membership.extensions import db
from membership.topics import similar
from membership.topics.models import Topic, TopicState

PUBLISHED = (Topic.state == TopicState.published, Topic.link.is_not(None), Topic.hidden.is_(False))
RELATED = 3


def of_article(addresses: Collection[str]) -> Topic | None:
    """The topic whose story is at one of `addresses`, however its link was typed."""
    bare = [address.rstrip("/") for address in addresses]
    spelt = {
        form for one in bare for form in (one, f"{one}/", iri_to_uri(one), iri_to_uri(f"{one}/"))
    }
    wanted = sa.select(Topic).where(*PUBLISHED, Topic.link.in_(spelt))
    return db.session.scalar(wanted.order_by(Topic.id.desc()).limit(1))


def related(topic: Topic) -> Sequence[Topic]:
    """A few published topics that are like this one."""
    among = [*PUBLISHED, Topic.id != topic.id]
    return similar.found(f"{topic.title} {topic.why}", among=among, limit=RELATED)
