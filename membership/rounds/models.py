"""Tables of the vote. Reporting time is in whole minutes everywhere.

No column leads from a ballot to a person once its round is closed (docs/voting.md, "Secrecy").
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from membership.extensions import Model
from membership.modes import OfMode
from membership.topics.models import Topic


class Unit(StrEnum):
    """What a round shares out."""

    minutes = "minutes"
    topics = "topics"


class Round(OfMode, Model):
    """A vote: what is on the ballot, by which rule it is counted, from when to when.

    What is frozen at the opening has a digest, which is public from then on, so that a later
    change can be told. The seed of lots is secret until the round closes; its hash is not.
    """

    __tablename__ = "round"
    __table_args__ = (
        sa.CheckConstraint("budget > 0", name="budget_positive"),
        sa.CheckConstraint("carried >= 0 AND carried < budget", name="carried_within_budget"),
        sa.CheckConstraint("quorum BETWEEN 0 AND 100", name="quorum_percent"),
        sa.CheckConstraint("closed_at IS NULL OR ballot_key IS NULL", name="closed_without_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    title: Mapped[str] = mapped_column(sa.String(120))
    unit: Mapped[Unit]
    budget: Mapped[int] = mapped_column(doc="In the unit, with what was carried over.")
    carried: Mapped[int] = mapped_column(default=0, doc="How much of it an earlier round left.")
    carried_from_id: Mapped[int | None] = mapped_column(sa.ForeignKey("round.id"), unique=True)
    quorum: Mapped[int] = mapped_column(
        default=0, doc="Per cent of the roll that must vote for anything to be chosen."
    )
    rule: Mapped[str] = mapped_column(sa.String(40))
    share_step: Mapped[str] = mapped_column(
        sa.String(24), doc="By how much a voter's share grows per step, a decimal number."
    )
    seed: Mapped[str] = mapped_column(sa.String(64))
    ballot_key: Mapped[bytes | None] = mapped_column(
        sa.LargeBinary(32), doc="Leads from people to ballots; destroyed when the round closes."
    )
    created_at: Mapped[datetime]
    opens_at: Mapped[datetime | None] = mapped_column(doc="By itself; None is by hand.")
    opened_at: Mapped[datetime | None]
    join_by: Mapped[datetime | None] = mapped_column(
        doc="Until then, who becomes a member after the opening may still vote."
    )
    remind_at: Mapped[datetime | None] = mapped_column(doc="When who has not voted is reminded.")
    closes_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    close_reason: Mapped[str | None] = mapped_column(
        sa.String(500), doc="Why it was closed before its time."
    )
    trouble: Mapped[str | None] = mapped_column(
        sa.String(500), doc="Why it could not be opened at its time."
    )
    roll_salt: Mapped[str] = mapped_column(
        sa.String(32), doc="Stays secret: or one could try who is on the roll."
    )
    roll_size: Mapped[int | None] = mapped_column(doc="At the opening.")
    roll_digest: Mapped[str | None] = mapped_column(sa.String(64))
    terms_digest: Mapped[str | None] = mapped_column(
        sa.String(64), doc="Of all that is frozen; None in rounds opened before there was one."
    )
    ballots_digest: Mapped[str | None] = mapped_column(sa.String(64))
    result: Mapped[dict[str, Any] | None] = mapped_column(
        sa.JSON(none_as_null=True), doc="What topics/results.py found, kept as it was found."
    )

    entries: Mapped[list["RoundTopic"]] = relationship(
        back_populates="round", order_by="RoundTopic.position", cascade="all, delete-orphan"
    )
    carried_from: Mapped["Round | None"] = relationship(remote_side=[id])

    @property
    def ballot(self) -> list["RoundTopic"]:
        """The topics that can be ticked: those that were not withdrawn."""
        return [entry for entry in self.entries if entry.withdrawn_at is None]

    @property
    def chosen(self) -> list["RoundTopic"]:
        """What a closed round chose, in the order in which it was bought."""
        entries = {str(entry.topic_id): entry for entry in self.entries}
        result = self.result or {}
        return [entries[topic_id] for topic_id in result.get("chosen", result.get("winners", ()))]


class RoundTopic(Model):
    """A topic on a ballot, at the cost that was public when the round opened."""

    __tablename__ = "round_topic"
    __table_args__ = (
        sa.UniqueConstraint("round_id", "position"),
        sa.CheckConstraint("cost > 0", name="cost_positive"),
    )

    round_id: Mapped[int] = mapped_column(
        sa.ForeignKey("round.id", ondelete="CASCADE"), primary_key=True
    )
    topic_id: Mapped[int] = mapped_column(sa.ForeignKey("topic.id"), primary_key=True, index=True)
    position: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(120))
    cost: Mapped[int] = mapped_column(doc="In the round's unit.")
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str | None] = mapped_column(sa.String(500))

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
    let_in: Mapped[bool] = mapped_column(
        default=False, doc="Became a member after the opening, before the date to join by."
    )


class Ballot(Model):
    """One voter's ticks, under a name that only the round's key could lead back to them.

    No person, no time, no counter; without row numbers on SQLite, because they would tell
    the order in which the ballots came in. The receipt commits to the ticks; its salt is
    published with it at the close.
    """

    __tablename__ = "ballot"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("round.id", ondelete="CASCADE"), index=True)
    approvals: Mapped[list[Any]] = mapped_column(doc="Ids of the ticked topics, sorted.")
    salt: Mapped[str] = mapped_column(sa.String(32))
    receipt: Mapped[str] = mapped_column(sa.String(32), unique=True)
