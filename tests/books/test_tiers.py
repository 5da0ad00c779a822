"""What a subscription's products say of its tier."""

from typing import Any

import sqlalchemy as sa

from membership.books import tiers
from membership.books.models import Product, Tier
from membership.books.tiers import Sold
from membership.extensions import db
from tests.factories import Newsroom


def test_the_first_product_decides_whatever_was_asked_for_before(newsroom: Newsroom):
    newsroom.tiers()
    with newsroom.at_work():
        first, second = db.session.scalars(sa.select(Tier.id).order_by(Tier.id).limit(2))
        for stripe_id, tier_id in (("prod_first", first), ("prod_second", second)):
            db.session.add(Product(tier_id=tier_id, mode="sandbox", stripe_id=stripe_id))
        db.session.commit()
        assert _tier("prod_first") == first
        assert _tier("prod_second", "prod_first") == second
        assert _tier("prod_elses", "prod_first") == first
        assert _tier("prod_elses") is None


def test_what_was_matched_is_of_its_tier_a_price_before_its_product(newsroom: Newsroom):
    newsroom.tiers()
    with newsroom.at_work():
        first, second = db.session.scalars(sa.select(Tier).order_by(Tier.id).limit(2))
        matched = {"prod_elses": first.slug, "price_elses": second.slug}
        for price, tier in (("price_other", first), ("price_elses", second)):
            sold = [Sold(price, "prod_elses")]
            assert tiers.of_sold(sold, matched=matched) == tier.id
            assert tiers.of_sold(sold) is None


def test_the_database_is_asked_once_for_what_is_ours(newsroom: Newsroom, queries: Any):
    newsroom.tiers()
    with newsroom.at_work():
        tier = db.session.scalars(sa.select(Tier.id)).first()
        db.session.add(Product(tier_id=tier, mode="sandbox", stripe_id="prod_ours"))
        db.session.commit()
        assert _tier("prod_ours") == tier
        with queries() as asked:
            assert _tier("prod_ours") == tier
        assert list(asked) == []


def _tier(*products: str) -> int | None:
    return tiers.of_sold([Sold(f"price of {one}", one) for one in products])
