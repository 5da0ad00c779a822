"""What an invented newspaper's articles showed in the last months."""

import random
from collections.abc import Sequence
from datetime import timedelta

from membership import days, modes
from membership.articles.elements.models import ArticleDay
from membership.extensions import db, insert_or_add

LASTS = 90
A_DAY = timedelta(days=1)


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
