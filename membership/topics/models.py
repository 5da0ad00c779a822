"""Tables of topics and of who hears of them. Reporting time is in whole minutes everywhere.

A round is known here by its number alone: what a vote is stands in the room above.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from membership.extensions import Model
from membership.modes import OfMode
from membership.patrons.models import Person


class TopicState(StrEnum):
    """Where a topic is in its life; topics/life.py says which step may follow which."""

    proposed = "proposed"
    in_review = "in_review"
    merged = "merged"
    declined = "declined"
    on_ballot = "on_ballot"
    chosen = "chosen"
    carried_over = "carried_over"
    assigned = "assigned"
    reporting = "reporting"
    published = "published"
    dropped = "dropped"


class Topic(OfMode, Model):
    """Something the newsroom could cover."""

    __tablename__ = "topic"
    __table_args__ = (
        sa.CheckConstraint("minutes > 0", name="minutes_positive"),
        sa.Index("ix_topic_proposed", "proposed_by_id", "created_at"),
        # PostgreSQL finds words by it; SQLite looks at every row.
        sa.Index(
            "ix_topic_words", sa.text("to_tsvector('simple', words)"), postgresql_using="gin"
        ).ddl_if(dialect="postgresql"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    title: Mapped[str] = mapped_column(sa.String(120))
    why: Mapped[str] = mapped_column(sa.String(240), doc="One line.")
    description: Mapped[str] = mapped_column(sa.Text, default="")
    links: Mapped[list[Any]] = mapped_column(default=list, doc="Addresses to read more at.")
    words: Mapped[str] = mapped_column(sa.Text, doc="What it is found by; topics/similar.py.")
    minutes: Mapped[int | None] = mapped_column(doc="Reporting time, once an editor has judged it.")
    state: Mapped[TopicState] = mapped_column(index=True)
    reason: Mapped[str | None] = mapped_column(
        sa.String(500), doc="Why it was merged, declined or dropped."
    )
    link: Mapped[str | None] = mapped_column(sa.String(500), index=True, doc="The published story.")
    hidden: Mapped[bool] = mapped_column(
        default=False, doc="Declined and not shown, such as abuse or somebody's private matters."
    )
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("topic.id"), index=True)
    proposed_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id", ondelete="SET NULL"), doc="None is the newsroom."
    )
    created_at: Mapped[datetime]

    proposed_by: Mapped[Person | None] = relationship()
    merged_into: Mapped["Topic | None"] = relationship(remote_side=[id])
    steps: Mapped[list["TopicStep"]] = relationship(
        back_populates="topic", order_by="TopicStep.id", cascade="all, delete-orphan"
    )


class TopicStep(Model):
    """A step in a topic's life, as its page tells it. Rows are added, never changed."""

    __tablename__ = "topic_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    topic_id: Mapped[int] = mapped_column(sa.ForeignKey("topic.id", ondelete="CASCADE"), index=True)
    state: Mapped[TopicState]
    at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(sa.String(500))
    link: Mapped[str | None] = mapped_column(sa.String(500))
    round_id: Mapped[int | None] = mapped_column(sa.ForeignKey("round.id"))

    topic: Mapped[Topic] = relationship(back_populates="steps")


class TopicEdit(Model):
    """What a topic said before it was changed. Rows are added, never changed."""

    __tablename__ = "topic_edit"

    id: Mapped[int] = mapped_column(primary_key=True)
    topic_id: Mapped[int] = mapped_column(sa.ForeignKey("topic.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"))
    by_staff: Mapped[bool]
    title: Mapped[str] = mapped_column(sa.String(120))
    why: Mapped[str] = mapped_column(sa.String(240))
    description: Mapped[str] = mapped_column(sa.Text)
    links: Mapped[list[Any]]


class TopicMerge(Model):
    """One topic taken into another before a ballot, in numbers, and whether that was undone."""

    __tablename__ = "topic_merge"

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(sa.ForeignKey("topic.id"), index=True)
    target_id: Mapped[int] = mapped_column(sa.ForeignKey("topic.id"), index=True)
    state_before: Mapped[TopicState]
    moved: Mapped[int] = mapped_column(doc="Followers of the source who now follow the target.")
    already: Mapped[int] = mapped_column(doc="Followers of the source who did so before.")
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class Follow(Model):
    """Somebody wants to hear of a topic. Apart from voting, so that it reveals no ballot."""

    __tablename__ = "follow"

    topic_id: Mapped[int] = mapped_column(
        sa.ForeignKey("topic.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True, index=True)
    merge_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("topic_merge.id"), index=True, doc="The merge that brought them, if one did."
    )


class NewsKind(StrEnum):
    """What many people are written to about."""

    step = "step"
    opened = "opened"
    reminder = "reminder"
    outcome = "outcome"


class News(OfMode, Model):
    """Something to tell many people by e-mail, and how far the telling has come."""

    __tablename__ = "news"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[NewsKind]
    step_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("topic_step.id", ondelete="CASCADE"), unique=True
    )
    round_id: Mapped[int | None] = mapped_column(sa.ForeignKey("round.id", ondelete="CASCADE"))
    up_to: Mapped[int] = mapped_column(default=0, doc="The last person told, by id.")
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None] = mapped_column(index=True)

    step: Mapped[TopicStep | None] = relationship()
