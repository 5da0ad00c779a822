"""What it takes to open: in the sandbox, then with Stripe's test mode, then for real.

What is asked of the database and of other programs is asked as doctor does.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext

from config import Mode, Settings
from membership import backups, doctor
from membership.books.models import EntryKind, LedgerEntry
from membership.extensions import db, settings
from membership.patrons.models import roles_of_people
from membership.rounds.models import Round
from membership.settings import words
from membership.web import day

EXAMPLE = ".example"
HERE = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True)
class Step:
    """Something that is done or not; `said` is how it stands, in the reader's language."""

    name: str
    is_done: bool
    said: str


@dataclass(frozen=True)
class Stage:
    """What it takes in one of Stripe's modes. Its turn comes when the one before is done."""

    mode: Mode
    steps: Sequence[Step]

    @property
    def missing(self) -> int:
        return sum(not step.is_done for step in self.steps)


def at_first() -> Stage:
    """What pages alone can do, in whatever mode; four short queries and nothing else is asked."""
    return Stage(Mode.sandbox, [look() for look in AT_FIRST])


def stages() -> list[Stage]:
    """All three, of which the last two ask Stripe and the mail server."""
    return [at_first(), Stage(Mode.test, list(_in_test())), Stage(Mode.live, list(_for_real()))]


def _name() -> Step:
    name, contact = settings.newsroom_name, settings.newsroom_contact
    first = Settings.model_fields["newsroom_name"].default
    if name == first:
        return Step("name", False, _("It is still called %(name)s, as it came along.", name=name))
    if contact.endswith(EXAMPLE):
        return Step(
            "name",
            False,
            _("Readers would write to %(contact)s, which is made up.", contact=contact),
        )
    return Step("name", True, _("%(name)s, %(contact)s", name=name, contact=contact))


def _words() -> Step:
    first = settings.languages[0]
    its = [name for name in words.DEFAULTS if words.own(name).get(first)]
    if not its:
        return Step("words", False, _("All of them are those that came along."))
    said = ngettext("%(num)d text is your own.", "%(num)d texts are your own.", len(its))
    return Step("words", True, said)


def _tiers() -> Step:
    return _as_doctor("tiers")


def _staff() -> Step:
    people = sa.select(sa.func.count(sa.distinct(roles_of_people.c.person_id)))
    count = db.session.scalar(people) or 0
    if count > 1:
        said = ngettext("%(num)d person has a role.", "%(num)d people have a role.", count)
        return Step("staff", True, said)
    return Step("staff", False, _("You are alone: nobody else gets in when you cannot."))


def _gift() -> Step:
    """By whatever mode: who has real patrons need not play one."""
    if _was_paid(*Mode):
        return Step("gift", True, _("It came, and stands in the books."))
    return Step(
        "gift",
        False,
        _("Give as a reader would, with the card 4242 4242 4242 4242, any day ahead, any digits."),
    )


def _vote() -> Step:
    """In whatever mode, as with the gift."""
    opened = Round.__table__.c.opened_at
    if db.session.scalar(sa.select(sa.literal(1)).where(opened.is_not(None)).limit(1)):
        return Step("vote", True, _("A round was opened."))
    return Step("vote", False, _("Put up two topics, say how long they take, and open a round."))


AT_FIRST: Sequence[Callable[[], Step]] = (_name, _words, _tiers, _staff, _gift, _vote)


def _in_test() -> Iterator[Step]:
    is_at_stripe = settings.mode is not Mode.sandbox
    yield _address()
    yield _mail()
    yield _as_doctor("stripe", "keys") if is_at_stripe else Step("keys", False, _("not set yet"))
    yield _webhook("webhook", is_at_stripe)
    yield _paid("test gift", Mode.test)
    yield _backup()


def _for_real() -> Iterator[Step]:
    is_live = settings.mode is Mode.live
    said = _("Real cards are charged.") if is_live else _("not set yet")
    yield Step("live keys", is_live, said)
    yield _webhook("live webhook", is_live)
    yield _paid("first gift", Mode.live)


def _address() -> Step:
    host = urlsplit(settings.site_url).hostname or ""
    if host in HERE:
        return Step(
            "address", False, _("%(url)s is seen on this machine alone.", url=settings.site_url)
        )
    if not settings.is_secure:
        return Step("address", False, _("%(url)s goes without TLS.", url=settings.site_url))
    return Step("address", True, settings.site_url)


def _mail() -> Step:
    if not settings.sends_mail or settings.smtp_url is None:
        return Step("mail", False, _("Letters are kept here and reach nobody."))
    if EXAMPLE in settings.mail_from:
        sender = settings.mail_from
        return Step("mail", False, _("The sender %(sender)s is made up.", sender=sender))
    return _as_doctor("mail")


def _webhook(name: str, is_its_mode: bool) -> Step:
    if not is_its_mode:
        return Step(name, False, _("Comes after the keys."))
    return _as_doctor("webhook", name)


def _paid(name: str, mode: Mode) -> Step:
    is_done = _was_paid(mode)
    return Step(name, is_done, _("It stands in the books.") if is_done else _("None has come yet."))


def _backup() -> Step:
    checked = backups.last_checked()
    if checked is None:
        return Step("backup", False, _("None was restored and looked through yet."))
    return Step("backup", True, _("Looked through on %(day)s.", day=day(checked)))


def _as_doctor(part: str, name: str | None = None) -> Step:
    its = doctor.look(part)
    return Step(name or part, its.ok, its.words)


def _was_paid(*modes: Mode) -> bool:
    wanted = sa.select(LedgerEntry.id).where(
        LedgerEntry.mode.in_(modes), LedgerEntry.kind == EntryKind.charge
    )
    return db.session.scalar(wanted.limit(1)) is not None
