"""The form that says which tier each product of an account, or one of its prices, stands for."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from wtforms import Field, SelectField

from membership.books.models import Tier
from membership.staff.settings.settings_forms import SeenForm
from membership.web import worded

Product = Mapping[str, Any]


PRODUCT, PRICE = "product-", "price-"
"""Begin the names of fields; Stripe's id follows, which may be anything."""


class MatchForm(SeenForm):
    """Made by `match_form`, for its fields depend on what the account sells."""

    known: Mapping[str, str]

    @property
    def tiers(self) -> dict[str, str]:
        """Slugs by the ids of products and prices; those left alone are not there.

        What was matched before and is not shown here stays.
        """
        shown = {
            field.name.removeprefix(kind): field.data
            for kind in (PRODUCT, PRICE)
            for field in self
            if field.name.startswith(kind)
        }
        unseen = {one: slug for one, slug in self.known.items() if one not in shown}
        return unseen | {one: slug for one, slug in shown.items() if slug}

    def of(self, kind: str, stripe_id: str) -> Field:
        """The field of a product or a price."""
        field: Field = self[kind + stripe_id]
        return field


def match_form(
    products: Sequence[Product], tiers: Sequence[Tier], known: Mapping[str, str], version: int
) -> MatchForm:
    """With what was matched, or with what was sent."""
    fields = dict(_fields(products, tiers))
    its: type[MatchForm] = type("MatchFormOfAccount", (MatchForm,), fields)
    told = {name: known.get(name.partition("-")[2]) for name in fields}
    form = its(data={**told, "seen": version})
    form.known = known
    return form


def _fields(products: Sequence[Product], tiers: Sequence[Tier]) -> Iterator[tuple[str, Field]]:
    offered = [(tier.slug, worded(tier.name)) for tier in tiers]
    for product in products:
        choices = [("", _("Left alone")), *offered]
        yield PRODUCT + product["id"], SelectField(product["name"], choices=choices)
        if len(product["prices"]) > 1:
            for price in product["prices"]:
                name = _("%(product)s, price %(price)s", product=product["name"], price=price["id"])
                choices = [("", _("As the product")), *offered]
                yield PRICE + price["id"], SelectField(name, choices=choices)
