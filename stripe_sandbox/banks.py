"""Stripe's documented test bank accounts for SEPA Direct Debit, which pays days later."""

from dataclasses import dataclass

from stripe_sandbox.cards import Decline

FAILURE_CODE = "generic_could_not_process"
BOUNCED = Decline(
    "payment_intent_payment_attempt_failed",
    None,
    "The bank could not process this debit of your account.",
)


@dataclass(frozen=True)
class Bank:
    """A test account, and how its bank refuses in the end; None is that it pays."""

    iban: str
    refuses: Decline | None = None


# A name stands in the store instead of the number, so that no number is ever kept.
BANKS = {
    "german_account": Bank("DE89370400440532013000"),
    "austrian_account": Bank("AT611904300234573201"),
    "german_account_bounces": Bank("DE62370400440532013001", BOUNCED),
    "austrian_account_bounces": Bank("AT861904300235473202", BOUNCED),
}

_BY_IBAN = {bank.iban: name for name, bank in BANKS.items()}


def named(iban: str) -> str:
    """The name of the test account with that number, which iban_error has let pass."""
    return _BY_IBAN[iban]


def iban_error(iban: str) -> str | None:
    """What is wrong with an account number as typed, without its spaces."""
    if not iban:
        return "Enter your IBAN."
    if iban not in _BY_IBAN:
        return "Enter a test IBAN, such as AT61 1904 3002 3457 3201."
    return None
