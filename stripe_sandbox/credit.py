"""What a customer has to the good or owes, and what an invoice then still asks for."""

from stripe_sandbox.books import Row
from stripe_sandbox.money import MINIMUM


def balance_of(customer: Row, currency: str | None) -> int:
    """Stripe's `balance` in minor units: below zero is credit, above zero is owed."""
    return int(customer.get("balances", {}).get(currency, 0))


def asked_for(total: int, balance: int, currency: str) -> int:
    """What is collected for an invoice over `total`, in minor units.

    Credit is used up first. Less than Stripe can charge is not collected but owed.
    """
    due = total + balance
    return due if due >= MINIMUM.get(currency, 1) else 0


def balance_after(total: int, balance: int, currency: str) -> int:
    """The customer's balance once that invoice is finalized."""
    return 0 if asked_for(total, balance, currency) else total + balance
