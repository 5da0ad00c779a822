from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from membership.money import Money, NotAnAmount, OtherCurrency, by_currency, exponent, whole

CURRENCIES = st.sampled_from(["eur", "usd", "uah", "jpy", "kwd"])
AMOUNTS = st.integers(-(10**12), 10**12)


@given(AMOUNTS.filter(lambda n: abs(n) < 10**11), CURRENCIES)
def test_what_is_written_in_whole_units_reads_back_the_same(amount, currency):
    money = Money(amount, currency)
    assert Money.parse(str(money.major), currency) == money
    assert Money.parse(str(money.major).replace(".", ","), currency) == money
    assert Money.parse(money.plain, currency) == money


@given(st.lists(st.builds(Money, AMOUNTS, CURRENCIES)))
def test_sums_never_mix_currencies(amounts):
    sums = by_currency(amounts)
    for currency, total in sums.items():
        assert total.amount == sum(m.amount for m in amounts if m.currency == currency)
    assert set(sums) == {m.currency for m in amounts}


@given(st.text(max_size=30), CURRENCIES)
def test_any_text_is_an_amount_or_is_refused_by_name(text, currency):
    try:
        money = Money.parse(text, currency)
    except NotAnAmount:
        return
    assert money.currency == currency


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("5", "eur", 500),
        ("7,50", "eur", 750),
        (" 1 000,5 ", "uah", 100050),
        ("500", "jpy", 500),
        ("1.234", "kwd", 1234),
        ("-3", "eur", -300),
        ("−3", "eur", -300),
        ("5 €", "eur", 500),
        ("€5", "eur", 500),
        ("5\u00a0€", "eur", 500),
        ("5\u202f€", "eur", 500),
        ("€ 7,50", "eur", 750),
        ("EUR 5", "eur", 500),
        ("5 eur", "eur", 500),
        ("-€37.07", "eur", -3707),
        ("−37,07 €", "eur", -3707),
        ("100 ₴", "uah", 10000),
        ("100 грн.", "uah", 10000),
        ("100 UAH", "uah", 10000),
        ("$5", "usd", 500),
        ("US$5", "usd", 500),
        ("¥500", "jpy", 500),
    ],
)
def test_amounts_as_people_type_them(text, currency, amount):
    assert Money.parse(text, currency) == Money(amount, currency)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("", "eur"),
        ("five", "eur"),
        ("1.234", "eur"),
        ("5.5", "jpy"),
        ("1e30", "eur"),
        ("nan", "eur"),
        ("--3", "eur"),
        ("-€-3", "eur"),
        ("5 coffees", "eur"),
        ("€", "eur"),
        ("5€6", "eur"),
    ],
)
def test_what_is_no_amount_is_refused(text, currency):
    with pytest.raises(NotAnAmount):
        Money.parse(text, currency)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("$5", "eur"),
        ("5 ₴", "eur"),
        ("5 грн", "eur"),
        ("5 USD", "eur"),
        ("5 €", "uah"),
        ("€5 $", "eur"),
        ("PLN 5", "usd"),
    ],
)
def test_an_amount_with_another_currencys_sign_is_refused_as_that(text, currency):
    with pytest.raises(OtherCurrency):
        Money.parse(text, currency)


@pytest.mark.parametrize(
    ("money", "locale", "written"),
    [
        (Money(500, "eur"), "en", "€5"),
        (Money(750, "eur"), "en", "€7.50"),
        (Money(20000, "uah"), "en", "UAH\u00a0200"),
        (Money(20000, "uah"), "uk", "200\u00a0₴"),
        (Money(500, "jpy"), "en", "¥500"),
        (Money(123456700, "eur"), "uk", "1\u00a0234\u00a0567\u00a0€"),
        (Money(-500, "eur"), "en", "−€5"),
        (Money(-3707, "eur"), "en", "−€37.07"),
        (Money(-3707, "eur"), "uk", "−37,07\u00a0€"),
    ],
)
def test_amounts_as_people_write_them(money, locale, written):
    assert money.format(locale) == written


def test_yen_are_not_multiplied_by_a_hundred():
    assert Money(500, "jpy").major == Decimal(500)
    assert exponent("jpy") == 0


def test_currencies_do_not_add_up():
    with pytest.raises(ValueError, match="eur and usd"):
        Money(1, "eur") + Money(1, "usd")


def test_a_half_goes_to_the_even_neighbour():
    assert [whole(Fraction(n, 2)) for n in (1, 3, 5)] == [0, 2, 2]
