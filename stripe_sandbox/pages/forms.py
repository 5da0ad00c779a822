"""A card as a person types it, checked field by field."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from stripe_sandbox import banks, cards


@dataclass
class Typed:
    """What the payer typed, and what is wrong with it, by field."""

    email: str = ""
    name: str = ""
    number: str = ""
    exp: str = ""
    cvc: str = ""
    method: str = "card"
    iban: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def expiry(self) -> tuple[int, int]:
        """Month and year; only where there is no error at the field."""
        return cards.parse_expiry(self.exp) or (12, 2099)

    @property
    def bank(self) -> str:
        """The name of the test bank account; only where there is no error at the field."""
        return banks.named(self.iban)

    @property
    def card(self) -> str:
        """The name of the test card."""
        return cards.named(self.number)

    def refused(self, decline: cards.Decline) -> None:
        """Put a refusal at the field it is about."""
        where = {"expired_card": "exp", "incorrect_cvc": "cvc"}.get(decline.code, "number")
        self.errors = {where: decline.message}


def read_bank(form: Mapping[str, str]) -> Typed:
    """The fields of a form for a bank account."""
    typed = Typed(
        name=form.get("name", "").strip(),
        method="sepa_debit",
        iban="".join(form.get("iban", "").split()).upper(),
    )
    found = {
        "iban": banks.iban_error(typed.iban),
        "name": None if typed.name else "Enter the name on the account.",
    }
    typed.errors = {name: message for name, message in found.items() if message}
    return typed


def read_card(form: Mapping[str, str], now: int) -> Typed:
    """The card fields of a form, at the time `now` (seconds since 1970, UTC)."""
    typed = Typed(
        name=form.get("name", "").strip(),
        number="".join(form.get("number", "").split()).replace("-", ""),
        exp=form.get("exp", "").strip(),
        cvc=form.get("cvc", "").strip(),
    )
    found = {
        "number": cards.number_error(typed.number),
        "exp": cards.expiry_error(typed.exp, now),
        "cvc": cards.cvc_error(typed.cvc),
        "name": None if typed.name else "Enter the name on the card.",
    }
    typed.errors = {name: message for name, message in found.items() if message}
    return typed
