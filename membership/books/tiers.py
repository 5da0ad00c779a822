"""What the giving page suggests, and the tier's product at Stripe."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import contains_eager, selectinload

from membership.books.models import OFFERED, Interval, Product, Suggestion, Tier
from membership.extensions import db, insert_once
from membership.gateway import gateway
from membership.money import Money
from membership.settings import current
from membership.settings.amounts import least_of, most_of
from membership.settings.current import rules


class NoTiers(LookupError):
    """The newsroom has not set up any tier yet."""


def smallest(currency: str) -> Money:
    """The least that the newsroom takes by card."""
    return Money(least_of(currency, rules.least_amounts), currency)


def largest(currency: str) -> Money:
    """The most that it takes by card."""
    return Money(most_of(currency, rules.most_amounts), currency)


def intervals() -> list[Interval]:
    """How often readers may choose to give."""
    return [interval for interval in OFFERED if interval in rules.intervals]


def first_interval() -> Interval:
    """How often, as it is chosen when the page opens."""
    offered = intervals()
    wished = Interval(rules.first_interval)
    return wished if wished in offered else offered[0]


def chosen_first(rows: Sequence[Suggestion]) -> Suggestion | None:
    """Of what is suggested, smallest first, the one that is chosen when the page opens."""
    its = [row for row in rows if row.tier.slug == rules.first_tier]
    return next(iter([*its, *rows[1:], *rows]), None)


def suggestions(currency: str) -> dict[Interval, list[Suggestion]]:
    """Suggested amounts of `currency` that are taken, by interval, smallest first, with their
    tiers loaded.
    """
    least, most = smallest(currency).amount, largest(currency).amount
    rows = db.session.scalars(
        sa.select(Suggestion)
        .join(Suggestion.tier)
        .where(Suggestion.currency == currency, Tier.is_retired.is_(False))
        .where(Suggestion.amount.between(least, most))
        .options(contains_eager(Suggestion.tier))
        .order_by(Suggestion.amount, Tier.position, Tier.id)
    )
    found: dict[Interval, list[Suggestion]] = defaultdict(list)
    for row in rows:
        found[row.interval].append(row)
    return found


IN_ORDER = sa.select(Tier).order_by(Tier.position, Tier.id)


def every() -> Sequence[Tier]:
    """All of them, in the newsroom's order; one query."""
    return db.session.scalars(IN_ORDER).all()


def with_suggestions() -> Sequence[Tier]:
    """The same with all that they suggest; two queries."""
    return db.session.scalars(IN_ORDER.options(selectinload(Tier.suggestions))).all()


def by_slug(slug: str) -> Tier | None:
    return db.session.scalar(sa.select(Tier).where(Tier.slug == slug))


def tier_for(money: Money, interval: Interval) -> Tier:
    """The highest tier that `money` reaches, or the lowest one, or where nothing is suggested the
    first of all. Raises NoTiers.
    """
    offered = suggestions(money.currency)[interval]
    reached = [row for row in offered if row.amount <= money.amount]
    if offered:
        return (reached[-1] if reached else offered[0]).tier
    order = Tier.is_retired, Tier.position, Tier.id
    first = db.session.scalars(sa.select(Tier).order_by(*order).limit(1)).first()
    if first is None:
        raise NoTiers
    return first


def product_of(tier: Tier) -> Product:
    """The tier's product in this mode, made at Stripe the first time it is needed."""
    door = gateway()
    wanted = sa.select(Product).where(Product.tier_id == tier.id, Product.mode == door.mode)
    product = db.session.scalar(wanted)
    if product is None:
        name = str(next(iter(tier.name.values())))
        db.session.commit()
        made = door.create_product(
            name, metadata={"hromada_tier": tier.slug}, key=f"product-{door.mode}-{tier.slug}"
        )
        insert_once(
            Product,
            ["tier_id", "mode"],
            {"tier_id": tier.id, "mode": door.mode, "stripe_id": made["id"]},
        )
        product = db.session.scalars(wanted).one()
    return product


class Sold(NamedTuple):
    """What a subscription or an invoice bills, by Stripe's ids."""

    price: str
    product: str


def of_sold(sold: Sequence[Sold], *, matched: Mapping[str, str] | None = None) -> int | None:
    """The id of the tier of the first of these that is ours; None if none is.

    A product is ours that was made for a tier, and what was sold before we came if it, or its
    price, was matched to one: as it is in force, or as `matched` has it. What was made for a tier
    stays so, and the database is asked for it once.
    """
    ours: dict[str, int] = current_app.extensions.setdefault("our_products", {})
    matched = _matched() if matched is None else matched
    if unknown := {one.product for one in sold} - ours.keys() - matched.keys():
        rows = db.session.execute(
            sa.select(Product.stripe_id, Product.tier_id).where(Product.stripe_id.in_(unknown))
        )
        ours.update((row.stripe_id, row.tier_id) for row in rows)
    for one in sold:
        if one.product in ours:
            return ours[one.product]
        if slug := matched.get(one.price) or matched.get(one.product):
            return _id_of(slug)
    return None


def _matched() -> Mapping[str, str]:
    its = current.of(current_app).products.get(gateway().mode)
    return its.tiers if its is not None and its.is_on else {}


def _id_of(slug: str) -> int | None:
    """Of a tier, which is never taken out, and whose slug stays."""
    known: dict[str, int] = current_app.extensions.setdefault("tier_ids", {})
    if slug not in known and (tier := by_slug(slug)) is not None:
        known[slug] = tier.id
    return known.get(slug)
