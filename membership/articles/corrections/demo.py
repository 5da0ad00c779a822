"""Corrections of an invented newspaper: some decided, some that wait."""

import random
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from membership.articles.corrections import deciding, guard, reporting
from membership.articles.corrections.models import Correction, Kind, State
from membership.articles.corrections.passages import passage
from membership.articles.corrections.reporting import Report
from membership.clock import clock
from membership.extensions import db


class Hint(NamedTuple):
    """What readers pointed out, how many days ago, and what editors made of it.

    `around` is the paragraph, with the passage in braces.
    """

    slug: str
    title: str
    around: str
    kind: Kind
    said: tuple[str, ...]
    days_ago: int
    verdict: State = State.open
    told: tuple[str, str] = ("", "")


ROADS = "Eleven million for a road that lasted one winter"
FLATS = "Sixteen degrees, and the bill went up by a third"
LIMES = "Who is cutting down the old limes?"
BUS = "The last bus leaves at half past seven"

HINTS = (
    Hint(
        "road-money",
        ROADS,
        "Shevchenko Street, {1.3 kilometres} from the market to the bridge, cost the town eleven "
        "million hryvnias.",
        Kind.fact,
        (
            "1.8: I walk it every day.",
            "The tender says 1.8 kilometres.",
        ),
        2,
        State.noted,
        (
            "Shevchenko Street is 1.3 kilometres long.",
            "It is 1.8 kilometres long, from the market to the bridge.",
        ),
    ),
    Hint(
        "cold-flats",
        FLATS,
        "She is {seventy-eight}, wears a coat for breakfast, and has paid a third more.",
        Kind.fact,
        ("Olha turned eighty in the autumn.",),
        5,
        State.noted,
        ("Olha was said to be seventy-eight.", "She is eighty."),
    ),
    Hint(
        "last-bus",
        BUS,
        "Nadiia, who is {ninteen}, has given up the course in nursing that she took after work.",
        Kind.slip,
        ("",),
        15,
        State.mended,
    ),
    Hint(
        "who-is-cutting-down-the-old-limes",
        LIMES,
        "{Thirty-one of the forty stumps are sound to the heart}; the rings say that most were "
        "planted in the same two or three years, about a century ago.",
        Kind.fact,
        ("They were all rotten, everybody knows it.",),
        8,
        State.declined,
        ("", "We have a photograph of each stump, and the lecturer’s list beside it."),
    ),
    Hint(
        "who-is-cutting-down-the-old-limes",
        LIMES,
        "We worked it out from the town’s own table: {a little over two million hryvnias}.",
        Kind.fact,
        (
            "By the table that is in force since January it is 2.4 million.",
            "There is a newer table.",
            "Which year’s table?",
        ),
        2,
    ),
    Hint(
        "road-money",
        ROADS,
        "When the snow was gone we walked it with a tape measure and found sixty-three holes "
        "{wider than a dinner plate}, twenty-one of them deeper than a hand.",
        Kind.other,
        ("Say how wide in centimetres; plates differ.",),
        1,
    ),
)


def furnish(newspaper: str, chance: random.Random) -> None:
    """Corrections of the articles of the paper at that address, without a slash at its end.

    Nobody is written to about any of it. Does nothing where there are some already. Commits.
    """
    if db.session.scalar(sa.select(sa.exists().where(Correction.id.is_not(None)))):
        return
    for hint in HINTS:
        _tell(hint, newspaper, chance)
    db.session.commit()


def _tell(hint: Hint, newspaper: str, chance: random.Random) -> None:
    before, _brace, rest = hint.around.partition("{")
    exact, _brace, after = rest.partition("}")
    article = f"{newspaper}/{hint.slug}"
    its = passage(article, exact, before, after, f"{before}{exact}{after}")
    at = clock.now() - timedelta(days=hint.days_ago, minutes=chance.randrange(600))
    for number, said in enumerate(hint.said):
        client = guard.client_at(f"{hint.slug} {exact} {number}")
        report = Report(its, hint.kind, said, None, "en", hint.title)
        case = reporting.report(report, client=client)
    _decide(case, hint)
    _as_if_then(case, at, at + timedelta(minutes=chance.randrange(40, 1000)))


def _decide(case: Correction, hint: Hint) -> None:
    was, now = hint.told
    if hint.verdict is State.noted:
        deciding.note(case, by=None, seen=0, title=hint.title, was=was, now=now)
    elif hint.verdict is State.declined:
        deciding.decline(case, by=None, seen=0, reason=now)
    elif hint.verdict is State.mended:
        deciding.mend(case, by=None, seen=0)


def _as_if_then(case: Correction, at: datetime, decided_at: datetime) -> None:
    case.first_at = case.last_at = case.listed_at = at
    for report in case.said:
        report.at = at
    if case.decided_at is not None:
        case.decided_at, case.took = decided_at, int((decided_at - at).total_seconds())
        for decision in case.decisions:
            decision.at = decided_at
