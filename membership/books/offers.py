"""A tier as the newsroom words it: one value, which the tables of tiers are brought up to."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from membership.books import tiers
from membership.books.models import Interval, Suggestion, Tier
from membership.extensions import db, settings
from membership.money import Money

Sums = dict[tuple[str, Interval], int]
"""Amounts in minor units by currency and interval."""


MOST_OFFERED = 6
"""More than readers can weigh against each other; the giving page has places for so many."""


class TooMany(ValueError):
    """As many tiers are offered as can be."""


class OutOfBounds(ValueError):
    """It suggests what the newsroom does not take, so little or so much is it."""


class Clash(ValueError):
    """Another tier that is offered suggests the same amount; readers see one of each."""


class Offer(BaseModel):
    """Words and benefits by language, and amounts in minor units by currency and interval."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[dict[str, str], Field(min_length=1)]
    line: dict[str, str]
    benefits: dict[str, list[str]] = {}
    amounts: dict[str, dict[Interval, PositiveInt]]
    is_retired: bool = False

    @property
    def sums(self) -> Sums:
        """Its amounts, each by itself."""
        return {
            (currency, interval): amount
            for currency, amounts in self.amounts.items()
            for interval, amount in amounts.items()
        }


def of_tier(tier: Tier) -> Offer:
    """What the tables say of it."""
    amounts = by_currency({(one.currency, one.interval): one.amount for one in tier.suggestions})
    return Offer(
        name=tier.name,
        line=tier.line,
        benefits=tier.benefits,
        amounts=amounts,
        is_retired=tier.is_retired,
    )


def by_currency(sums: Sums) -> dict[str, dict[Interval, int]]:
    """As an offer has its amounts."""
    amounts: dict[str, dict[Interval, int]] = {}
    for (currency, interval), amount in sums.items():
        amounts.setdefault(currency, {})[interval] = amount
    return amounts


def bring_up(slug: str, told: Mapping[str, Any]) -> None:
    """Make the tier of that name what is told of it, in the transaction at hand; a new one is the
    last. Raises ValidationError, Clash, TooMany,
    OutOfBounds.
    """
    offer = Offer.model_validate(told)
    tier = tiers.by_slug(slug)
    if not offer.is_retired:
        if len(_offered(beside=tier)) >= MOST_OFFERED:
            raise TooMany
        if clashes(offer, beside=tier):
            raise Clash
        if not all(_is_taken(Money(sum, its[0])) for its, sum in offer.sums.items()):
            raise OutOfBounds
    if tier is None:
        last = db.session.scalar(sa.select(sa.func.max(Tier.position)))
        tier = Tier(slug=slug, position=0 if last is None else last + 1)
        db.session.add(tier)
    tier.name, tier.line, tier.is_retired = offer.name, offer.line, offer.is_retired
    tier.benefits = offer.benefits
    wanted = offer.sums
    for one in list(tier.suggestions):
        amount = wanted.pop((one.currency, one.interval), None)
        if amount is None:
            tier.suggestions.remove(one)
        else:
            one.amount = amount
    tier.suggestions += [
        Suggestion(currency=currency, interval=interval, amount=amount)
        for (currency, interval), amount in wanted.items()
    ]
    db.session.flush()


def clashes(offer: Offer, *, beside: Tier | None) -> set[tuple[str, Interval]]:
    """In which currencies and intervals another tier that is offered suggests the same amount;
    `beside` is none of the others.
    """
    taken = {
        (one.currency, one.interval, one.amount)
        for tier in _offered(beside=beside)
        for one in tier.suggestions
    }
    return {which for which, amount in offer.sums.items() if (*which, amount) in taken}


def _is_taken(money: Money) -> bool:
    """What is in a currency that is not offered now can wait until it is."""
    least, most = tiers.smallest(money.currency), tiers.largest(money.currency)
    return money.currency not in settings.currencies or least.amount <= money.amount <= most.amount


def _offered(*, beside: Tier | None) -> list[Tier]:
    return [tier for tier in tiers.with_suggestions() if tier is not beside and not tier.is_retired]


def put_in_order(slugs: Sequence[str]) -> None:
    """Give the tiers the places that their names have here, in the transaction at hand; others come
    after them.
    """
    places = {slug: place for place, slug in enumerate(slugs)}
    others = len(slugs)
    for tier in tiers.every():
        tier.position = places.get(tier.slug, others)
    db.session.flush()
