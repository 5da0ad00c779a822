"""How figures are written for people at the desk."""

import itertools
from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from babel.numbers import get_currency_name
from flask import Blueprint
from flask_babel import format_date, format_percent, get_locale
from flask_babel import gettext as _

from membership.books.models import Interval, Tier
from membership.clock import clock
from membership.figures import spans
from membership.figures.spans import By
from membership.history.upkeep import TENURES
from membership.money import Money
from membership.staff import words
from membership.web import money, worded


def init_app(bp: Blueprint) -> None:
    for name in (
        in_currency,
        change,
        currency_name,
        short_date,
        long_date,
        part_name,
        month_name,
        month_key,
        month_end,
        part_of,
        per_cent,
        tone,
        words.movement_name,
        words.reason_name,
    ):
        bp.add_app_template_filter(name)


def in_currency(amount: int, currency: str) -> Money:
    """So many minor units of it."""
    return Money(amount, currency)


def change(value: Money) -> str:
    """With its sign, so that no colour has to say what went up or down."""
    return f"+{money(value)}" if value.amount > 0 else money(value)


def currency_name(code: str) -> str:
    name = str(get_currency_name(code.upper(), locale=get_locale()))
    return name[:1].upper() + name[1:]


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


def month_name(value: date) -> str:
    return str(format_date(value, "LLL y"))


def month_key(value: date) -> str:
    """As an address names a month."""
    return f"{value:%Y-%m}"


def month_end(value: date) -> date:
    return spans.month(value).last


def part_of(part: int, whole: int) -> Fraction:
    return Fraction(part, whole)


def per_cent(share: Fraction) -> str:
    """To one decimal, rounded half to even as money is."""
    return str(format_percent(float(round(share, 3)), "#,##0.#%"))


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
