from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from membership.extensions import Model


class Setting(Model):
    """A value that the newsroom gave one of its settings. Rows are added, never changed: the last
    of a name is in force, and the one before it is the way back.

    A name with a blank in it is not the environment's: "tier guardian" is what is told of a tier.
    """

    __tablename__ = "setting"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(64), index=True)
    value: Mapped[Any] = mapped_column(
        sa.JSON(none_as_null=True), nullable=True, doc="None: as the environment has it."
    )
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), doc="None is the command line."
    )


class Logo(Model):
    """A picture that is or was the newsroom's logo; which one is a setting."""

    __tablename__ = "logo"

    digest: Mapped[str] = mapped_column(
        sa.String(64), primary_key=True, doc="SHA-256 of it, in hexadecimal."
    )
    kind: Mapped[str] = mapped_column(sa.String(32), doc="Its media type.")
    data: Mapped[bytes] = mapped_column(sa.LargeBinary)
    at: Mapped[datetime]
