"""Tables of what became of those on a roll: counts of people, never who they are."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from config import Mode
from membership.extensions import Model
from membership.modes import OfMode, of_process


class RollFollowed(Model):
    """Of those on a closed round's roll who voted, or did not: how many were members later on."""

    __tablename__ = "roll_followed"

    round_id: Mapped[int] = mapped_column(
        sa.ForeignKey("round.id", ondelete="CASCADE"), primary_key=True
    )
    months: Mapped[int] = mapped_column(primary_key=True, doc="After the close.")
    voted: Mapped[bool] = mapped_column(primary_key=True)
    people: Mapped[int]
    stayed: Mapped[int] = mapped_column(doc="Were members at that moment.")
    counted_at: Mapped[datetime]


class EverVoted(OfMode, Model):
    """On one day: how many were members, and how many of them had voted in any closed round."""

    __tablename__ = "ever_voted"

    day: Mapped[date] = mapped_column(primary_key=True)
    mode: Mapped[Mode] = mapped_column(primary_key=True, default=of_process)
    members: Mapped[int]
    voted: Mapped[int]
