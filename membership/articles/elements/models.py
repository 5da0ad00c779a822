from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from config import Mode
from membership.extensions import Model
from membership.settings.articles import LONGEST


class ArticleDay(Model):
    """How often an article's appeal was shown on a day, and how often pressed; it names nobody."""

    __tablename__ = "article_day"
    __table_args__ = (sa.Index("ix_article_day_article", "article", "day"),)

    mode: Mapped[Mode] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True, doc="In the newsroom's time zone.")
    article: Mapped[str] = mapped_column(sa.String(LONGEST), primary_key=True)
    shown: Mapped[int]
    pressed: Mapped[int]
