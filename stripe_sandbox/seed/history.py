"""Building the past: who joins when with what, in batches of one transaction each."""

import random
from collections import Counter
from collections.abc import Iterator

from stripe_sandbox.books import SANDBOX_CLOCK, Books
from stripe_sandbox.engine import payouts
from stripe_sandbox.events import KEPT_SECONDS
from stripe_sandbox.periods import boundary
from stripe_sandbox.sandbox import Sandbox
from stripe_sandbox.seed.life import CLOCK, DAY, Life
from stripe_sandbox.seed.people import People
from stripe_sandbox.seed.wish import Wish

PATRONS_AT_ONCE = 25
# The share of patrons who come in the days after one of a few articles that were read widely.
IN_BURSTS = 0.25
# Joining grows: with 1 it would be even over the months.
GROWTH = 1.6


def build(sandbox: Sandbox, wish: Wish) -> dict[str, int]:
    """Build it, up to the sandbox's now. Returns how many of each thing there are."""
    chance = random.Random(wish.seed)  # noqa: S311
    with sandbox.reading() as books:
        now = books.sandbox_now
    start = boundary(now, "month", 1, -wish.months)
    joins = sorted(_joining(chance, wish.patrons, start, now))
    people = People(chance)
    counts: Counter[str] = Counter()
    for first in range(0, len(joins), PATRONS_AT_ONCE):
        with sandbox.writing() as books:
            _quietly(books, now, wish)
            for joined in joins[first : first + PATRONS_AT_ONCE]:
                number = counts["patrons"]
                plan = chance.choices(wish.plans, [plan.weight for plan in wish.plans])[0]
                life = Life(books, random.Random(f"{wish.seed}:{number}"), now, counts)  # noqa: S311
                life.live(people.next(), plan, joined, wish.metadata, late=number % 25 == 7)
                counts["patrons"] += 1
            _join_the_present(books)
    with sandbox.writing() as books:
        _quietly(books, now, wish)
        counts["payouts"] = payouts.catch_up(books, start, now)
    return dict(counts)


def _joining(chance: random.Random, patrons: int, start: int, now: int) -> Iterator[int]:
    """The moments patrons join: more towards now, some together."""
    span = now - start
    articles = [start + int(span * chance.uniform(0.2, 0.95)) for _ in range(4)]
    for _ in range(patrons):
        if chance.random() < IN_BURSTS:
            after = int(chance.expovariate(1 / (2 * DAY)))
            yield min(chance.choice(articles) + after, now - 1)
        else:
            yield start + int(span * chance.random() ** (1 / GROWTH))


def _quietly(books: Books, now: int, wish: Wish) -> None:
    """No webhooks for the past, and no events that Stripe would have forgotten, unless wished."""
    books.unsent = True
    books.silent_before = None if wish.every_event else now - KEPT_SECONDS


def _join_the_present(books: Books) -> None:
    """What is planned for the time after now lives on the sandbox's clock."""
    books.clock_override = None
    books.db.execute("UPDATE agenda SET clock = ? WHERE clock = ?", (SANDBOX_CLOCK, CLOCK))
