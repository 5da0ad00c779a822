"""Dates as people and programs write them. Which number is the day is asked of the whole column."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache

from babel.dates import get_month_names

from membership import days

ORDERS = ("ymd", "dmy", "mdy")
LANGUAGES = ("en", "uk", "pl", "de", "fr")
EARLIEST = date(1970, 1, 1)
LONGEST = 64
NUMBERS = re.compile(
    r"(?P<a>\d{1,4})(?P<sign>[./\-])(?P<b>\d{1,2})(?P=sign)(?P<c>\d{1,4})\.?(?P<rest>\D.*)?", re.S
)
WORDS = re.compile(r"(?P<before>\d{1,2})?\.?\s*(?P<month>[^\W\d]+)\.?,?\s+(?P<rest>\d.*)", re.S)
AFTER = re.compile(r"(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+)?(?P<year>\d{4})\b(?P<rest>.*)", re.S)
TIME = re.compile(
    r"[T, ]*(?:at )?(?P<h>\d{1,2}):(?P<m>\d{2})(?::(?P<s>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?",
    re.I,
)
TAIL = re.compile(r"\s*(?:р\.?|г\.?|r\.?|року)?\s*", re.I)


class NotADate(ValueError):
    """What stands there is no date, or not in this order."""


@dataclass(frozen=True)
class Read:
    """A day, and where it is written the time of it, with or without its zone."""

    day: date
    at: time | None = None

    @property
    def begins(self) -> datetime:
        """In UTC; without a time the beginning of the day in the newsroom's time zone."""
        return self._moment() or days.begin(self.day)

    @property
    def ends(self) -> datetime:
        """In UTC; without a time the end of that day, which belongs to it."""
        return self._moment() or days.end(self.day)

    @property
    def written(self) -> str:
        """As it stands there, in whatever order; no time zone of the newsroom's changes it."""
        return f"{self.day}T{self.at}" if self.at and self._has_time else str(self.day)

    @property
    def _has_time(self) -> bool:
        return self.at is not None and self.at.replace(tzinfo=None) != time()

    def _moment(self) -> datetime | None:
        if self.at is None or not self._has_time:
            return None
        zone = self.at.tzinfo or days.time_zone()
        return datetime.combine(self.day, self.at.replace(tzinfo=None), zone).astimezone(UTC)


def read(text: str, order: str | None) -> Read:
    """`order` says which number is which where that is not plain. Raises NotADate."""
    found = readings(text)
    if len(set(found.values())) == 1:
        # Where only one order makes a date of it, that has to be the one of its column.
        if order is None or order in found:
            return next(iter(found.values()))
    elif order in found:
        return found[order]
    raise NotADate(text)


def readings(text: str) -> dict[str, Read]:
    """What it says by each order in which it is a date."""
    text = text.strip()
    if len(text) > LONGEST:
        return {}
    if match := NUMBERS.fullmatch(text):
        try:
            clock = _time(match["rest"] or "")
        except ValueError:
            return {}
        given = (match["a"], match["b"], match["c"])
        orders = (
            ORDERS[:1] if len(match["a"]) == 4 else ORDERS[1:] if len(match["c"]) == 4 else ORDERS
        )
        found = {order: day for order in orders if (day := _day(given, order))}
        if len(match["a"]) == 4 and found:
            found = dict.fromkeys(ORDERS, found["ymd"])
        return {order: Read(day, clock) for order, day in found.items()}
    return _in_words(text)


def _day(given: tuple[str, str, str], order: str) -> date | None:
    parts = dict(zip(order, given, strict=True))
    if len(parts["y"]) not in (2, 4) or len(parts["m"]) > 2 or len(parts["d"]) > 2:
        return None
    year = int(parts["y"]) + (2000 if len(parts["y"]) == 2 else 0)
    return _known(year, int(parts["m"]), int(parts["d"]))


def _known(year: int, month: int, day: int) -> date | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if EARLIEST <= found <= days.LAST else None


def _in_words(text: str) -> dict[str, Read]:
    """`March 5, 2024`, `5 березня 2024`: plain whatever the order."""
    match = WORDS.fullmatch(text)
    month = _months().get(match["month"].lower()) if match else None
    after = AFTER.fullmatch(match["rest"]) if match and month else None
    if match is None or month is None or after is None:
        return {}
    number = match["before"] or after["day"]
    if number is None or (match["before"] and after["day"]):
        return {}
    try:
        clock = _time(after["rest"])
    except ValueError:
        return {}
    day = _known(int(after["year"]), month, int(number))
    return dict.fromkeys(ORDERS, Read(day, clock)) if day else {}


@cache
def _months() -> dict[str, int]:
    return {
        name.lower().rstrip("."): number
        for language in LANGUAGES
        for width in ("wide", "abbreviated")
        for context in ("format", "stand-alone")
        for number, name in get_month_names(width, context, language).items()
    }


def _time(text: str) -> time | None:
    """Raises ValueError for what is neither a time nor nothing."""
    if TAIL.fullmatch(text):
        return None
    match = TIME.fullmatch(text.rstrip())
    if match is None:
        raise ValueError(text)
    hour = int(match["h"])
    if half := match["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(text)
        hour = hour % 12 + (12 if half[0].lower() == "p" else 0)
    return time(hour, int(match["m"]), int(match["s"] or 0), tzinfo=_zone(match["zone"]))


def _zone(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))


class Column:
    """What the cells of one column say of the order of its dates, one after the other."""

    def __init__(self) -> None:
        self._orders: set[str] | None = None
        self._differs = False

    def see(self, text: str) -> None:
        if len(text) < 6 or not any(map(str.isdigit, text)):
            return
        found = readings(text)
        if found and (set(found) != set(ORDERS) or len(set(found.values())) > 1):
            self._orders = set(found) if self._orders is None else self._orders & set(found)
            self._differs = self._differs or len(set(found.values())) > 1

    @property
    def orders(self) -> list[str]:
        """Those in which all its dates are dates; none if they are of several.

        Empty too where it does not matter, which `is_plain` tells apart.
        """
        return [order for order in ORDERS if order in (self._orders or ())]

    @property
    def is_plain(self) -> bool:
        """Whether nobody has to say which number is the day."""
        return (
            self._orders is None
            or len(self._orders) == 1
            or (len(self._orders) > 1 and not self._differs)
        )
