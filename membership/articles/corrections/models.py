"""Tables of corrections: cases, what readers said of each, what was decided."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from membership.extensions import Model
from membership.modes import OfMode
from membership.patrons.models import Person

LONGEST = 1000
"""Of a passage, and of what anybody says of it."""
LONGEST_PARAGRAPH = 2000
LONGEST_TITLE = 200
CONTEXT = 64
"""Letters of what stands before and after a passage."""


class Kind(StrEnum):
    """What a reader takes a mistake to be."""

    slip = "slip"
    fact = "fact"
    other = "other"


class State(StrEnum):
    """`asked` waits for a reader's answer; `mended` is without a note, `noted` with one."""

    open = "open"
    asked = "asked"
    mended = "mended"
    noted = "noted"
    declined = "declined"


UNDECIDED = (State.open, State.asked)
STOOD = (State.mended, State.noted)


class Correction(OfMode, Model):
    """A passage of an article that readers say is wrong."""

    __tablename__ = "correction"
    __table_args__ = (
        sa.Index("ix_correction_state", "state", "decided_at"),
        sa.Index("ix_correction_listed", "listed_at", "said_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(16), unique=True, doc="In its public address.")
    article: Mapped[str] = mapped_column(sa.String(500), index=True)
    article_title: Mapped[str] = mapped_column(sa.String(LONGEST_TITLE), default="")
    exact: Mapped[str] = mapped_column(
        sa.String(LONGEST), doc="With what stands around it a TextQuoteSelector of the W3C."
    )
    prefix: Mapped[str] = mapped_column(sa.String(CONTEXT), default="")
    suffix: Mapped[str] = mapped_column(sa.String(CONTEXT), default="")
    paragraph: Mapped[str] = mapped_column(sa.String(LONGEST_PARAGRAPH), default="")
    passage_key: Mapped[str] = mapped_column(sa.String(32), index=True)
    paragraph_key: Mapped[str | None] = mapped_column(sa.String(32), index=True)
    starts_at: Mapped[int | None] = mapped_column(doc="Where in its paragraph.")
    ends_at: Mapped[int | None]
    kind: Mapped[Kind]
    state: Mapped[State] = mapped_column(default=State.open)
    reports: Mapped[int] = mapped_column(default=0)
    reporters: Mapped[int] = mapped_column(default=0, doc="Of how many network addresses.")
    said_key: Mapped[str] = mapped_column(
        sa.String(32), doc="What the first reader said, by which those who say the same are told."
    )
    words: Mapped[str] = mapped_column(sa.Text, doc="What it is found by.")
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    listed_at: Mapped[datetime | None] = mapped_column(
        doc="When it came before the editors; None while it is held back in a flood."
    )
    decided_at: Mapped[datetime | None]
    took: Mapped[int | None] = mapped_column(doc="Seconds from its first report to a decision.")
    was: Mapped[str] = mapped_column(sa.Text, default="")
    now: Mapped[str] = mapped_column(sa.Text, default="")

    said: Mapped[list["CorrectionReport"]] = relationship(
        back_populates="correction", order_by="CorrectionReport.id", passive_deletes=True
    )
    decisions: Mapped[list["CorrectionDecision"]] = relationship(
        back_populates="correction", order_by="CorrectionDecision.id", passive_deletes=True
    )

    @property
    def is_held(self) -> bool:
        return self.listed_at is None


class CorrectionDecision(Model):
    """What an editor made of a case. Rows are added, never changed: the last one holds."""

    __tablename__ = "correction_decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    correction_id: Mapped[int] = mapped_column(
        sa.ForeignKey("correction.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"))
    verdict: Mapped[State]
    was: Mapped[str] = mapped_column(sa.Text, default="")
    now: Mapped[str] = mapped_column(sa.Text, default="")
    reason: Mapped[str] = mapped_column(sa.Text, default="", doc="Or what was asked.")

    correction: Mapped[Correction] = relationship(back_populates="decisions")
    by: Mapped[Person | None] = relationship()


class CorrectionReport(Model):
    """What one reader said of a passage. Who it was is forgotten after a while."""

    __tablename__ = "correction_report"
    __table_args__ = (
        sa.Index("ix_correction_report_client", "client", "at"),
        sa.Index("ix_correction_report_email", "email", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    correction_id: Mapped[int] = mapped_column(
        sa.ForeignKey("correction.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime] = mapped_column(index=True)
    exact: Mapped[str] = mapped_column(
        sa.String(LONGEST), doc="The passage as this reader marked it."
    )
    kind: Mapped[Kind]
    said: Mapped[str] = mapped_column(sa.String(LONGEST), default="", doc="What would be right.")
    email: Mapped[str | None] = mapped_column(sa.String(320))
    language: Mapped[str] = mapped_column(sa.String(16))
    client: Mapped[str | None] = mapped_column(
        sa.String(32), doc="A keyed hash of the network address."
    )
    answers_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("correction_decision.id", ondelete="SET NULL"),
        doc="The question that it answers, if one was asked.",
    )

    correction: Mapped[Correction] = relationship(back_populates="said")
