from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from membership.extensions import Model
from membership.patrons.models import LANGUAGE


class LetterConsent(Model):
    """That somebody agreed to be written to: to which words, when, and until when it stood.

    Without a row nobody was ever asked, or agreed.
    """

    __tablename__ = "letter_consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    text: Mapped[str] = mapped_column(sa.Text, doc="The words as they stood there.")
    language: Mapped[str] = mapped_column(LANGUAGE)
    where: Mapped[str] = mapped_column(sa.String(200), doc="The page or the file it came by.")
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
