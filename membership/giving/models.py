from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from membership.extensions import Model


class HeldBack(Model):
    """How often a gift was held back on a day, by why; it names nobody."""

    __tablename__ = "held_back"

    day: Mapped[date] = mapped_column(primary_key=True, doc="In the newsroom's time zone.")
    why: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    times: Mapped[int]
