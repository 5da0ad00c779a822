"""The form that says which tier each product of an account, or one of its prices, stands for."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from wtforms import Field, SelectField

from membership.books.models import Tier
from membership.staff.settings.settings_forms import SeenForm
from membership.web import worded

Product = Mapping[str, Any]


class MatchForm(SeenForm):
    """Made by `match_form`, for its fields depend on what the account sells."""

    known: Mapping[str, str]

    @property
    def tiers(self) -> dict[str, str]:
        """Slugs by the ids of products and prices; those left alone are not there.

        What was matched before and is not shown here stays.
        """
        shown = {field.short_name: field.data for field in self if isinstance(field, SelectField)}
        unseen = {one: slug for one, slug in self.known.items() if one not in shown}
        return unseen | {one: slug for one, slug in shown.items() if slug}


def match_form(
    products: Sequence[Product], tiers: Sequence[Tier], known: Mapping[str, str], version: int
) -> MatchForm:
    """With what was matched, or with what was sent. Fields are named by Stripe's ids."""
    its: type[MatchForm] = type("MatchFormOfAccount", (MatchForm,), dict(_fields(products, tiers)))
    form = its(data={**known, "seen": version})
    form.known = known
    return form


def _fields(products: Sequence[Product], tiers: Sequence[Tier]) -> Iterator[tuple[str, Field]]:
    offered = [(tier.slug, worded(tier.name)) for tier in tiers]
    for product in products:
        yield product["id"], SelectField(product["name"], choices=[("", _("Left alone")), *offered])
        if len(product["prices"]) > 1:
            for price in product["prices"]:
                name = _("%(product)s, price %(price)s", product=product["name"], price=price["id"])
                choices = [("", _("As the product")), *offered]
                yield price["id"], SelectField(name, choices=choices)
