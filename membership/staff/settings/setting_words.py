"""How settings and their values are called."""

from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from membership.books.offers import Offer
from membership.money import Money
from membership.staff.settings.setting import ORDER_OF_TIERS, TIER
from membership.web import language_name, worded

NAMES = {
    "newsroom_name": _l("Name of the newsroom"),
    "newsroom_contact": _l("Where readers write when something is wrong"),
    "newsroom_accent": _l("Accent on light paper"),
    "newsroom_accent_dark": _l("Accent in the dark"),
    "newsroom_imprint": _l("Page that says who you are"),
    "newsroom_privacy": _l("Page on what becomes of readers’ data"),
    "languages": _l("Languages"),
    ORDER_OF_TIERS: _l("Order of the tiers"),
}


def name(setting: str) -> str:
    if setting.startswith(TIER):
        return str(_("Tier “%(slug)s”", slug=setting.removeprefix(TIER)))
    return str(NAMES.get(setting, setting))


def value(setting: str, value: Any) -> str:
    """A value as JSON knows it."""
    if setting == "languages":
        return ", ".join(language_name(code) for code in value)
    if setting == ORDER_OF_TIERS:
        return ", ".join(value)
    if setting.startswith(TIER) and value is not None:
        return _of_tier(Offer.model_validate(value))
    return str(value) if value not in ("", None) else "–"


def _of_tier(offer: Offer) -> str:
    """What is told of it in the reader's language, and the amounts that it suggests."""
    sums = [
        Money(amount, currency).format(get_locale())
        for currency, amounts in offer.amounts.items()
        for amount in amounts.values()
    ]
    told = [worded(offer.name), worded(offer.line), ", ".join(sums)]
    if offer.is_retired:
        told.append(str(_("retired")))
    return " · ".join(filter(None, told))
