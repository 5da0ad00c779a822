"""An amount in minor units with its currency. No float anywhere.

Minor units follow Stripe's tables (docs.stripe.com/currencies): most currencies have two
decimals, some none, some three; UGX and ISK are charged in hundredths that must be zero.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache

from babel import Locale
from babel.numbers import format_currency

ZERO_DECIMAL = frozenset(
    [
        "bif",
        "clp",
        "djf",
        "gnf",
        "jpy",
        "kmf",
        "krw",
        "mga",
        "pyg",
        "rwf",
        "vnd",
        "vuv",
        "xaf",
        "xof",
        "xpf",
    ]
)
THREE_DECIMAL = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])
TYPED = re.compile(
    r"(?P<sign>[+-]?)(?P<before>[^\d.,+-]*)"
    r"(?P<figure>[+-]?\d{1,12}([.,](?P<cents>\d{1,3}))?)(?P<after>\D*)"
)
# How people write a currency beside an amount, apart from its code and what English calls it.
SIGNS = {
    "$": ("usd", "cad", "aud", "nzd", "mxn", "sgd", "hkd"),
    "us$": ("usd",),
    "£": ("gbp",),
    "¥": ("jpy", "cny"),
    "kr": ("sek", "nok", "dkk", "isk"),
    "kč": ("czk",),
    "zł": ("pln",),
    "€": ("eur",),
    "₴": ("uah",),
    "грн": ("uah",),
}
MINUS = "\u2212"
CHARGED_WHOLE = frozenset(["isk", "ugx"])
# What Stripe charges cards in (docs.stripe.com/currencies, "Presentment currencies").
CHARGED = frozenset(
    """
    aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd
    cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq
    gyd hkd hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd
    lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk
    php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs tnd top
    try ttd twd tzs uah ugx usd uyu uzs vnd vuv wst xaf xcd xof xpf yer zar zmw
    """.split()  # noqa: SIM905, a line for each would be two pages
)
# Stripe's smallest charges (docs.stripe.com/currencies, "Minimum and maximum charge amounts"), in
# minor units; for others we ask for a hundred, and Stripe has the last word.
SMALLEST_CHARGES = {
    "eur": 50,
    "usd": 50,
    "gbp": 30,
    "pln": 200,
    "czk": 1500,
    "jpy": 50,
    "uah": 3000,
}
SMALLEST_CHARGE_ELSEWHERE = 100
LARGEST_CHARGE = 99_999_999


class NotAnAmount(ValueError):
    """What was typed is not an amount of this currency."""


class OtherCurrency(NotAnAmount):
    """It is an amount, with the sign of a currency that is not asked for."""


@dataclass(frozen=True, order=False, slots=True)
class Money:
    """`amount` minor units of `currency` (lower-case ISO 4217, as Stripe writes it)."""

    amount: int
    currency: str

    @classmethod
    def parse(cls, text: str, currency: str) -> "Money":
        """The money a person typed, with a comma or a point before the cents.

        The currency's own sign or code may stand before or after it; OtherCurrency is raised for
        another's. Raises NotAnAmount for anything else: also for `1.000`, which is a thousand to
        some and one to others.
        """
        plain = re.sub(r"[\s\u00a0\u202f]", "", text).replace(MINUS, "-").lower()
        match = TYPED.fullmatch(plain)
        if match is None or len(match["cents"] or "") > exponent(currency):
            raise NotAnAmount(text)
        for sign in filter(None, (match["before"], match["after"].rstrip("."))):
            _check_sign(sign, currency)
        try:
            number = Decimal(match["sign"] + match["figure"].replace(",", "."))
        except InvalidOperation:
            raise NotAnAmount(text) from None
        return cls(int(number.scaleb(exponent(currency))), currency)

    @property
    def major(self) -> Decimal:
        """In whole units, exact: 4.50 for 450 euro cents."""
        return Decimal(self.amount).scaleb(-exponent(self.currency))

    @property
    def plain(self) -> str:
        """As a person types it: `5`, `7.50`."""
        whole = self.major.to_integral_value()
        return str(whole if whole == self.major else self.major)

    def format(self, locale: Locale | str) -> str:
        """As people of `locale` write it, cents only when there are some."""
        return _written(self, str(locale))

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")
        return Money(self.amount + other.amount, self.currency)


# A page says the same few amounts over and over, and Babel takes its time.
@lru_cache(maxsize=4096)
def _written(money: Money, language: str) -> str:
    locale, code, major = Locale.parse(language), money.currency.upper(), money.major
    if major != major.to_integral_value():
        text = format_currency(major, code, locale=locale)
    else:
        pattern = locale.currency_formats["standard"].pattern.replace(".00", "")
        text = format_currency(major, code, pattern, locale=locale, currency_digits=False)
    text = text.replace(code, _symbol(code, locale))
    text = text.replace("-", MINUS)
    # CLDR parts a currency written in letters from its figure; Babel does not yet.
    return re.sub(r"(?<=[A-Z])(?=[\d])", "\u00a0", text)


def _symbol(code: str, locale: Locale) -> str:
    """The sign everybody knows: that of the reader's language, or English's if it is shorter."""
    signs = (str(where.currency_symbols.get(code, code)) for where in (locale, Locale("en")))
    return min(signs, key=len)


def _check_sign(sign: str, currency: str) -> None:
    """Raises NotAnAmount for letters that are no currency at all, OtherCurrency for another's."""
    english = Locale("en").currency_symbols
    if sign == currency or currency in SIGNS.get(sign, ()):
        return
    if sign == str(english.get(currency.upper(), "")).lower():
        return
    known = sign in SIGNS or sign.upper() in english
    raise OtherCurrency(sign) if known else NotAnAmount(sign)


def exponent(currency: str) -> int:
    """How many decimals Stripe counts in a `currency`'s minor unit."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def step(currency: str) -> int:
    """The least difference between two amounts that can be charged, in minor units.

    Stripe counts UGX and ISK in hundredths that must be zero, and takes three-decimal
    currencies in tens (docs.stripe.com/currencies, "Special cases", "Three-decimal").
    """
    if currency in CHARGED_WHOLE:
        return 100
    return 10 if currency in THREE_DECIMAL else 1


def smallest_charge(currency: str) -> int:
    """The least that a card can be charged, in minor units."""
    return SMALLEST_CHARGES.get(currency, SMALLEST_CHARGE_ELSEWHERE)


def whole(exact: Fraction) -> int:
    """The nearest whole minor unit, halves to even."""
    return round(exact)


def by_currency(amounts: Iterable[Money]) -> dict[str, Money]:
    """Sums that never mix currencies, keyed by currency."""
    sums: dict[str, Money] = {}
    for money in amounts:
        sums[money.currency] = sums.get(money.currency, Money(0, money.currency)) + money
    return sums
