"""Which amounts we take: of a configured currency, neither too small nor too large for a card."""

from flask_babel import get_locale
from flask_babel import gettext as _

from membership.books import tiers
from membership.money import Money, NotAnAmount, OtherCurrency, step


class Unacceptable(ValueError):
    """An amount we do not take; the message says why, in the reader's language."""


def typed(text: str, currency: str) -> Money:
    """What somebody typed to give by card. Raises Unacceptable."""
    return acceptable(read(text, currency))


def read(text: str, currency: str) -> Money:
    """The amount somebody typed, such as `7`, `7,50` or `1 000`. Raises Unacceptable."""
    try:
        return Money.parse(text, currency)
    except OtherCurrency:
        raise Unacceptable(other_currency(currency)) from None
    except NotAnAmount:
        raise Unacceptable(_("Enter an amount as a number, such as 7 or 7.50.")) from None


def other_currency(currency: str) -> str:
    return str(
        _(
            "The amount is in %(currency)s here. Enter it without the sign of another currency.",
            currency=currency.upper(),
        )
    )


def acceptable(money: Money) -> Money:
    """Raises Unacceptable."""
    least, most = tiers.smallest(money.currency), tiers.largest(money.currency)
    if money.amount < least.amount:
        raise Unacceptable(_("The smallest amount we can take is %(money)s.", money=_say(least)))
    if money.amount > most.amount:
        raise Unacceptable(
            _("%(money)s is the most we take by card. Write to us.", money=_say(most))
        )
    return in_steps(money)


def in_steps(money: Money) -> Money:
    """Raises Unacceptable for what no card can be charged, such as half a króna."""
    if money.amount % step(money.currency):
        smallest = Money(step(money.currency), money.currency)
        raise Unacceptable(_("Cards are charged in steps of %(money)s.", money=_say(smallest)))
    return money


def _say(money: Money) -> str:
    return money.format(get_locale())
