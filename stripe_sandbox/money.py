"""What Stripe says about currencies: which exist, their decimals, the least it charges."""

CODES = (
    "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp "
    "byn bzd cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel "
    "gip gmd gnf gtq gyd hkd hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd "
    "kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn "
    "nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd "
    "shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx usd uyu uzs vnd vuv wst "
    "xaf xcd xof xpf yer zar zmw"
)
CODES_WITHOUT_DECIMALS = "bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf"
CURRENCIES = frozenset(CODES.split())
ZERO_DECIMAL = frozenset(CODES_WITHOUT_DECIMALS.split())
THREE_DECIMAL = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})

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
    """Stripe's fee for a charge, in minor units: 1.5 % and 25, the half rounded up."""
    return (amount * 15 + 500) // 1000 + 25


def decimals(currency: str) -> int:
    """How many digits of an amount in minor units stand behind the point."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def in_words(amount: int, currency: str) -> str:
    """An amount in minor units as a person reads it: `€5.00`, `₴150.00`, `25.00 PLN`."""
    places = decimals(currency)
    whole, part = divmod(amount, 10**places)
    figure = f"{whole:,}" + (f".{part:0{places}}" if places else "")
    symbol = SYMBOLS.get(currency)
    return f"{symbol}{figure}" if symbol else f"{figure} {currency.upper()}"
