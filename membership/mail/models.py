from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from membership.extensions import Model

MOST_LETTERS = 300
"""Of a subject."""


class MailState(StrEnum):
    queued = "queued"
    sending = "sending"
    sent = "sent"
    failed = "failed"


class OutgoingMail(Model):
    """One e-mail to one address, written in the transaction of what it tells about."""

    __tablename__ = "outgoing_mail"
    __table_args__ = (sa.Index("ix_outgoing_mail_due", "state", "bulk", "next_try_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    about: Mapped[str] = mapped_column(
        sa.String(120), unique=True, doc="What it tells of, once: a second one is not queued."
    )
    recipient: Mapped[str] = mapped_column(sa.String(320), index=True)
    bulk: Mapped[bool] = mapped_column(
        default=False,
        server_default=sa.false(),
        doc="One of many that tell of the same; goes out after all that tell one person alone.",
    )
    subject: Mapped[str] = mapped_column(sa.String(MOST_LETTERS))
    text: Mapped[str] = mapped_column(sa.Text)
    html: Mapped[str] = mapped_column(sa.Text)
    state: Mapped[MailState] = mapped_column(default=MailState.queued)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(sa.Text)
