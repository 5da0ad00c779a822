"""How figures are written for people at the desk."""

import itertools
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from functools import lru_cache, reduce

from babel import Locale
from babel.numbers import format_percent, get_currency_name
from flask import Blueprint
from flask_babel import format_date, format_decimal, get_locale, ngettext
from flask_babel import gettext as _

from membership.books.models import Interval, Tier
from membership.clock import clock
from membership.figures import spans
from membership.figures.money import Received
from membership.figures.spans import By, Span
from membership.history.dues import ONLY_ONE
from membership.history.recoveries import TOOK
from membership.history.revenue import TENURES
from membership.money import Money, whole
from membership.patrons.models import MembershipKind
from membership.staff import words
from membership.web import money, number, worded

PATTERNS = {
    By.day: ("d MMM", "d MMM y"),
    By.week: ("d MMM", "d MMM y"),
    By.month: ("LLL", "LLL y"),
    By.quarter: ("QQQ", "QQQ y"),
    By.year: ("y", "y"),
}
"""How a part is called where the year is known, and where it is not."""


def init_app(bp: Blueprint) -> None:
    for name in (
        in_currency,
        change,
        signed,
        currency_name,
        currency_word,
        short_date,
        long_date,
        part_name,
        month_name,
        month_key,
        month_end,
        added_up,
        months,
        whole_amount,
        part_of,
        per_cent,
        tone,
        words.refusal_name,
        source_name,
        every_name,
        words.movement_name,
        words.reason_name,
        words.supporter_move_name,
    ):
        bp.add_app_template_filter(name)


def in_currency(amount: int, currency: str) -> Money:
    """So many minor units of it."""
    return Money(amount, currency)


def change(value: Money) -> str:
    """With its sign, so that no colour has to say what went up or down."""
    return f"+{money(value)}" if value.amount > 0 else money(value)


def signed(count: int) -> str:
    """With its sign, so that no colour has to say what went up or down."""
    return f"+{number(count)}" if count > 0 else number(count)


def currency_name(code: str) -> str:
    """As a head or a line begins with it."""
    name = currency_word(code)
    return name[:1].upper() + name[1:]


def currency_word(code: str) -> str:
    """As it is written within a line."""
    return str(get_currency_name(code.upper(), locale=get_locale()))


def short_date(value: date) -> str:
    return str(format_date(value, "d MMM" if value.year == clock.now().year else "d MMM y"))


def long_date(value: date) -> str:
    return str(format_date(value, "d MMMM y"))


def value_names(tiers: Sequence[Tier]) -> dict[str, dict[str, str]]:
    """What is written for each value of what a figure is counted by, in the order of a table."""
    return {
        "reason": {reason: words.reason_name(reason) for reason in words.REASONS},
        "tenure": _tenure_names(),
        "tier": {str(tier.id): worded(tier.name) for tier in tiers},
        "kind": kind_names(),
        "took": _took_names(),
        "interval": {
            Interval.day: _("by the day"),
            Interval.week: _("by the week"),
            Interval.month: _("by the month"),
            Interval.year: _("by the year"),
        },
    }


def _tenure_names() -> dict[str, str]:
    names = {"0": _("less than a month")}
    for since, until in itertools.pairwise(TENURES):
        names[str(since)] = _("%(since)s to %(until)s months", since=since, until=until)
    names[str(TENURES[-1])] = _("%(since)s months and more", since=TENURES[-1])
    return names


def kind_names() -> dict[str, str]:
    """Why somebody is a member."""
    return {
        MembershipKind.patron: _("patron"),
        MembershipKind.offline: _("gave outside Stripe"),
        MembershipKind.gift: _("was given it"),
        MembershipKind.comped: _("invited"),
    }


def _took_names() -> dict[str, str]:
    names = {"0": _("on the same day")}
    for since, until in itertools.pairwise(TOOK[1:]):
        names[str(since)] = _("%(since)s to %(until)s days", since=since, until=until - 1)
    names["1"] = _("1 to 2 days")
    names[str(TOOK[-1])] = _("%(since)s days and more", since=TOOK[-1])
    return names


def source_name(value: str) -> str:
    """An article, a page or a campaign; a dash of words where it is not known."""
    return value or str(_("not known"))


def every_name(every: str) -> str:
    """How often a renewal comes, of dues.every."""
    if every == ONLY_ONE:
        return str(_("once more"))
    interval, count, *_paused = every.split()
    names: dict[str, str] = {
        "day 1": _("by the day"),
        "week 1": _("by the week"),
        "month 1": _("by the month"),
        "year 1": _("by the year"),
        Interval.day: ngettext("every %(num)d day", "every %(num)d days", int(count)),
        Interval.week: ngettext("every %(num)d week", "every %(num)d weeks", int(count)),
        Interval.month: ngettext("every %(num)d month", "every %(num)d months", int(count)),
        Interval.year: ngettext("every %(num)d year", "every %(num)d years", int(count)),
    }
    return names.get(f"{interval} {count}") or names[interval]


def month_name(value: date) -> str:
    return str(format_date(value, "LLL y"))


def month_key(value: date) -> str:
    """As an address names a month."""
    return f"{value:%Y-%m}"


def month_end(value: date) -> date:
    return spans.month(value).last


def months(value: Fraction) -> str:
    """To one decimal: "14.5 months"."""
    return str(_("%(count)s months", count=format_decimal(float(round(value, 1)))))


def whole_amount(exact: Fraction, currency: str) -> Money:
    """Rounded to the minor unit, halves to even."""
    return Money(whole(exact), currency)


def added_up(parts: Sequence[Received]) -> Received:
    """All of some parts that follow each other."""
    return reduce(Received.plus, parts)


def part_of(part: int, whole: int) -> Fraction:
    return Fraction(part, whole)


def per_cent(share: Fraction) -> str:
    """To one decimal, rounded half to even as money is."""
    return _per_cent(float(round(share, 3)), get_locale())


# A grid has hundreds of them, and most of those are the same few.
@lru_cache(maxsize=4096)
def _per_cent(share: float, locale: Locale) -> str:
    return str(format_percent(share, "#,##0.#%", locale=locale))


def tone(share: Fraction) -> int:
    """How dark a cell is: from 0 to 10, which is all of it or more."""
    return min(max(int(share * 10), 0), 10)


def part_name(by: str) -> str:
    known: dict[str, str] = {
        By.day: _("Day"),
        By.week: _("Week"),
        By.month: _("Month"),
        By.quarter: _("Quarter"),
        By.year: _("Year"),
    }
    return known[by]


def labels(parts: Sequence[Span], by: By) -> list[str]:
    """How each of some parts is called."""
    return [format_date(part.first, PATTERNS[by][1]) for part in parts]


def short_labels(parts: Sequence[Span], by: By) -> list[str]:
    """With the year where it begins: there is not much room, and none for two side by side."""
    years = [None, *(part.first.year for part in parts)]
    begins = [year != before for before, year in itertools.pairwise(years)]
    if begins[1:2] == [True]:
        begins[0] = False
    return [
        format_date(part.first, PATTERNS[by][is_new])
        for part, is_new in zip(parts, begins, strict=True)
    ]
