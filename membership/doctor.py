"""Is everything there that this installation needs? One line per part, in words."""

import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from config import SOURCE_LANGUAGE, Mode
from membership.books.models import Suggestion
from membership.extensions import db, jobs, settings
from membership.gateway import StripeDown, StripeRefused, gateway
from membership.inbox.models import WebhookEndpoint
from membership.patrons.models import Role, roles_of_people
from membership.rounds import schedule

LATE = timedelta(minutes=10)


class Wrong(Exception):
    """What is wrong with a part, in words."""


@dataclass(frozen=True)
class Check:
    part: str
    ok: bool
    words: str


def examine() -> list[Check]:
    """Look at each part; a part whose database is away is not asked about its rows."""
    checks = [_look("settings", lambda: f"{settings.mode} mode, {settings.site_url}")]
    database = _look("database", _database)
    checks.append(database)
    if database.ok:
        checks += [
            _look("migrations", _migrations),
            _look("tiers", _tiers),
            _look("staff", _staff),
            _look("webhook", _webhook),
            _look("rounds", _rounds),
        ]
        db.session.rollback()
    checks += [
        _look("sandbox" if settings.mode is Mode.sandbox else "stripe", _stripe),
        _look("mail", _mail),
        _look("jobs", _jobs),
        _look("languages", _languages),
    ]
    return checks


def _look(part: str, at: Callable[[], str]) -> Check:
    try:
        return Check(part, True, at())
    except Wrong as wrong:
        return Check(part, False, str(wrong))
    except SQLAlchemyError as error:
        db.session.rollback()
        return Check(part, False, str(error).splitlines()[0])


def _database() -> str:
    try:
        db.session.execute(sa.select(1))
    except SQLAlchemyError as error:
        raise Wrong(f"does not answer ({str(error).splitlines()[0]}); see DATABASE_URL") from error
    return f"{db.engine.dialect.name} answers"


def _migrations() -> str:
    script = ScriptDirectory(current_app.extensions["migrate"].directory)
    head = script.get_current_head()
    current = MigrationContext.configure(db.session.connection()).get_current_revision()
    if current != head:
        raise Wrong(f"at {current or 'nothing'}, should be {head}; run flask --app app db upgrade")
    return f"up to date at {head}"


def _tiers() -> str:
    offered = set(db.session.scalars(sa.select(Suggestion.currency).distinct()))
    missing = [code for code in settings.currencies if code not in offered]
    if missing:
        raise Wrong(f"no suggested amounts in {', '.join(missing)}; run flask --app app seed")
    return f"amounts in {', '.join(sorted(offered))}"


def _staff() -> str:
    admins = db.session.scalar(
        sa.select(sa.func.count())
        .select_from(roles_of_people)
        .join(Role)
        .where(Role.name == "admin")
    )
    if not admins:
        raise Wrong("no admin yet; run flask --app app staff invite EMAIL --role admin")
    return f"{admins} admin" + ("s" if admins > 1 else "")


def _webhook() -> str:
    if settings.stripe_webhook_secret is not None:
        return "secret from STRIPE_WEBHOOK_SECRET"
    row = db.session.scalar(sa.select(WebhookEndpoint).where(WebhookEndpoint.mode == settings.mode))
    if row is None:
        raise Wrong("not registered; run flask --app app stripe connect")
    return f"events come to {row.url}"


def _rounds() -> str:
    late = [round.slug for round in schedule.overdue(LATE)]
    if late:
        raise Wrong(
            f"{', '.join(late)} should have opened or closed by now; see /staff/rounds for what"
            " stands against it, and whether `flask --app app jobs run` is running"
        )
    return "all on time"


def _stripe() -> str:
    try:
        account = gateway().account()
    except StripeDown as error:
        if gateway().mode is Mode.sandbox:
            where = settings.sandbox_url
            raise Wrong(f"nothing answers at {where}; start python -m stripe_sandbox") from error
        raise Wrong(f"does not answer ({error})") from error
    except StripeRefused as error:
        raise Wrong(f"refuses the key ({error}); see STRIPE_SECRET_KEY") from error
    return f"account {account['id']}"


def _mail() -> str:
    config = current_app.config
    if not settings.sends_mail:
        return "kept for /dev/mail (no SMTP_URL)"
    where = f"{config['MAIL_SERVER']}:{config['MAIL_PORT']}"
    connect = smtplib.SMTP_SSL if config["MAIL_USE_SSL"] else smtplib.SMTP
    try:
        with connect(config["MAIL_SERVER"], config["MAIL_PORT"], timeout=5) as server:
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        raise Wrong(f"SMTP at {where} does not answer ({error}); see SMTP_URL") from error
    return f"SMTP at {where} answers"


def _jobs() -> str:
    try:
        waiting = jobs.huey.pending_count()
    except Exception as error:
        # Each queue store has errors of its own, and any of them means the same here.
        raise Wrong(f"the queue cannot be read ({error}); see INSTANCE_DIR, REDIS_URL") from error
    return f"{waiting} waiting"


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
