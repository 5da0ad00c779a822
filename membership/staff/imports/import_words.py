"""What the pages of files call their steps, fields, and what becomes of each row."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from membership.money import Money
from membership.staff.import_models import Fate, Import, ImportRow, ImportState
from membership.staff.imports import exporters
from membership.staff.imports.encodings import Why
from membership.staff.imports.staging import MOST_ROWS
from membership.web import day, number

FIELDS = {
    "email": _l("E-mail"),
    "name": _l("Name"),
    "first_name": _l("First name"),
    "last_name": _l("Last name"),
    "language": _l("Language"),
    "kind": _l("Kind of membership"),
    "is_gift": _l("Whether it was a present"),
    "start": _l("Member since"),
    "end": _l("Member until"),
    "end_else": _l("Member until, where the other is empty"),
    "consent": _l("Agreed to letters"),
    "consented_at": _l("Agreed on"),
    "note": _l("Note"),
    "amount": _l("Amount of a gift"),
    "times": _l("How many times that amount"),
    "currency": _l("Currency of a gift"),
    "given_on": _l("Day of a gift"),
    "reference": _l("Number of a payment"),
    "status": _l("Whether it was paid"),
    "refunded": _l("Whether it was given back"),
    "through": _l("How it was paid"),
    "gone": _l("Deleted there on"),
}
FIELDS_OF_A_BANK = {
    "given_on": _l("Day"),
    "amount": _l("Amount"),
    "currency": _l("Currency"),
    "payer": _l("Who paid"),
    "purpose": _l("What it is for"),
}
KINDS = {
    "": _l("no membership"),
    "offline": _l("pays outside Stripe"),
    "comped": _l("given away"),
    "gift": _l("a present"),
}
ORDERS = {
    "dmy": _l("day, month, year"),
    "mdy": _l("month, day, year"),
    "ymd": _l("year, month, day"),
}
AN_INSTANT = timedelta(seconds=1)
"""A membership that ends as a day does is said to last until that day."""
ENCODINGS = {
    "": _l("found out by itself"),
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "cp1250": "Windows-1250",
    "cp1251": "Windows-1251",
    "cp1252": "Windows-1252",
}


def init_app(bp: Blueprint) -> None:
    bp.context_processor(
        lambda: {
            "state_name": state_name,
            "fate_name": fate_name,
            "said_of": said_of,
            "exporter_name": exporter_name,
        }
    )


def exporter_name(brought: Import) -> str | None:
    known = exporters.NAMED.get(brought.exporter or "")
    return known.title if known else None


def state_name(state: ImportState) -> str:
    known: dict[ImportState, str] = {
        ImportState.reading: _l("not read to its end"),
        ImportState.matching: _l("columns to be matched"),
        ImportState.looking: _l("being looked through"),
        ImportState.ready: _l("looked through, nothing taken in"),
        ImportState.taking: _l("being taken in"),
        ImportState.taken: _l("taken in"),
        ImportState.undoing: _l("being taken out"),
        ImportState.undone: _l("taken out again"),
    }
    return str(known[state])


def fate_name(fate: Fate) -> str:
    known: dict[Fate, str] = {
        Fate.new: _l("New people"),
        Fate.more: _l("More about people"),
        Fate.nothing: _l("Nothing new"),
        Fate.aside: _l("Set aside"),
        Fate.asked: _l("Whose are they?"),
    }
    return str(known[fate])


def said_of(row: ImportRow) -> str:
    """What becomes of a row, or became, in words."""
    if row.fate is Fate.aside:
        return reason(row.reason or "", row.about or "…")
    said = "; ".join(_things(row.does))
    if row.is_undone:
        return str(_("Taken out: %(things)s.", things=said)) + _why_left(row)
    if row.fate is Fate.asked:
        return str(_("Waits for somebody to say whose it is."))
    if row.reason:
        return str(_("Stays: %(things)s.", things=said)) + _why_left(row)
    return said or str(_("Nothing that is not there already."))


def _things(does: dict[str, Any]) -> Iterator[str]:
    if "person" in does:
        yield _("a new person")
    if "met" in does:
        yield _("known here too, and not only from a try")
    if "name" in does:
        yield _("the name %(name)s", name=does["name"])
    if "member" in does:
        kind, since, until = does["member"]
        yield _(
            "member from %(since)s to %(until)s, %(kind)s",
            since=day(datetime.fromisoformat(since)),
            until=day(datetime.fromisoformat(until) - AN_INSTANT),
            kind=KINDS[kind],
        )
    if "consent" in does:
        yield _("agreed to letters on %(day)s", day=day(datetime.fromisoformat(does["consent"])))
    if "note" in does:
        yield _("a note")
    if "gift" in does:
        amount, currency, at, _source = does["gift"]
        money = Money(amount, currency).format(get_locale() or "en")
        yield _("a gift of %(money)s on %(day)s", money=money, day=day(datetime.fromisoformat(at)))
    if "stripes" in does:
        yield _("no gift, for it went through Stripe and comes from there")


def _why_left(row: ImportRow) -> str:
    known: dict[str, str] = {
        "touched": _l("Something else has happened to them since."),
        "changed": _l("Their membership was changed since, and stays."),
        "booked": _l(
            "The gift stands in the books with a row against it, and so the person stays."
        ),
    }
    why = known.get(row.reason or "")
    return f" {why}" if why else ""


def reason(code: str, about: str) -> str:
    """Why a row is set aside, and how to mend it."""
    known: dict[str, str] = {
        "quotes": _l("A quotation mark is opened and never closed, or stands where none can."),
        "cells": _l("It has more cells than there are columns."),
        "letters": _l("Some letters of it cannot be read; save the file as UTF-8."),
        "long": _l("Something in it is too long."),
        "no_address": _l("It has no e-mail address."),
        "address": _l("“%(about)s” is no e-mail address.", about=about),
        "twice": _l("The same person stands on line %(about)s.", about=about),
        "name": _l("The name has more than 200 letters."),
        "note": _l("The note has more than 2000 letters."),
        "kind": _l("“%(about)s” is no kind of membership that we know.", about=about),
        "no_end": _l("Nothing says when the membership ends."),
        "ends_first": _l("The membership ends before it begins: %(about)s.", about=about),
        "date": _l("“%(about)s” is no date, or not in the order of its column.", about=about),
        "consent": _l("“%(about)s” says neither yes nor no.", about=about),
        "gone": _l("It was deleted there: %(about)s.", about=about),
        "unpaid": _l("It was not paid, or was given back: %(about)s.", about=about),
        "negative": _l("%(about)s is less than nothing.", about=about),
        "amount": _l("“%(about)s” is no amount.", about=about),
        "unclear": _l("“%(about)s” may be thousands or not; write it with cents.", about=about),
        "currency": _l("“%(about)s” is no currency that fits here.", about=about),
        "no_day": _l("Nothing says on which day the gift came."),
        "ahead": _l("%(about)s has not come yet.", about=about),
        "outgoing": _l("Money that went out."),
        "no_gift": _l("Somebody said that it is no gift."),
        "failed": _l("The database does not take it (%(about)s).", about=about),
    }
    return str(known.get(code, code))


def unreadable(why: Why) -> str:
    """What is wrong with a file as a whole, and how to mend it."""
    known: dict[Why, str] = {
        Why.empty: _l("There is nothing in this file."),
        Why.spreadsheet: _l("This is a spreadsheet. Open it and save it as CSV in UTF-8."),
        Why.archive: _l("This is an archive. Unpack it and choose the CSV in it."),
        Why.page: _l("This is a web page. Perhaps you were signed out when you saved it."),
        Why.binary: _l("This is no text. Choose a CSV."),
        Why.large: _l("This file is too large. Part it in several."),
        Why.many: _l(
            "These are more than %(most)s rows. Part the file in several.", most=number(MOST_ROWS)
        ),
        Why.columns: _l("It has more columns than any table we know."),
        Why.no_heads: _l("Its first line must say what the columns are called."),
        Why.no_address: _l("No column has e-mail addresses in it."),
    }
    return str(known[why])
