"""Amounts as people and banks write them, exact. What parts the cents is asked of the column."""

import re

from membership.money import CHARGED, MINUS, SIGNS, Money, exponent

MOST = 2_000_000_000
LONGEST = 64
FIGURE = re.compile(
    r"(?P<before>[^\d.,+-]*)(?P<sign>[+-]?)(?P<between>[^\d.,]*)(?P<figure>\d[\d.,]*|[.,]\d+)(?P<after>\D*)"
)
SPACES = re.compile(r"[\s\u00a0\u202f'’]")


class NotASum(ValueError):
    """What stands there is no amount."""


class Unclear(NotASum):
    """It is an amount, of which nobody can say whether it is thousands: `1.000`."""


class UnknownCurrency(NotASum):
    """No currency that we know, or none is said."""


def read(text: str, *, said: str, default: str, decimal: str | None) -> Money:
    """`said` is the currency in a column beside it, `default` that of the file, both perhaps empty;
    `decimal` is the sign before the cents of the column, if it is known.

    Raises NotASum, Unclear, UnknownCurrency.
    """
    plain = SPACES.sub("", text).replace(MINUS, "-").lower()
    if len(plain) > LONGEST:
        raise NotASum(text)
    is_negative = plain.startswith("(") and plain.endswith(")")
    match = FIGURE.fullmatch(plain.strip("()"))
    if match is None:
        raise NotASum(text)
    sign = match["before"] + match["between"] or match["after"]
    code = _currency(sign, said, default)
    number = _figure(match["figure"], exponent(code), decimal)
    if is_negative or match["sign"] == "-":
        number = -number
    if abs(number) > MOST:
        raise NotASum(text)
    return Money(number, code)


def _currency(sign: str, said: str, default: str) -> str:
    """What stands beside it has to fit with what its column says. Raises UnknownCurrency."""
    sign, said = sign.strip(".-"), said.strip().lower()
    beside, column = _meant(sign, default), _meant(said, default)
    found = beside or column or default
    is_odd = (sign and not beside) or (said and not column)
    if is_odd or (beside and column and beside != column) or found not in CHARGED:
        raise UnknownCurrency(sign or said or default)
    return found


def _meant(sign: str, default: str) -> str | None:
    """A code or a sign; one of several currencies means the file's, if that is among them."""
    if sign in CHARGED:
        return sign
    known = SIGNS.get(sign, ())
    if default in known:
        return default
    return known[0] if len(known) == 1 else None


def _figure(text: str, places: int, decimal: str | None) -> int:
    """In minor units. Raises NotASum, Unclear."""
    signs = [letter for letter in text if letter in ".,"]
    if len(set(signs)) == 2:
        decimal = signs[-1]
        if signs.count(decimal) > 1:
            raise NotASum(text)
    elif len(signs) > 1:
        decimal = "." if signs[0] == "," else ","
    elif signs:
        behind = len(text) - text.index(signs[0]) - 1
        if behind != 3 or text.startswith(("0", ".", ",")):
            decimal = signs[0]
        elif decimal is None:
            raise Unclear(text)
    whole, _, cents = text.partition(decimal) if decimal else (text, "", "")
    groups = re.split("[.,]", whole)
    if len(groups) > 1 and (
        not 1 <= len(groups[0]) <= 3 or any(len(one) != 3 for one in groups[1:])
    ):
        raise NotASum(text)
    digits = "".join(groups)
    if cents.rstrip("0") and len(cents.rstrip("0")) > places:
        raise NotASum(text)
    if not (digits + cents).isdigit():
        raise NotASum(text)
    return int(digits + cents[:places].ljust(places, "0")) if digits or cents else 0


class Column:
    """What the cells of one column say of the sign before their cents, one after the other."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def see(self, text: str) -> None:
        if len(self._seen) == 2 or len(text) > 40:
            return
        figure = re.search(r"\d[\d.,]*", SPACES.sub("", text))
        if figure is None:
            return
        signs = [letter for letter in figure[0].rstrip(".,") if letter in ".,"]
        if not signs:
            return
        behind = len(figure[0].rstrip(".,").rsplit(signs[-1], 1)[1])
        if len(set(signs)) == 2 or (len(signs) == 1 and behind != 3):
            self._seen.add(signs[-1])
        elif len(signs) > 1 and len(set(signs)) == 1:
            self._seen.add("." if signs[0] == "," else ",")

    @property
    def decimal(self) -> str | None:
        """None where it was not seen, or both were."""
        return next(iter(self._seen)) if len(self._seen) == 1 else None
