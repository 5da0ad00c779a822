"""What Stripe says about currencies: which exist, their decimals, the least it charges."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

CODES = (
    "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp "
    "byn bzd cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel "
    "gip gmd gnf gtq gyd hkd hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd "
    "kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn "
    "nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd "
    "shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx usd uyu uzs vnd vuv wst "
    "xaf xcd xof xpf yer zar zmw"
)
CODES_WITHOUT_DECIMALS = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
CURRENCIES = frozenset(CODES.split())
ZERO_DECIMAL = frozenset(CODES_WITHOUT_DECIMALS.split())
THREE_DECIMAL = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
# Amounts stand in hundredths, but the hundredths must be 00.
WHOLE = frozenset({"isk", "ugx"})

# The account has a bank account in these; what comes in another is converted to the first.
SETTLES_IN = ("eur", "usd")
# What one unit is worth in euro, fixed so that books can be reckoned by hand.
EURO_PER_UNIT = (
    "aed=0.25 afn=0.013 all=0.01 amd=0.0023 ang=0.5 aoa=0.001 ars=0.0008 aud=0.56 awg=0.5 "
    "azn=0.54 bam=0.51 bbd=0.45 bdt=0.0075 bgn=0.51 bhd=2.4 bif=0.0003 bmd=0.92 bnd=0.69 "
    "bob=0.13 brl=0.16 bsd=0.92 bwp=0.067 byn=0.28 bzd=0.46 cad=0.63 cdf=0.0003 chf=1.05 "
    "clp=0.00097 cny=0.126 cop=0.00022 crc=0.0018 cve=0.0091 czk=0.04 djf=0.0052 dkk=0.134 "
    "dop=0.0153 dzd=0.0068 egp=0.019 etb=0.0073 fjd=0.4 fkp=1.16 gbp=1.16 gel=0.33 gip=1.16 "
    "gmd=0.0131 gnf=0.0001 gtq=0.12 gyd=0.0044 hkd=0.118 hnl=0.036 htg=0.007 huf=0.0025 "
    "idr=0.000057 ils=0.25 inr=0.0108 isk=0.0068 jmd=0.0058 jod=1.3 jpy=0.0061 kes=0.0071 "
    "kgs=0.0106 khr=0.00023 kmf=0.002 krw=0.00067 kwd=3 kyd=1.1 kzt=0.0018 lak=0.000042 "
    "lbp=0.00001 lkr=0.0031 lrd=0.0047 lsl=0.051 mad=0.094 mdl=0.052 mga=0.0002 mkd=0.0162 "
    "mmk=0.00044 mnt=0.00026 mop=0.115 mur=0.02 mvr=0.06 mwk=0.00053 mxn=0.047 myr=0.21 "
    "mzn=0.0144 nad=0.051 ngn=0.00057 nio=0.025 nok=0.086 npr=0.0067 nzd=0.52 omr=2.4 pab=0.92 "
    "pen=0.245 pgk=0.23 php=0.016 pkr=0.0033 pln=0.23 pyg=0.00012 qar=0.25 ron=0.2 rsd=0.0085 "
    "rub=0.0095 rwf=0.00067 sar=0.245 sbd=0.11 scr=0.065 sek=0.088 sgd=0.69 shp=1.16 sle=0.04 "
    "sos=0.0016 srd=0.026 std=0.00004 szl=0.051 thb=0.026 tjs=0.086 tnd=0.3 top=0.39 try=0.027 "
    "ttd=0.136 twd=0.0285 tzs=0.00034 uah=0.02 ugx=0.00025 uyu=0.022 uzs=0.000072 vnd=0.000036 "
    "vuv=0.0077 wst=0.33 xaf=0.0015 xcd=0.34 xof=0.0015 xpf=0.0084 yer=0.0037 zar=0.051 "
    "zmw=0.034"
)
RATES = {code: Decimal(rate) for code, rate in (pair.split("=") for pair in EURO_PER_UNIT.split())}

# Stripe's "Minimum charge amounts", in minor units. The hryvnia is not in that table:
# Stripe then asks for the worth of 0.50 USD, which is fixed here at a round sum.
MINIMUM = {
    "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250,
    "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200,
    "nok": 300, "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000, "uah": 2000,
    "usd": 50,
}  # fmt: skip
MAXIMUM = 99_999_999

SYMBOLS = {"eur": "€", "usd": "$", "gbp": "£", "jpy": "¥", "uah": "₴"}


def fee(amount: int) -> int:
    """Stripe's fee for a settled charge, in minor units: 1.5 % and 25, the half rounded up."""
    return (amount * 15 + 500) // 1000 + 25


def settled(amount: int, currency: str) -> tuple[int, str, Decimal | None]:
    """What an amount is on the balance: minor units, currency, and the rate if converted.

    The rate is for whole units, as Stripe's `exchange_rate`; a half cent rounds away from zero.
    """
    if currency in SETTLES_IN:
        return amount, currency, None
    into = SETTLES_IN[0]
    worth = amount * RATES[currency] * Decimal(10) ** (decimals(into) - decimals(currency))
    return int(worth.quantize(Decimal(1), ROUND_HALF_UP)), into, RATES[currency]


def step_error(amount: int, currency: str) -> str | None:
    """Why an amount in minor units cannot be charged: Stripe's special cases of currencies."""
    code = currency.upper()
    if currency in WHOLE and amount % 100:
        return f"Invalid amount: {code} has no decimals, so the last two digits must be 00."
    if currency in THREE_DECIMAL and amount % 10:
        return f"Invalid amount: {code} is charged in steps of ten, so the last digit must be 0."
    return None


def share(amount: int, part: int, whole: int, currency: str) -> int:
    """`part` of `whole` of an amount in minor units, to the nearest that can be charged."""
    step = 100 if currency in WHOLE else 10 if currency in THREE_DECIMAL else 1
    return (2 * amount * part + whole * step) // (2 * whole * step) * step


def cost(price: dict[str, Any], quantity: int) -> int:
    """What a line asks for, in minor units: a price per unit may have decimals, a line has none."""
    exact = Decimal(per_unit(price)) * quantity
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def per_unit(price: dict[str, Any]) -> str:
    """What one costs, exactly, in minor units. A store of before decimals did not keep it."""
    return str(price.get("unit_amount_decimal") or price["unit_amount"])


def decimals(currency: str) -> int:
    """How many digits of an amount in minor units stand behind the point."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def in_words(amount: int, currency: str) -> str:
    """An amount in minor units as a person reads it: `€5.00`, `₴150.00`, `25.00 PLN`."""
    places = decimals(currency)
    if amount < 0:
        return f"-{in_words(-amount, currency)}"
    whole, part = divmod(amount, 10**places)
    figure = f"{whole:,}" + (f".{part:0{places}}" if places and currency not in WHOLE else "")
    symbol = SYMBOLS.get(currency)
    return f"{symbol}{figure}" if symbol else f"{figure} {currency.upper()}"
