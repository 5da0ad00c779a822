"""What led to us those whose past the sandbox lived through: it knows of no articles."""

import random
from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from membership.books.models import Donation, Subscription
from membership.extensions import db
from membership.patrons.touched import Told, touch
from membership.seed.lives import ARTICLES, FROM_AN_ARTICLE, Origin, origin


def tell(chance: random.Random, newspaper: str) -> None:
    """Give each subscription that came without one the donation it would have begun with; commits.

    The same for the same `chance` and people.
    """
    begun = db.session.scalars(
        sa.select(Subscription)
        .where(Subscription.donation_id.is_(None))
        .options(joinedload(Subscription.person))
        .order_by(Subscription.started_at, Subscription.stripe_id)
    ).all()
    donations = list(_donations(begun, chance, newspaper))
    db.session.add_all(donations)
    db.session.flush()
    for subscription, donation in zip(begun, donations, strict=True):
        subscription.donation_id = donation.id
        touch(subscription.person_id, Told.given)
    db.session.commit()


def _donations(
    begun: Sequence[Subscription], chance: random.Random, newspaper: str
) -> Iterator[Donation]:
    for subscription in begun:
        person = subscription.person
        yield Donation(
            public_id=f"d_{subscription.id:08}",
            attempt=f"attempt_{subscription.stripe_id}",
            mode=subscription.mode,
            email=person.email,
            person_id=person.id,
            language=person.language,
            interval=subscription.interval,
            amount=subscription.amount,
            currency=subscription.currency,
            tier_id=subscription.tier_id,
            stripe_customer=subscription.stripe_customer,
            created_at=subscription.started_at,
            paid_at=subscription.started_at,
            **_came(chance, newspaper)._asdict(),
        )


def _came(chance: random.Random, newspaper: str) -> Origin:
    from_article = chance.random() < FROM_AN_ARTICLE
    return origin(chance, chance.choice(ARTICLES) if from_article else None, newspaper)
