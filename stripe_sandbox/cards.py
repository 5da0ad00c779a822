"""Stripe's documented test cards, and what each of them does when it is charged."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Decline:
    """Why a card refuses: Stripe's error code, the issuer's reason, the words for the payer."""

    code: str
    reason: str | None
    message: str


DECLINED = Decline("card_declined", "generic_decline", "Your card was declined.")
NO_FUNDS = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.")
EXPIRED = Decline("expired_card", None, "Your card has expired.")
WRONG_CVC = Decline("incorrect_cvc", None, "Your card's security code is incorrect.")
NOT_A_TEST_CARD = Decline(
    "card_declined",
    "test_mode_live_card",
    "Your card was declined. Your request was in test mode, but used a non test card. "
    "For a list of valid test cards, visit: https://stripe.com/docs/testing.",
)
NEEDS_3DS = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)
UNAUTHENTICATED = Decline(
    "payment_intent_authentication_failure",
    None,
    "We are unable to authenticate your payment method. "
    "Please choose a different payment method and try again.",
)


@dataclass(frozen=True)
class Card:
    """A test card. `at_checkout` and `later` say how it refuses; None is that it pays.

    One that `asks_3ds` does so where somebody types it in; one that refuses later with
    NEEDS_3DS asks whoever pays with it. What it pays it disputes for the reason of `disputes`,
    which may be an inquiry only.
    """

    number: str
    brand: str
    at_checkout: Decline | None = None
    later: Decline | None = None
    asks_3ds: bool = False
    disputes: str | None = None
    only_inquires: bool = False


# A name stands in the store instead of the number, so that no number is ever kept.
CARDS = {
    "visa": Card("4242424242424242", "visa"),
    "mastercard": Card("5555555555554444", "mastercard"),
    "declined": Card("4000000000000002", "visa", DECLINED, DECLINED),
    "insufficient_funds": Card("4000000000009995", "visa", NO_FUNDS, NO_FUNDS),
    "expired": Card("4000000000000069", "visa", EXPIRED, EXPIRED),
    "incorrect_cvc": Card("4000000000000127", "visa", WRONG_CVC, WRONG_CVC),
    "fails_on_renewal": Card("4000000000000341", "visa", None, DECLINED),
    "asks_3ds": Card("4000002500003155", "visa", asks_3ds=True),
    "always_asks_3ds": Card("4000002760003184", "visa", later=NEEDS_3DS, asks_3ds=True),
    "disputes": Card("4000000000000259", "visa", disputes="fraudulent"),
    "disputes_delivery": Card("4000000000002685", "visa", disputes="product_not_received"),
    "inquires": Card("4000000000001976", "visa", disputes="fraudulent", only_inquires=True),
    "not_a_test_card": Card("", "unknown", NOT_A_TEST_CARD, NOT_A_TEST_CARD),
}

# Stripe's documented PaymentMethod tokens, for tests that have no Checkout page.
TOKENS = {
    "pm_card_visa": "visa",
    "pm_card_mastercard": "mastercard",
    "pm_card_visa_chargeDeclined": "declined",
    "pm_card_chargeDeclined": "declined",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "insufficient_funds",
    "pm_card_chargeDeclinedInsufficientFunds": "insufficient_funds",
    "pm_card_visa_chargeDeclinedExpiredCard": "expired",
    "pm_card_chargeDeclinedExpiredCard": "expired",
    "pm_card_visa_chargeDeclinedIncorrectCvc": "incorrect_cvc",
    "pm_card_chargeDeclinedIncorrectCvc": "incorrect_cvc",
    "pm_card_chargeCustomerFail": "fails_on_renewal",
    "pm_card_authenticationRequiredOnSetup": "asks_3ds",
    "pm_card_authenticationRequired": "always_asks_3ds",
    "pm_card_createDispute": "disputes",
    "pm_card_createDisputeProductNotReceived": "disputes_delivery",
    "pm_card_createDisputeInquiry": "inquires",
}

_BY_NUMBER = {card.number: name for name, card in CARDS.items() if card.number}


def named(number: str) -> str:
    """The name of the test card with that number."""
    return _BY_NUMBER.get(number, "not_a_test_card")


def number_error(number: str) -> str | None:
    """What is wrong with a card number as typed, digits alone."""
    if not number:
        return "Enter your card number."
    if not number.isascii() or not number.isdigit() or not 12 <= len(number) <= 19:
        return "Your card number is incomplete."
    return None if _luhn(number) else "Your card number is invalid."


def expiry_error(typed: str, now: int) -> str | None:
    """What is wrong with `MM / YY` at the time `now` (seconds since 1970, UTC)."""
    expiry = parse_expiry(typed)
    if expiry is None:
        return "Enter the expiry date as MM / YY."
    return "Your card's expiration date is in the past." if is_over(*expiry, now) else None


def is_over(month: int, year: int, now: int) -> bool:
    """Whether a card that may be used until the end of that month is out of date."""
    today = datetime.fromtimestamp(now, UTC)
    return (year, month) < (today.year, today.month)


def cvc_error(typed: str) -> str | None:
    """What is wrong with a security code."""
    if typed.isascii() and typed.isdigit() and len(typed) in (3, 4):
        return None
    return "Your card's security code is incomplete."


def parse_expiry(typed: str) -> tuple[int, int] | None:
    """`12/34`, `12 / 34`, `1234` or `12/2034` as (12, 2034)."""
    digits = "".join(ch for ch in typed if ch.isascii() and ch.isdigit())
    if len(digits) not in (4, 6):
        return None
    month, year = int(digits[:2]), int(digits[2:])
    year += 2000 if len(digits) == 4 else 0
    return (month, year) if 1 <= month <= 12 else None


def _luhn(number: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(number)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
