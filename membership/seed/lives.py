"""Invented patrons: who somebody is, and what they gave from joining up to now.

No database and no clock in here. A life depends on its own number and the seed alone.
"""

import random
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from membership.books.models import Interval

# As (written, in an address).
GIVEN = [
    ("Олена", "olena"), ("Ірина", "iryna"), ("Наталія", "nataliia"), ("Оксана", "oksana"),
    ("Юлія", "yuliia"), ("Софія", "sofiia"), ("Соломія", "solomiia"), ("Андрій", "andrii"),
    ("Олександр", "oleksandr"), ("Сергій", "serhii"), ("Тарас", "taras"), ("Ярослав", "yaroslav"),
    ("Anna", "anna"), ("Marek", "marek"), ("Jürgen", "juergen"), ("Sinéad", "sinead"),
]  # fmt: skip
FAMILY = [
    ("Шевченко", "shevchenko"), ("Коваленко", "kovalenko"), ("Бондаренко", "bondarenko"),
    ("Ткаченко", "tkachenko"), ("Кравченко", "kravchenko"), ("Олійник", "oliinyk"),
    ("Поліщук", "polishchuk"), ("Мельник", "melnyk"), ("Гнатюк", "hnatiuk"), ("Гончар", "honchar"),
    ("Заяць", "zaiats"), ("Федорів", "fedoriv"),
    ("Nowak", "nowak"), ("Schäfer", "schaefer"), ("Rossi", "rossi"), ("O'Brien", "obrien"),
]  # fmt: skip
LANGUAGES = ("uk", "uk", "uk", "en")
BRANDS = ("visa", "visa", "mastercard")
NEWSPAPER = "https://hromada.example"
ARTICLES = ("who-is-cutting-down-the-old-limes", "road-money", "last-bus", "cold-flats")
"""What is read in the newspaper, as its addresses say."""
REFERRERS = ("https://www.google.com/", "https://t.me/s/hromada", None)
CAMPAIGNS = ("utm_source=letter&utm_campaign=spring", None, None)
FEEDBACK = ("too_expensive", "unused", "switched_service", "other", None)
REFUSALS = ("card_declined", "insufficient_funds", "expired_card")

DAY = timedelta(days=1)
MONTH = 30 * DAY
RETRIES = 21 * DAY
"""How long Stripe tries before it ends a subscription."""

GROWTH = 1.6
"""Joining grows: with 1 it would be even over the months."""

# The share of people, or the chance at a renewal; of leaving it is the rate in a month.
FROM_AN_ARTICLE = 0.5
IN_A_BURST = 0.25
LEAVES = 0.022
FAILS = 0.02
RECOVERS = 0.7
GIVES_MORE = 0.006
GIVES_LESS = 0.003
REFUNDED = 0.03
IN_PART = 0.4


class Gift(NamedTuple):
    """A way to give: minor units of `currency`, and how often."""

    tier_id: int
    currency: str
    interval: Interval
    amount: int


class Plans:
    """What may be given, as often as its weight says, and what is the next more and less."""

    def __init__(self, weights: dict[Gift, float]) -> None:
        self._gifts = list(weights)
        self._weights = list(accumulate(weights.values()))
        ways: dict[tuple[str, Interval], list[Gift]] = {}
        for gift in sorted(weights, key=lambda gift: gift.amount):
            ways.setdefault((gift.currency, gift.interval), []).append(gift)
        self._near = {
            gift: its[max(place - 1, 0) : place] + its[place + 1 : place + 2]
            for its in ways.values()
            for place, gift in enumerate(its)
        }

    def one(self, chance: random.Random) -> Gift:
        place = bisect_right(self._weights, chance.random() * self._weights[-1])
        return self._gifts[min(place, len(self._gifts) - 1)]

    def other(self, gift: Gift, *, more: bool) -> Gift:
        """The next larger or smaller one of the same currency and interval; the same at the end."""
        its = [one for one in self._near[gift] if (one.amount > gift.amount) is more]
        return its[0] if its else gift


class Someone(NamedTuple):
    name: str
    email: str
    language: str


class Origin(NamedTuple):
    """What led somebody here, as addresses and a query write it."""

    source: str | None = None
    first_source: str | None = None
    referrer: str | None = None
    campaign: str | None = None


class Payment(NamedTuple):
    """What was asked for at `since` (UTC), for the time to `until`; a single gift has none.

    `paid_at` is None where nobody paid it; `refused_at` is when the bank first did not.
    """

    gift: Gift
    since: datetime
    until: datetime | None
    paid_at: datetime | None
    refused_at: datetime | None = None
    reason: str | None = None


class Refund(NamedTuple):
    """Of the first payment, in its minor units."""

    amount: int
    at: datetime


class Life(NamedTuple):
    """All moments in UTC; `ends_at` is a day that is set, `ended_at` one that has come."""

    number: int
    person: Someone
    origin: Origin
    payments: list[Payment]
    refund: Refund | None
    card: tuple[str, date]
    status: str
    ends_at: datetime | None
    ended_at: datetime | None
    reason: str | None
    feedback: str | None

    @property
    def joined(self) -> datetime:
        return self.payments[0].since

    @property
    def gift(self) -> Gift:
        """As it is given now."""
        return self.payments[-1].gift


def lives(
    plans: Plans,
    *,
    patrons: int,
    months: int,
    seed: int,
    now: datetime,
    newspaper: str = NEWSPAPER,
) -> Iterator[Life]:
    """So many patrons who joined in the `months` up to `now`, the same for the same seed.

    Some come from articles of the `newspaper` at this address.
    """
    begin = now - relativedelta(months=months)
    bursts = [begin + (now - begin) * (0.2 + 0.2 * number) for number in range(len(ARTICLES))]
    for number in range(1, patrons + 1):
        chance = random.Random(f"{seed}:{number}")  # noqa: S311
        joined, origin = _beginning(chance, begin, now, bursts, newspaper)
        gift = plans.one(chance)
        yield _life(number, chance, gift=gift, plans=plans, joined=joined, origin=origin, now=now)


def origin(chance: random.Random, slug: str | None, newspaper: str) -> Origin:
    """What led somebody here, who came from an article or not."""
    referrer, campaign = chance.choice(REFERRERS), chance.choice(CAMPAIGNS)
    if slug is None:
        return Origin(referrer=referrer, campaign=campaign)
    # Whoever came by a letter had read something else before it.
    first = ARTICLES[ARTICLES.index(slug) - 1] if campaign else slug
    return Origin(f"{newspaper}/{slug}", f"{newspaper}/{first}", referrer, campaign)


def _beginning(
    chance: random.Random,
    begin: datetime,
    now: datetime,
    bursts: Sequence[datetime],
    newspaper: str,
) -> tuple[datetime, Origin]:
    """When somebody joins, and through what: some together, after an article read widely."""
    from_article = chance.random() < FROM_AN_ARTICLE
    article = chance.randrange(len(ARTICLES))
    if from_article and chance.random() < IN_A_BURST / FROM_AN_ARTICLE:
        joined = bursts[article] + chance.expovariate(0.5) * DAY
    else:
        joined = begin + (now - begin) * chance.random() ** (1 / GROWTH)
    came = origin(chance, ARTICLES[article] if from_article else None, newspaper)
    return min(joined, now - DAY).replace(microsecond=0), came


def _life(
    number: int,
    chance: random.Random,
    *,
    gift: Gift,
    plans: Plans,
    joined: datetime,
    origin: Origin,
    now: datetime,
) -> Life:
    someone = _someone(number, chance)
    card = chance.choice(BRANDS), _end_of_month(now, chance.randrange(0, 48))
    if gift.interval is Interval.once:
        payments, status, reason = [Payment(gift, joined, None, joined)], "", None
        leaves = None
    else:
        leaves = joined + chance.expovariate(LEAVES) * MONTH
        payments, status = _payments(chance, gift, plans, joined=joined, leaves=leaves, now=now)
        reason = "cancellation_requested" if status == "canceled" else None
    last = payments[-1]
    ended_at = None
    if status == "canceled":
        ended_at = last.until
        if last.paid_at is None:
            reason, ended_at = "payment_failed", last.since + RETRIES
    goes = leaves is not None and leaves < now and reason != "payment_failed"
    refund = None
    if chance.random() < REFUNDED:
        at = joined + chance.randint(1, 20) * DAY
        part = 2 if chance.random() < IN_PART else 1
        refund = Refund(payments[0].gift.amount // part, at) if at < now else None
    return Life(
        number,
        someone,
        origin,
        payments,
        refund,
        card,
        status,
        ends_at=last.until if goes else None,
        ended_at=ended_at,
        reason=reason,
        feedback=chance.choice(FEEDBACK) if goes else None,
    )


def _payments(
    chance: random.Random,
    gift: Gift,
    plans: Plans,
    *,
    joined: datetime,
    leaves: datetime,
    now: datetime,
) -> tuple[list[Payment], str]:
    """What is asked for by the interval, and the state of the subscription now."""
    months = 12 if gift.interval is Interval.year else 1
    payments: list[Payment] = []
    since = joined
    while since <= now:
        if payments and leaves < since:
            return payments, "canceled"
        until = joined + relativedelta(months=months * (len(payments) + 1))
        if payments and chance.random() < FAILS:
            comes_right = chance.random() < RECOVERS
            paid_at = since + chance.randint(1, 12) * DAY if comes_right else None
            reason = chance.choice(REFUSALS)
            if paid_at is None or paid_at > now:
                payments.append(Payment(gift, since, until, None, since, reason))
                is_over = paid_at is None and since + RETRIES <= now
                return payments, "canceled" if is_over else "past_due"
            payments.append(Payment(gift, since, until, paid_at, since, reason))
        else:
            if payments:
                gift = _changed(chance, gift, plans)
            payments.append(Payment(gift, since, until, since))
        since = until
    return payments, "active"


def _changed(chance: random.Random, gift: Gift, plans: Plans) -> Gift:
    drawn = chance.random()
    if drawn < GIVES_MORE + GIVES_LESS:
        return plans.other(gift, more=drawn < GIVES_MORE)
    return gift


def _someone(number: int, chance: random.Random) -> Someone:
    given, its_letters = chance.choice(GIVEN)
    family, letters = chance.choice(FAMILY)
    email = f"{its_letters}.{letters}{number}@example.org"
    return Someone(f"{given} {family}", email, chance.choice(LANGUAGES))


def _end_of_month(now: datetime, months: int) -> date:
    month = now.date() + relativedelta(months=months)
    return month.replace(day=monthrange(month.year, month.month)[1])
