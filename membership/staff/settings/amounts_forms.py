"""The form of what readers may give: currencies, intervals, and bounds in each currency."""

from collections.abc import Iterator
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import Length

from membership.books import tiers
from membership.books.models import Tier
from membership.extensions import settings
from membership.forms import ChecksField
from membership.giving import amounts
from membership.giving.forms import NAMES as HOW_OFTEN
from membership.money import Money
from membership.settings.amounts import Amounts, least_of, most_of
from membership.staff.settings.setting_words import NAMES
from membership.staff.settings.settings_forms import SettingsForm, parts
from membership.web import worded

BOUNDS = {"least_amounts": "least", "most_amounts": "most"}


class AmountsForm(SettingsForm):
    """Made by `amounts_form`, for its fields depend on the newsroom's currencies."""

    model = Amounts

    currencies = StringField(NAMES["currencies"], validators=[Length(max=100)])
    intervals = ChecksField(
        NAMES["intervals"],
        choices=[(interval.value, name) for interval, name in HOW_OFTEN.items()],
    )
    first_interval = SelectField(
        _l("How often"),
        choices=[(interval.value, name) for interval, name in HOW_OFTEN.items()],
    )
    first_tier = SelectField(_l("The amount"))

    def __init__(self) -> None:
        super().__init__()
        self.tiers = [tier for tier in tiers.with_suggestions() if not tier.is_retired]
        self.first_tier.choices = [
            SelectChoice("", _("of the second smallest amount")),
            *(SelectChoice(tier.slug, worded(tier.name)) for tier in self.tiers),
        ]

    def known(self) -> dict[str, Any]:
        known = super().known()
        shown = {
            f"{bound}_{code}": Money(known[name][code], code).plain
            for name, bound in BOUNDS.items()
            for code in settings.currencies
            if code in known[name]
        }
        return known | shown | {"currencies": _codes(known["currencies"])}

    def validate(self, extra_validators: Any = None) -> bool:
        self.amounts: dict[str, dict[str, int]] = {name: {} for name in BOUNDS}
        return self._read_bounds() and super().validate(extra_validators) and self._leaves_tiers()

    def typed(self) -> dict[str, Any]:
        in_force = self.in_force()
        bounds = {
            name: {code: amount for code, amount in in_force[name].items() if not self._has(code)}
            | self.amounts[name]
            for name in BOUNDS
        }
        plain = {name: self[name].data for name in ("first_interval", "first_tier")}
        chosen = [one.value for one in HOW_OFTEN if one.value in (self.intervals.data or ())]
        currencies = parts(self.currencies.data)
        return {"currencies": currencies, "intervals": chosen} | plain | bounds

    def field_of(self, name: str, about: dict[str, Any]) -> Field:
        if name in BOUNDS:
            code = about.get("currency")
            name = f"{BOUNDS[name]}_{code if self._has(code) else settings.currencies[0]}"
        return super().field_of(name, about)

    def fill(self, name: str, value: Any) -> None:
        if name == "currencies":
            super().fill(name, _codes(value))
        elif name in BOUNDS:
            for code in settings.currencies:
                shown = Money(value[code], code).plain if code in value else ""
                super().fill(f"{BOUNDS[name]}_{code}", shown)
        else:
            super().fill(name, value)

    @property
    def bounds(self) -> list[tuple[str, Field, Field]]:
        """The fields for the smallest and the largest amount, by currency."""
        return [(code, self[f"least_{code}"], self[f"most_{code}"]) for code in settings.currencies]

    @staticmethod
    def elsewhere(code: str) -> tuple[str, str]:
        """What bounds are where the newsroom has set none, as one would type them."""
        bounds = least_of(code, {}), most_of(code, {})
        least, most = (Money(amount, code).plain for amount in bounds)
        return least, most

    def _has(self, code: Any) -> bool:
        return f"least_{code}" in self

    def _read_bounds(self) -> bool:
        good = True
        for code in settings.currencies:
            for name, bound in BOUNDS.items():
                field = self[f"{bound}_{code}"]
                if not (field.data or "").strip():
                    continue
                try:
                    money = amounts.in_steps(amounts.read(field.data, code))
                except amounts.Unacceptable as error:
                    self.refuse(str(error), field)
                    good = False
                else:
                    self.amounts[name][code] = money.amount
        return good

    def _leaves_tiers(self) -> bool:
        """What a tier suggests can be given."""
        for code in self.values["currencies"]:
            least = least_of(code, self.values["least_amounts"])
            most = most_of(code, self.values["most_amounts"])
            for tier in self.tiers:
                for one in tier.suggestions:
                    if one.currency == code and not least <= one.amount <= most:
                        bound = "least_amounts" if one.amount < least else "most_amounts"
                        field = self.field_of(bound, {"currency": code})
                        self.refuse(_suggests(tier, one.money), field)
        return not self.problems


def amounts_form() -> AmountsForm:
    """With what is in force, or with what was sent."""
    its: type[AmountsForm] = type("AmountsFormOfNewsroom", (AmountsForm,), dict(_fields()))
    return its()


def _fields() -> Iterator[tuple[str, Field]]:
    for code in settings.currencies:
        about = {"currency": code.upper()}
        for bound, label in (
            ("least", _l("At least, %(currency)s", **about)),
            ("most", _l("At most, %(currency)s", **about)),
        ):
            yield f"{bound}_{code}", StringField(label, validators=[Length(max=20)])


def _suggests(tier: Tier, money: Money) -> str:
    return str(
        _(
            "The tier “%(tier)s” suggests %(money)s. Change that first.",
            tier=worded(tier.name),
            money=money.format(get_locale()),
        )
    )


def _codes(currencies: Any) -> str:
    return ", ".join(code.upper() for code in currencies)
