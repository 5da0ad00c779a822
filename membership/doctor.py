"""Is everything there that this installation needs? One line per part, in words.

Parts that the desk shows too are told in the reader's language.
"""

import secrets
import shutil
import smtplib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.exc import SQLAlchemyError

from config import SOURCE_LANGUAGE, Mode
from membership import troubles
from membership.books.models import Suggestion, Tier
from membership.clock import clock
from membership.extensions import db, jobs, settings
from membership.gateway import StripeDown, StripeRefused, gateway
from membership.history import rebuild
from membership.inbox import inbox, silence
from membership.inbox.models import StripeEvent, WebhookEndpoint
from membership.patrons.models import Role, roles_of_people
from membership.rounds import schedule

LATE = timedelta(minutes=10)
NOISE = 100_000  # more than fits in what a database has set aside already
MEGABYTE = 1024 * 1024
LEAST_FREE = 200 * MEGABYTE


class Wrong(Exception):
    """What is wrong with a part, in words."""


@dataclass(frozen=True)
class Check:
    part: str
    ok: bool
    words: str


def examine() -> list[Check]:
    """Look at each part; a part whose tables are away, or others, is not asked about its rows."""
    checks = [_look("settings", lambda: f"{settings.mode} mode, {settings.site_url}")]
    checks.append(_look("database", _database))
    if checks[-1].ok:
        checks.append(_look("migrations", _migrations))
    if checks[-1].ok:
        checks += [
            _look("writing", _writing),
            _look("tiers", _tiers),
            _look("staff", _staff),
            _look("webhook", _webhook),
            _look("rounds", _rounds),
            _look("figures", _figures),
        ]
    db.session.rollback()
    checks += [
        _look("room", _room),
        _look("sandbox" if settings.mode is Mode.sandbox else "stripe", _stripe),
    ]
    if checks[-1].ok:
        checks.append(_look("clock", _clock))
    checks += [
        _look("mail", _mail),
        _look("jobs", _jobs),
        _look("languages", _languages),
    ]
    return checks


def look(part: str) -> Check:
    """At one of the parts in SHOWN, whose tables are there."""
    return _look(part, SHOWN[part])


def _look(part: str, at: Callable[[], str]) -> Check:
    try:
        return Check(part, True, at())
    except Wrong as wrong:
        return Check(part, False, str(wrong))
    except SQLAlchemyError as error:
        db.session.rollback()
        return Check(part, False, troubles.first_line(error))


def _database() -> str:
    try:
        db.session.execute(sa.select(1))
    except SQLAlchemyError as error:
        reason = troubles.first_line(error)
        raise Wrong(f"does not answer ({reason}); see DATABASE_URL") from error
    return f"{db.engine.dialect.name} answers"


def _migrations() -> str:
    if difference := troubles.tables_behind() or troubles.tables_ahead():
        raise Wrong(difference)
    return f"up to date at {troubles.head()}"


def _writing() -> str:
    """Write down an event of some size, and take it back."""
    now = clock.now()
    try:
        db.session.execute(
            sa.insert(StripeEvent).values(
                id=f"doctor_{secrets.token_hex(8)}",
                type="doctor",
                created_at=now,
                received_at=now,
                attempts=0,
                payload={"noise": secrets.token_hex(NOISE)},
            )
        )
    except SQLAlchemyError as error:
        if trouble := troubles.named(error):
            raise Wrong(trouble.words) from error
        raise
    finally:
        db.session.rollback()
    return "what is written is taken"


def _room() -> str:
    """Where SQLite, jobs and keys are; a disk of PostgreSQL's own cannot be seen from here."""
    free = shutil.disk_usage(settings.instance_dir).free
    said = f"{free // MEGABYTE:,} MB free in {settings.instance_dir}"
    if free < LEAST_FREE:
        raise Wrong(f"only {said}; make room before nothing can be written")
    return said


def _tiers() -> str:
    wanted = sa.select(Suggestion.currency).join(Suggestion.tier).where(Tier.is_retired.is_(False))
    offered = set(db.session.scalars(wanted.distinct()))
    missing = [code for code in settings.currencies if code not in offered]
    if missing:
        codes = _codes(missing)
        raise Wrong(_("no tier with amounts in %(codes)s; see /staff/settings/tiers", codes=codes))
    return str(_("amounts in %(codes)s", codes=_codes(sorted(offered))))


def _codes(currencies: Sequence[str]) -> str:
    return ", ".join(code.upper() for code in currencies)


def _staff() -> str:
    admins = db.session.scalar(
        sa.select(sa.func.count())
        .select_from(roles_of_people)
        .join(Role)
        .where(Role.name == "admin")
    )
    if not admins:
        raise Wrong(
            _(
                "no admin yet; run %(command)s",
                command="flask --app app staff invite EMAIL --role admin",
            )
        )
    return str(ngettext("%(num)d admin", "%(num)d admins", admins))


def _webhook() -> str:
    if settings.stripe_webhook_secret is not None:
        return str(_("secret from STRIPE_WEBHOOK_SECRET"))
    connect = "flask --app app stripe connect"
    row = db.session.scalar(sa.select(WebhookEndpoint).where(WebhookEndpoint.mode == settings.mode))
    if row is None:
        raise Wrong(_("not registered; run %(command)s", command=connect))
    if unasked := inbox.not_asked_for(row.url):
        raise Wrong(
            _(
                "Stripe is not asked to send %(events)s to %(url)s; run %(command)s",
                events=", ".join(unasked),
                url=row.url,
                command=connect,
            )
        )
    return str(_("events come to %(url)s", url=row.url))


def _rounds() -> str:
    late = [round.slug for round in schedule.overdue(LATE)]
    if late:
        raise Wrong(
            f"{', '.join(late)} should have opened or closed by now; see /staff/rounds for what"
            " stands against it, and whether `flask --app app jobs run` is running"
        )
    return "all on time"


def _figures() -> str:
    if rebuild.is_due():
        raise Wrong("not made yet of what the books have; run flask --app app metrics rebuild")
    return "follow from the books"


def _stripe() -> str:
    try:
        account = gateway().account()
    except StripeDown as error:
        if gateway().mode is Mode.sandbox:
            where = settings.sandbox_url
            raise Wrong(
                _("nothing answers at %(where)s; start python -m stripe_sandbox", where=where)
            ) from error
        raise Wrong(_("does not answer (%(error)s)", error=error)) from error
    except StripeRefused as error:
        raise Wrong(_("refuses the key (%(error)s); see STRIPE_SECRET_KEY", error=error)) from error
    return str(_("account %(account)s", account=account["id"]))


def _clock() -> str:
    try:
        ahead = silence.ahead_of_stripe()
    except (StripeDown, StripeRefused) as error:
        raise Wrong(f"Stripe does not say what time it is ({error})") from error
    if abs(ahead) < silence.CLOCKS_DIFFER:
        return "as Stripe's"
    minutes = f"{round(abs(ahead).total_seconds() / 60)} minutes"
    if settings.mode is Mode.sandbox:
        which = "ahead of" if ahead > timedelta() else "behind"
        raise Wrong(f"{minutes} {which} the sandbox's; take its undelivered events, /staff/stripe")
    if ahead > timedelta():
        raise Wrong(
            f"{minutes} ahead of Stripe's; set this machine's clock: events look too old to be"
            " taken until then, and Stripe sends them again"
        )
    raise Wrong(f"{minutes} behind Stripe's; set this machine's clock")


def _mail() -> str:
    config = current_app.config
    if not settings.sends_mail:
        return str(_("kept for /dev/mail (no SMTP_URL)"))
    where = f"{config['MAIL_SERVER']}:{config['MAIL_PORT']}"
    connect = smtplib.SMTP_SSL if config["MAIL_USE_SSL"] else smtplib.SMTP
    try:
        with connect(config["MAIL_SERVER"], config["MAIL_PORT"], timeout=5) as server:
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        raise Wrong(
            _(
                "SMTP at %(where)s does not answer (%(error)s); see SMTP_URL",
                where=where,
                error=error,
            )
        ) from error
    return str(_("SMTP at %(where)s answers", where=where))


def _jobs() -> str:
    try:
        waiting = jobs.huey.pending_count()
    except Exception as error:
        # Each queue store has errors of its own, and any of them means the same here.
        if settings.redis_url:
            raise Wrong(
                f"Redis does not answer ({error}); mail and jobs wait for it, and limits are"
                " counted by each process alone; see REDIS_URL"
            ) from error
        raise Wrong(f"the queue cannot be read ({error}); see INSTANCE_DIR") from error
    return f"{waiting} waiting" + (" in Redis" if settings.redis_url else "")


def _languages() -> str:
    missing = [
        code
        for code in settings.languages
        if code != SOURCE_LANGUAGE
        and not (settings.translations / code / "LC_MESSAGES" / "messages.mo").is_file()
    ]
    if missing:
        raise Wrong(f"{', '.join(missing)} not compiled; run make translations")
    return ", ".join(settings.languages)


SHOWN: dict[str, Callable[[], str]] = {
    "tiers": _tiers,
    "staff": _staff,
    "webhook": _webhook,
    "stripe": _stripe,
    "mail": _mail,
}
