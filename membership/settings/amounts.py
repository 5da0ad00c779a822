"""What readers may give: in which currencies, how often, how little and how much."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from membership.extensions import settings
from membership.money import CHARGED, LARGEST_CHARGE, smallest_charge
from membership.settings.rules import HowOften

MOST_CURRENCIES = 12


def least_of(currency: str, least_amounts: Mapping[str, int]) -> int:
    """The smallest amount, of which none need be set."""
    return least_amounts.get(currency, smallest_charge(currency))


def most_of(currency: str, most_amounts: Mapping[str, int]) -> int:
    """The largest amount, of which none need be set."""
    return most_amounts.get(currency, settings.max_amount)


def _charged(codes: tuple[str, ...]) -> tuple[str, ...]:
    if not codes:
        raise PydanticCustomError("no_currency", "none")
    if len(codes) > MOST_CURRENCIES:
        raise PydanticCustomError("too_many_currencies", "{most}", {"most": MOST_CURRENCIES})
    if strange := [code for code in codes if code not in CHARGED]:
        raise PydanticCustomError("not_a_currency", "{code}", {"code": strange[0].upper()})
    return tuple(dict.fromkeys(codes))


def _some(intervals: tuple[HowOften, ...]) -> tuple[HowOften, ...]:
    if not intervals:
        raise PydanticCustomError("no_interval", "none")
    return intervals


class Amounts(BaseModel):
    """Named as in config.Settings and in Rules, which it lies over. Minor units by currency."""

    model_config = ConfigDict(extra="forbid")

    currencies: Annotated[tuple[str, ...], AfterValidator(_charged)]
    intervals: Annotated[tuple[HowOften, ...], AfterValidator(_some)]
    first_interval: HowOften
    first_tier: str
    least_amounts: dict[str, int]
    most_amounts: dict[str, int]

    @field_validator("first_interval")
    @classmethod
    def _is_offered(cls, first: HowOften, others: ValidationInfo) -> HowOften:
        if first not in others.data.get("intervals", (first,)):
            raise PydanticCustomError("not_offered", "not offered")
        return first

    @field_validator("least_amounts")
    @classmethod
    def _are_charged(cls, amounts: dict[str, int]) -> dict[str, int]:
        for code, amount in amounts.items():
            if amount < smallest_charge(code):
                about = {"currency": code, "least": smallest_charge(code)}
                raise PydanticCustomError("below_smallest_charge", "too small", about)
        return amounts

    @field_validator("most_amounts")
    @classmethod
    def _leave_something(cls, amounts: dict[str, int], others: ValidationInfo) -> dict[str, int]:
        least_amounts = others.data.get("least_amounts", {})
        for code in amounts.keys() | least_amounts.keys():
            most = most_of(code, amounts)
            if code in amounts and most > LARGEST_CHARGE:
                about = {"currency": code, "most": LARGEST_CHARGE}
                raise PydanticCustomError("above_largest_charge", "too large", about)
            if most < least_of(code, least_amounts):
                raise PydanticCustomError("most_below_least", "too small", {"currency": code})
        return amounts
