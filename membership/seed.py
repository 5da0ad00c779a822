"""A believable newsroom for the demo, for tests of size, and for pictures.

The patrons' history is lived through in the sandbox, and our books are then built from it
by the same code that imports an existing Stripe account, so that the two agree.
"""

import json
import random
import urllib.error
import urllib.request
from collections.abc import Iterator

import sqlalchemy as sa

from config import Mode, Settings
from membership.books import tiers
from membership.books.models import Interval, Suggestion, Tier
from membership.extensions import db, settings
from membership.gateway import StripeDown
from membership.inbox import reconcile
from membership.money import Money
from membership.patrons import memberships
from membership.patrons.models import Person
from membership.rounds import demo, followed

TIMEOUT_SECONDS = 600

TIERS: list[tuple[str, dict[str, str], dict[str, str]]] = [
    (
        "reader",
        {"en": "Reader", "uk": "Читач"},
        {
            "en": "Keeps one article free for everybody.",
            "uk": "Одна стаття лишається вільною для всіх.",
        },
    ),
    (
        "patron",
        {"en": "Patron", "uk": "Патрон"},
        {
            "en": "Pays for a phone call that gets an answer.",
            "uk": "Оплачує дзвінок, на який відповіли.",
        },
    ),
    (
        "co-creator",
        {"en": "Co-creator", "uk": "Співтворець"},
        {
            "en": "Sends a reporter to the council for a day.",
            "uk": "Відряджає репортера на день до ради.",
        },
    ),
    (
        "guardian",
        {"en": "Guardian", "uk": "Оберіг"},
        {
            "en": "Carries an investigation through a week.",
            "uk": "Тиждень роботи над розслідуванням.",
        },
    ),
]

# Whole units of each currency, smallest tier first.
AMOUNTS: dict[str, dict[Interval, tuple[int, ...]]] = {
    "eur": {
        Interval.month: (3, 5, 10, 25),
        Interval.year: (30, 50, 100, 250),
        Interval.once: (10, 25, 50, 100),
    },
    "usd": {
        Interval.month: (3, 5, 10, 25),
        Interval.year: (30, 50, 100, 250),
        Interval.once: (10, 25, 50, 100),
    },
    "uah": {
        Interval.month: (100, 200, 400, 1000),
        Interval.year: (1000, 2000, 4000, 10000),
        Interval.once: (200, 500, 1000, 2000),
    },
}
ELSEWHERE = AMOUNTS["eur"]

# How common each is among the demo's patrons.
OF_CURRENCY = {"eur": 4, "usd": 2, "uah": 3}
OF_INTERVAL = {Interval.month: 8, Interval.year: 2, Interval.once: 1}
OF_TIER = (5, 8, 3, 1)


class CannotSeed(Exception):
    """This installation is no place for invented people."""


def newsroom(*, patrons: int, months: int, number: int) -> Iterator[str]:
    """Tiers, patrons with their history, topics and rounds; says what it did, and commits.

    Raises CannotSeed outside sandbox mode, or when the sandbox is away.
    """
    if settings.mode is not Mode.sandbox:
        raise CannotSeed(
            f"This is {settings.mode} mode. Invented patrons live in the sandbox only."
        )
    try:
        set_up_tiers()
        yield f"{len(TIERS)} tiers in {', '.join(settings.currencies)}"
        if patrons:
            lived = _live(settings, patrons=patrons, months=months, number=number)
            yield f"{lived.get('customers', patrons)} people over {months} months in the sandbox"
            tally = reconcile.run()
            yield ", ".join(f"{count} × {kind}" for kind, count in sorted(tally.items()))
    except StripeDown as error:
        raise CannotSeed(f"The sandbox does not answer: {error}") from error
    members = db.session.scalars(
        sa.select(Person).where(Person.id.in_(memberships.members())).order_by(Person.id)
    ).all()
    demo.furnish(members, random.Random(number))  # noqa: S311
    db.session.commit()
    followed.follow_due()
    followed.count_members()
    yield "an open round with eight topics, a proposal in review, an earlier round"


def set_up_tiers() -> None:
    """The tiers with their suggestions, unless the newsroom has its own already."""
    if db.session.scalar(sa.select(sa.func.count()).select_from(Tier)):
        return
    for position, (slug, name, line) in enumerate(TIERS):
        tier = Tier(slug=slug, position=position, name=name, line=line)
        for currency in settings.currencies:
            for interval, amounts in AMOUNTS.get(currency, ELSEWHERE).items():
                amount = Money.parse(str(amounts[position]), currency).amount
                tier.suggestions.append(
                    Suggestion(currency=currency, interval=interval, amount=amount)
                )
        db.session.add(tier)
    db.session.commit()


def _live(settings: Settings, *, patrons: int, months: int, number: int) -> dict[str, int]:
    """Have the sandbox live through the history of these patrons."""
    body = {
        "patrons": patrons,
        "months": months,
        "seed": number,
        "plans": list(_plans()),
        "metadata": {"hromada": "gift"},
    }
    request = urllib.request.Request(  # noqa: S310
        settings.sandbox_url + "/_sandbox/seed",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            counts: dict[str, int] = json.load(answer)
    except urllib.error.URLError as error:
        raise CannotSeed(f"The sandbox at {settings.sandbox_url}: {error}") from error
    return counts


def _plans() -> Iterator[dict[str, object]]:
    for position, tier in enumerate(db.session.scalars(sa.select(Tier).order_by(Tier.position))):
        product = tiers.product_of(tier).stripe_id
        for row in tier.suggestions:
            yield {
                "product": product,
                "currency": row.currency,
                "amount": row.amount,
                "interval": None if row.interval is Interval.once else row.interval.value,
                "weight": OF_CURRENCY.get(row.currency, 1)
                * OF_INTERVAL[row.interval]
                * OF_TIER[position],
            }
    db.session.commit()
