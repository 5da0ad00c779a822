"""The letter each Monday to those of staff who want it: the week's figures, in words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import selectinload

from config import Mode
from membership.clock import clock
from membership.days import time_zone
from membership.extensions import db, settings
from membership.figures import money, movements, supporters
from membership.figures.money import Received
from membership.figures.movements import Moved
from membership.figures.spans import A_DAY, Span
from membership.figures.supporters import Supported
from membership.history.models import SupporterMove
from membership.mail import outbox
from membership.money import Money
from membership.patrons.models import Person
from membership.staff import overview
from membership.staff.figures import figure_words
from membership.staff.overview import Needs
from membership.web import money as written
from membership.web import number

MONDAY, HOUR = 0, 7
A_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Line:
    """One thing in words, and the address of the page that it comes from."""

    words: str
    link: str


@dataclass(frozen=True)
class Week:
    """What the letter tells of: last Monday to Sunday, in the newsroom's time zone."""

    days: Span
    supported: Supported
    moved: dict[str, Moved]
    received: dict[str, Received]
    needs: Needs


def choose(person: Person, *, wanted: bool) -> None:
    """To get the letter, or not any more."""
    person.wants_monday_letter = wanted


def send_due() -> int:
    """Queue this Monday's letters, once for each who wants one; how many. Commits."""
    now = clock.now().astimezone(time_zone())
    if now.weekday() != MONDAY or now.hour < HOUR:
        return 0
    readers = db.session.scalars(
        sa.select(Person)
        .where(Person.wants_monday_letter, Person.active, Person.roles.any())
        .options(selectinload(Person.roles))
        .order_by(Person.id)
    ).all()
    if not readers:
        return 0
    week = of(settings.mode, Span(now.date() - A_WEEK, now.date() - A_DAY))
    queued = sum(_queue(reader, week) for reader in readers)
    db.session.commit()
    return queued


def of(mode: Mode, days: Span) -> Week:
    """The figures of these days."""
    [supported] = supporters.supported(mode, [days])
    return Week(
        days=days,
        supported=supported,
        moved={code: its for code, (its,) in movements.moved(mode, [days]).items()},
        received={code: its for code, (its,) in money.received(mode, [days]).items()},
        needs=overview.needs(mode),
    )


def _queue(reader: Person, week: Week) -> bool:
    return outbox.queue(
        "monday",
        to=reader.email,
        language=reader.language,
        about=f"monday:{week.days.last}:{reader.id}",
        week=week.days,
        sections=_sections(week),
        desk=_page("/staff"),
    )


def _sections(week: Week) -> Callable[[], list[tuple[str, list[Line]]]]:
    """Put in words when the letter is written, in its reader's language."""

    def written_out() -> list[tuple[str, list[Line]]]:
        return [
            (_("What needs somebody"), list(_needed(week.needs))),
            (_("Supporters"), list(_supporters(week))),
            (_("Money"), list(_money(week))),
        ]

    return written_out


def _needed(needs: Needs) -> Iterator[Line]:
    for currency, total in needs.failing.items():
        words = ngettext(
            "%(number)s renewal fails",
            "%(number)s renewals fail",
            total.times,
            number=number(total.times),
        )
        lost = _("%(money)s that may be lost", money=_amount(total.amount, currency))
        yield Line(f"{words}: {lost}", _page("/staff/figures/recovery"))
    if needs.disputes:
        count = len(needs.disputes)
        words = ngettext(
            "%(num)d payment is contested at the bank",
            "%(num)d payments are contested at the bank",
            count,
        )
        yield Line(words, _page("/staff/figures/coming"))
    for currency, total in needs.expiring.items():
        words = ngettext(
            "%(number)s card expires",
            "%(number)s cards expire",
            total.times,
            number=number(total.times),
        )
        soon = _("within thirty days, %(money)s a month", money=_amount(total.amount, currency))
        yield Line(f"{words} {soon}", _page("/staff/figures/coming"))
    if needs.proposals:
        words = ngettext(
            "%(number)s proposal waits for an editor",
            "%(number)s proposals wait for an editor",
            needs.proposals,
            number=number(needs.proposals),
        )
        yield Line(words, _page("/staff/topics"))
    if needs.round:
        yield Line(needs.round.title, _page("/staff/rounds"))
    if needs.stuck or needs.undelivered:
        yield Line(_("Events or letters are stuck"), _page("/staff"))


def _supporters(week: Week) -> Iterator[Line]:
    its, days = week.supported, week.days
    words = ngettext(
        "%(number)s supporter", "%(number)s supporters", its.closing, number=number(its.closing)
    )
    yield Line(words, _page("/staff/figures/lists/supporters", on=days.last))
    for move, total in its.by_move.items():
        if total.times:
            asked = {"move": move.value, "from": days.first, "to": days.last}
            link = _page("/staff/figures/lists/changes", **asked)
            yield Line(_went(move, total.times), link)


def _went(move: SupporterMove, count: int) -> str:
    told = number(count)
    known: dict[SupporterMove, str] = {
        SupporterMove.new: ngettext("%(number)s came", "%(number)s came", count, number=told),
        SupporterMove.returned: ngettext(
            "%(number)s came back", "%(number)s came back", count, number=told
        ),
        SupporterMove.lost: ngettext(
            "%(number)s was lost", "%(number)s were lost", count, number=told
        ),
    }
    return known[move]


def _money(week: Week) -> Iterator[Line]:
    revenue = {"from": week.days.first, "to": week.days.last, "by": "day"}
    for currency, its in week.moved.items():
        changed = figure_words.change(Money(its.closing.amount - its.opening.amount, currency))
        words = _(
            "%(money)s a month (%(change)s)",
            money=_amount(its.closing.amount, currency),
            change=changed,
        )
        asked = {"currency": currency, "from": week.days.first, "to": week.days.last}
        yield Line(words, _page("/staff/figures/movements", **asked))
    for currency, received in week.received.items():
        if received.received:
            words = _("%(money)s received", money=_amount(received.received, currency))
            yield Line(words, _page("/staff/figures/revenue", **revenue))


def _amount(amount: int, currency: str) -> str:
    return written(Money(amount, currency))


def _page(path: str, **asked: object) -> str:
    """The letter is written outside of a request, so its addresses are put together here."""
    return settings.site_url + path + (f"?{urlencode(asked)}" if asked else "")
