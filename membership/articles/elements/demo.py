"""What an invented newspaper asks for on one article, and what all of them showed in months."""

import random
from collections.abc import Sequence
from datetime import timedelta

from membership import days, modes
from membership.articles.elements.models import ArticleDay
from membership.extensions import db, insert_or_add
from membership.settings import changes, current

ASKS = "road-money"
"""The article with an appeal of its own, which is named after it."""
APPEAL = {
    "en": {
        "headline": "Who pays for a month of letters?",
        "text": "Asking for a contract takes a stamp; getting it takes a month of letters. "
        "Readers pay for that month.",
    },
    "uk": {
        "headline": "Хто платить за місяць листування?",
        "text": "Запит на договір — це одна марка, а відповідь на нього — місяць листування. "
        "Цей місяць оплачують читачі.",
    },
    "pl": {
        "headline": "Kto płaci za miesiąc pisania listów?",
        "text": "Wniosek o umowę kosztuje jeden znaczek, odpowiedź – miesiąc pisania listów. "
        "Ten miesiąc opłacają czytelnicy.",
    },
}
LASTS = 90
A_DAY = timedelta(days=1)


def ask() -> None:
    """Word the appeal that one article has to itself, unless there are any; commits."""
    if current.rules.appeals:
        return
    wanted = {"appeals": [ASKS], f"{current.APPEAL}{ASKS}": APPEAL}
    changes.change(wanted, seen=changes.version(wanted), by_id=None)
    db.session.commit()


def furnish(articles: Sequence[str], chance: random.Random) -> None:
    """Some hundred readers a day of each of these addresses, fewer as it grows old; commits.

    Does nothing where something was counted.
    """
    if db.session.query(ArticleDay).first() is not None:
        return
    rows = []
    for number, article in enumerate(articles):
        for age in range(LASTS - 20 * number):
            shown = round(chance.uniform(200, 600) * 0.97 ** (LASTS - 20 * number - age))
            pressed = sum(chance.random() < 0.02 for _reader in range(shown))
            day = days.today() - A_DAY * age
            row = {"mode": modes.of_process(), "day": day, "article": article}
            rows.append(row | {"shown": shown, "pressed": pressed})
    insert_or_add(ArticleDay, ["mode", "day", "article"], rows)
    db.session.commit()
