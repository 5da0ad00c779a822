"""Tables of proposing and voting. Reporting time is in whole minutes everywhere.

No column leads from a ballot to a person once its round is closed (docs/voting.md, "Secrecy").
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from membership.extensions import Model
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


class Topic(Model):
    """Something the newsroom could cover."""

    __tablename__ = "topic"
    __table_args__ = (sa.CheckConstraint("minutes > 0", name="minutes_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    title: Mapped[str] = mapped_column(sa.String(120))
    why: Mapped[str] = mapped_column(sa.String(240), doc="One line.")
    description: Mapped[str] = mapped_column(sa.Text, default="")
    minutes: Mapped[int | None] = mapped_column(doc="Reporting time, once an editor has judged it.")
    state: Mapped[TopicState] = mapped_column(index=True)
    reason: Mapped[str | None] = mapped_column(
        sa.String(500), doc="Why it was merged, declined or dropped."
    )
    link: Mapped[str | None] = mapped_column(sa.String(500), doc="The published story.")
    proposed_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id", ondelete="SET NULL"), index=True, doc="None is the newsroom."
    )
    created_at: Mapped[datetime]

    proposed_by: Mapped[Person | None] = relationship()


class Round(Model):
    """A vote: what is on the ballot, by which rule it is counted, from when to when.

    The seed of lots is secret until the round closes; its hash is public from the opening.
    """

    __tablename__ = "round"
    __table_args__ = (
        sa.CheckConstraint("budget_minutes > 0", name="budget_positive"),
        sa.CheckConstraint("closed_at IS NULL OR ballot_key IS NULL", name="closed_without_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    title: Mapped[str] = mapped_column(sa.String(120))
    budget_minutes: Mapped[int]
    rule: Mapped[str] = mapped_column(sa.String(40))
    share_step: Mapped[str] = mapped_column(
        sa.String(24), doc="Minutes by which a voter's share grows per step, a decimal number."
    )
    seed: Mapped[str] = mapped_column(sa.String(64))
    ballot_key: Mapped[bytes | None] = mapped_column(
        sa.LargeBinary(32), doc="Leads from people to ballots; destroyed when the round closes."
    )
    opened_at: Mapped[datetime | None]
    join_by: Mapped[datetime | None] = mapped_column(
        doc="Until then, who becomes a member after the opening may still vote."
    )
    closes_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any] | None] = mapped_column(
        sa.JSON(none_as_null=True), doc="What topics/results.py found, kept as it was found."
    )

    entries: Mapped[list["RoundTopic"]] = relationship(
        back_populates="round", order_by="RoundTopic.position"
    )


class RoundTopic(Model):
    """A topic on a ballot, at the cost that was public when the round opened."""

    __tablename__ = "round_topic"
    __table_args__ = (
        sa.UniqueConstraint("round_id", "position"),
        sa.CheckConstraint("minutes > 0", name="minutes_positive"),
    )

    round_id: Mapped[int] = mapped_column(
        sa.ForeignKey("round.id", ondelete="CASCADE"), primary_key=True
    )
    topic_id: Mapped[int] = mapped_column(sa.ForeignKey("topic.id"), primary_key=True, index=True)
    position: Mapped[int]
    minutes: Mapped[int]

    round: Mapped[Round] = relationship(back_populates="entries")
    topic: Mapped[Topic] = relationship(lazy="joined", innerjoin=True)


class RollEntry(Model):
    """Who may vote in a round, and whether they have; nothing else knows who voted."""

    __tablename__ = "roll_entry"

    round_id: Mapped[int] = mapped_column(
        sa.ForeignKey("round.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True, index=True)
    voted: Mapped[bool] = mapped_column(default=False)


class Ballot(Model):
    """One voter's ticks, under a name that only the round's key could lead back to them.

    No person, no time, no counter; without row numbers on SQLite, because they would tell
    the order in which the ballots came in.
    """

    __tablename__ = "ballot"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("round.id", ondelete="CASCADE"), index=True)
    approvals: Mapped[list[Any]] = mapped_column(doc="Ids of the ticked topics, sorted.")
