from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from membership.extensions import Model


class NamingConsent(Model):
    """Whether and under what name somebody may be named in public, and what they agreed to when.

    Withdrawn, it keeps no name. Without a row nobody was ever asked, or agreed.
    """

    __tablename__ = "naming_consent"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    name: Mapped[str | None] = mapped_column(sa.String(200))
    text_version: Mapped[str] = mapped_column(sa.String(16), doc="Of the words they agreed to.")
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
