"""In which vote a topic was chosen, and by how many."""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from membership.extensions import db
from membership.rounds.models import Round
from membership.topics.models import Topic, TopicState, TopicStep


class Choice(NamedTuple):
    """`approvals` are the members who ticked it; `at` (UTC) is when the round closed."""

    approvals: int
    at: datetime
    slug: str


def of_topic(topic: Topic) -> Choice | None:
    """The latest vote that chose it; one query."""
    found = db.session.scalar(
        sa.select(Round)
        .join(TopicStep, TopicStep.round_id == Round.id)
        .where(
            TopicStep.topic_id == topic.id,
            TopicStep.state == TopicState.chosen,
            Round.closed_at.is_not(None),
        )
        .order_by(Round.closed_at.desc())
        .limit(1)
    )
    if found is None or found.result is None or found.closed_at is None:
        return None
    rows = (row for row in found.result["topics"] if row["id"] == str(topic.id))
    return Choice(sum(row["approvals"] for row in rows), found.closed_at, found.slug)
