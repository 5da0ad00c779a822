"""What a subscription's products say of its tier."""

import sqlalchemy as sa

from membership.books import tiers
from membership.books.models import Product, Tier
from membership.extensions import db
from tests.factories import Newsroom


def test_the_first_product_decides_whatever_was_asked_for_before(newsroom: Newsroom):
    newsroom.tiers()
    with newsroom.at_work():
        first, second = db.session.scalars(sa.select(Tier.id).order_by(Tier.id).limit(2))
        for stripe_id, tier_id in (("prod_first", first), ("prod_second", second)):
            db.session.add(Product(tier_id=tier_id, mode="sandbox", stripe_id=stripe_id))
        db.session.commit()
        assert tiers.of_sold(["prod_first"]) == first
        assert tiers.of_sold(["prod_second", "prod_first"]) == second
        assert tiers.of_sold(["prod_elses", "prod_first"]) == first
        assert tiers.of_sold(["prod_elses"]) is None
