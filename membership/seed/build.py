"""A believable newsroom for the demo, for tests of size, and for pictures.

The patrons' history is lived through in the sandbox, and our books are then built from it
by the same code that imports an existing Stripe account, so that the two agree. More people than
the sandbox can live through in good time are written straight into our books (`crowd.py`).
"""

import json
import random
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator

import sqlalchemy as sa

from config import Mode, Settings
from membership.articles.corrections import demo as corrections
from membership.articles.elements import demo as seen
from membership.books import tiers
from membership.books.models import Interval, Subscription, Suggestion, Tier
from membership.extensions import db, settings
from membership.gateway import StripeDown
from membership.inbox import reconcile
from membership.money import Money
from membership.patrons import memberships
from membership.patrons.models import Person
from membership.rounds import demo, followed
from membership.seed import crowd, sources
from membership.seed.lives import ARTICLES, NEWSPAPER, Gift, Plans

TIMEOUT_SECONDS = 600
LIVED_AT_MOST = 2_000
"""More people than this the sandbox is not asked to live through."""
FURNISHED_AT_MOST = 2_000
"""Of more members than this the others have no part in what the first round is furnished with."""

TIERS: list[tuple[str, dict[str, str], dict[str, str]]] = [
    (
        "reader",
        {"en": "Reader", "uk": "Читач", "pl": "Czytelnik"},
        {
            "en": "Keeps one article free for everybody.",
            "uk": "Одна стаття лишається вільною для всіх.",
            "pl": "Jeden artykuł zostaje wolny dla wszystkich.",
        },
    ),
    (
        "patron",
        {"en": "Patron", "uk": "Патрон", "pl": "Patron"},
        {
            "en": "Pays for a phone call that gets an answer.",
            "uk": "Оплачує дзвінок, на який відповіли.",
            "pl": "Opłaca telefon, który ktoś odbierze.",
        },
    ),
    (
        "co-creator",
        {"en": "Co-creator", "uk": "Співтворець", "pl": "Współtwórca"},
        {
            "en": "Sends a reporter to the council for a day.",
            "uk": "Відряджає репортера на день до ради.",
            "pl": "Wysyła reportera na dzień do rady.",
        },
    ),
    (
        "guardian",
        {"en": "Guardian", "uk": "Оберіг", "pl": "Strażnik"},
        {
            "en": "Carries an investigation through a week.",
            "uk": "Тиждень роботи над розслідуванням.",
            "pl": "Tydzień pracy nad śledztwem.",
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


def newsroom(
    *,
    patrons: int,
    months: int,
    number: int,
    newspaper: str = NEWSPAPER,
    progress: Callable[[str, int], None] = lambda what, done: None,
) -> Iterator[str]:
    """Tiers, patrons with their history, topics, rounds, corrections; says what it did. Commits.

    `newspaper` is the address, without a slash at its end, of the paper whose articles led some
    of them here and has the story that members chose.
    `progress` hears how many people of a crowd are written. Raises CannotSeed outside sandbox
    mode, when the sandbox is away, or for a crowd in books that are not empty.
    """
    if settings.mode is not Mode.sandbox:
        raise CannotSeed(
            f"This is {settings.mode} mode. Invented patrons live in the sandbox only."
        )
    try:
        set_up_tiers()
        yield f"{len(TIERS)} tiers in {', '.join(settings.currencies)}"
        if patrons > LIVED_AT_MOST:
            _write_crowd(
                patrons=patrons,
                months=months,
                number=number,
                newspaper=newspaper,
                progress=progress,
            )
            yield f"{patrons} people over {months} months, of whom the sandbox knows nothing"
        elif patrons:
            lived = _live(settings, patrons=patrons, months=months, number=number)
            yield f"{lived.get('customers', patrons)} people over {months} months in the sandbox"
            tally = reconcile.run()
            sources.tell(random.Random(f"{number}: sources"), newspaper)  # noqa: S311
            yield ", ".join(f"{count} × {kind}" for kind, count in sorted(tally.items()))
    except StripeDown as error:
        raise CannotSeed(f"The sandbox does not answer: {error}") from error
    members = db.session.scalars(
        sa.select(Person)
        .where(Person.id.in_(memberships.members()))
        .order_by(Person.id)
        .limit(FURNISHED_AT_MOST)
    ).all()
    articles = [f"{newspaper}/{slug}" for slug in ARTICLES]
    seen.ask()
    seen.furnish(articles, random.Random(f"{number}: seen"))  # noqa: S311
    demo.furnish(members, random.Random(number), newspaper=newspaper)  # noqa: S311
    db.session.commit()
    corrections.furnish(newspaper, random.Random(f"{number}: corrections"))  # noqa: S311
    followed.follow_due()
    followed.count_members()
    yield f"{len(corrections.HINTS)} corrections, of which two wait for an editor"
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


def _write_crowd(
    *,
    patrons: int,
    months: int,
    number: int,
    newspaper: str,
    progress: Callable[[str, int], None],
) -> None:
    if db.session.scalar(sa.select(Subscription.id).limit(1)) is not None:
        raise CannotSeed("There are patrons already. A crowd needs empty books.")
    crowd.write(
        plans(),
        patrons=patrons,
        months=months,
        seed=number,
        progress=progress,
        newspaper=newspaper,
    )


def _live(settings: Settings, *, patrons: int, months: int, number: int) -> dict[str, int]:
    """Have the sandbox live through the history of these patrons."""
    body = {
        "patrons": patrons,
        "months": months,
        "seed": number,
        "plans": list(_told_plans()),
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


def plans() -> Plans:
    """What may be given by the tiers there are, and how common it is."""
    return Plans({gift: often for _tier, gift, often in _ways()})


def _told_plans() -> Iterator[dict[str, object]]:
    """The same as the sandbox is told of it."""
    for tier, gift, often in _ways():
        is_once = gift.interval is Interval.once
        yield {
            "product": tiers.product_of(tier).stripe_id,
            "currency": gift.currency,
            "amount": gift.amount,
            "interval": None if is_once else gift.interval.value,
            "weight": often,
        }
    db.session.commit()


def _ways() -> Iterator[tuple[Tier, Gift, int]]:
    for position, tier in enumerate(db.session.scalars(sa.select(Tier).order_by(Tier.position))):
        for row in tier.suggestions:
            often = OF_CURRENCY.get(row.currency, 1) * OF_INTERVAL[row.interval] * OF_TIER[position]
            yield tier, Gift(tier.id, row.currency, row.interval, row.amount), often
