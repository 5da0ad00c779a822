"""An account that sold before we came: what it sells, and what it would be to take that in.

Only reads at Stripe. What stands for which tier is a setting (settings/products.py); once it is on,
a comparison (reconcile.py) takes the subscriptions in with their whole past.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
import structlog
from flask import current_app

from membership.books import gives
from membership.books.gives import ENDED
from membership.books.models import Interval, Product, Subscription, Tier
from membership.books.sync import sold_in
from membership.books.tiers import every, of_sold
from membership.clock import at, clock
from membership.extensions import db, settings
from membership.gateway import Json, StripeDown, StripeRefused, gateway
from membership.inbox import reconcile
from membership.inbox.models import AccountLook
from membership.money import Money
from membership.patrons.models import Person
from membership.settings import current

log = structlog.get_logger()

MOST_PRODUCTS, MOST_PRICES = 50, 20
"""As many as are told apart, and of each product; of the others it is said how many they are."""
# What still brings something, or may.
RUNNING, OVER = "running", "over"
Counts = Counter[tuple[str, str, str]]


class Foreseen(NamedTuple):
    """One subscription of the account and what would become of it.

    `tier` is None where it would be left alone; `interval_count` is how many intervals apart.
    """

    stripe_id: str
    email: str | None
    money: Money
    interval: Interval
    interval_count: int
    since: datetime
    is_over: bool
    tier: str | None
    is_known: bool
    person_id: int | None


def look() -> None:
    """Go through the account and write down what it sells; a Stripe out of reach is written down.

    Commits after each page, with how many subscriptions were read.
    """
    row = AccountLook(mode=gateway().mode, started_at=clock.now(), read=0, found=[])
    db.session.add(row)
    db.session.commit()
    number, counts, prices = row.id, Counter[tuple[str, str, str]](), dict[str, Json]()
    values: dict[str, Any] = {}
    try:
        for page in gateway().subscriptions():
            for read in page:
                _count(read.said, counts, prices)
            _write(number, read=AccountLook.read + len(page))
        found = _found(counts, prices)
        values["found"], values["more"] = found[:MOST_PRODUCTS], len(found[MOST_PRODUCTS:])
    except (StripeDown, StripeRefused) as error:
        log.warning("account not looked through", error=str(error))
        values["error"] = str(error)
    _write(number, finished_at=clock.now(), **values)


def last() -> AccountLook | None:
    return db.session.scalar(
        sa.select(AccountLook)
        .where(AccountLook.mode == settings.mode)
        .order_by(AccountLook.id.desc())
        .limit(1)
    )


def take_in() -> None:
    """Compare all there is with Stripe, by what was matched a moment ago in another process."""
    current.of(current_app).look_again()
    reconcile.whole()


def foresee(tiers: Mapping[str, str], *, after: str | None = None) -> list[Foreseen]:
    """The next subscriptions of the account, the latest first, and what would become of each if
    products and prices stood for these tiers' slugs; three queries. Empty after the last.

    Raises StripeDown, StripeRefused.
    """
    said = [read.said for read in next(gateway().subscriptions(after=after), [])]
    known = set(
        db.session.scalars(
            sa.select(Subscription.stripe_id).where(
                Subscription.stripe_id.in_([one["id"] for one in said])
            )
        )
    )
    slugs = {tier.id: tier.slug for tier in every()}
    addresses = {_email(one) for one in said} - {None}
    people = dict(
        db.session.execute(
            sa.select(Person.email, Person.id).where(Person.email.in_(addresses))
        ).all()
    )
    return [
        _foreseen(one, slugs.get(of_sold(sold_in(one), matched=tiers) or 0), known, people)
        for one in said
    ]


def unknown_tiers(tiers: Iterable[str]) -> set[str]:
    """Of these slugs, those of no tier."""
    return set(tiers) - set(db.session.scalars(sa.select(Tier.slug)))


def _count(said: Json, counts: Counts, prices: dict[str, Json]) -> None:
    state = OVER if said["status"] in ENDED else RUNNING
    for item in said["items"]["data"]:
        price = item["price"]
        prices.setdefault(price["id"], price)
        counts[price["product"], price["id"], state] += 1


def _found(counts: Counts, prices: Mapping[str, Json]) -> list[Json]:
    """Products that were not made for a tier, those that most pay first."""
    ours = set(
        db.session.scalars(sa.select(Product.stripe_id).where(Product.mode == gateway().mode))
    )
    names = {product["id"]: product["name"] for page in gateway().products() for product in page}
    wanted = dict.fromkeys(product for product, _price, _state in counts if product not in ours)
    found = [_product(one, names.get(one, one), counts, prices) for one in wanted]
    return _most_first(found)


def _most_first(found: Iterable[Json]) -> list[Json]:
    return sorted(found, key=lambda one: (-one[RUNNING], -one[OVER], one["id"]))


def _product(stripe_id: str, name: str, counts: Counts, prices: Mapping[str, Json]) -> Json:
    its = {price for product, price, _state in counts if product == stripe_id}
    told = _most_first(_price(prices[price], stripe_id, counts) for price in its)
    sums = {state: sum(one[state] for one in told) for state in (RUNNING, OVER)}
    return {
        "id": stripe_id,
        "name": name,
        **sums,
        "prices": told[:MOST_PRICES],
        "more": len(told[MOST_PRICES:]),
    }


def _price(price: Json, product: str, counts: Counts) -> Json:
    return {
        "id": price["id"],
        "name": price["nickname"] or "",
        "amount": price["unit_amount"],
        "currency": price["currency"],
        "interval": price["recurring"]["interval"],
        "interval_count": price["recurring"]["interval_count"],
        **{state: counts[product, price["id"], state] for state in (RUNNING, OVER)},
    }


def _foreseen(said: Json, tier: str | None, known: set[str], people: Mapping[str, int]) -> Foreseen:
    interval, count = gives.shortest(said["items"]["data"])
    email = _email(said)
    return Foreseen(
        said["id"],
        email,
        Money(sum(map(_amount, said["items"]["data"])), said["currency"]),
        interval,
        count,
        at(said["start_date"]),
        said["status"] in ENDED,
        tier,
        said["id"] in known,
        people.get(email) if email else None,
    )


def _amount(item: Json) -> int:
    """Before discounts; what a meter counts is not foreseen."""
    return (item["price"]["unit_amount"] or 0) * (item.get("quantity") or 1)


def _email(said: Json) -> str | None:
    """As people are known by it."""
    email = said["customer"].get("email")
    return email.strip().lower() if email else None


def _write(number: int, **values: Any) -> None:
    db.session.execute(sa.update(AccountLook).where(AccountLook.id == number).values(**values))
    db.session.commit()
