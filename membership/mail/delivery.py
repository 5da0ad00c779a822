"""Delivering what is queued: each e-mail claimed by one process, retried, never sent twice.

SMTP cannot say whether a message arrived when the connection breaks after the data was
sent. An e-mail whose process died in that moment stays `sending` and is shown to staff
instead of being sent again.
"""

import smtplib
from datetime import timedelta
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa
from flask import Flask, current_app
from flask_mailman import EmailMultiAlternatives

from config import Mode, Settings
from membership.clock import clock
from membership.extensions import db, mail
from membership.mail.models import MailState, OutgoingMail

RETRY_AFTER = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 480, 1440))
BATCH = 100
TIMEOUT_SECONDS = 20


def deliver_due(limit: int = BATCH) -> int:
    """Deliver up to `limit` due e-mails; how many were sent."""
    due = db.session.scalars(
        sa.select(OutgoingMail.id)
        .where(OutgoingMail.state == MailState.queued, OutgoingMail.next_try_at <= clock.now())
        .order_by(OutgoingMail.next_try_at, OutgoingMail.id)
        .limit(limit)
    ).all()
    db.session.commit()
    return sum(_deliver(mail_id) for mail_id in due)


def _deliver(mail_id: int) -> bool:
    if not _claim(mail_id):
        return False
    row = db.session.get_one(OutgoingMail, mail_id)
    db.session.commit()
    try:
        if current_app.config["MAIL_BY_SMTP"]:
            _message(row).send()
    except (smtplib.SMTPException, OSError) as error:
        _put_back(row, error)
    else:
        row.state, row.sent_at, row.error = MailState.sent, clock.now(), None
        if not current_app.config["KEEP_MAIL"]:
            # A mail holds sign-in links: once it is out, only the fact of it is kept.
            row.text = row.html = ""
    sent = row.state is MailState.sent
    db.session.commit()
    return sent


def _claim(mail_id: int) -> bool:
    claimed = db.session.execute(
        sa.update(OutgoingMail)
        .where(OutgoingMail.id == mail_id, OutgoingMail.state == MailState.queued)
        .values(state=MailState.sending, attempts=OutgoingMail.attempts + 1)
    )
    db.session.commit()
    return bool(claimed.rowcount)  # type: ignore[attr-defined]


def _put_back(row: OutgoingMail, error: Exception) -> None:
    row.error = f"{type(error).__name__}: {error}"
    refused_for_good = isinstance(error, smtplib.SMTPRecipientsRefused) and all(
        code >= 500 for code, _ in error.recipients.values()
    )
    if refused_for_good or row.attempts > len(RETRY_AFTER):
        row.state = MailState.failed
    else:
        row.state = MailState.queued
        row.next_try_at = clock.now() + RETRY_AFTER[row.attempts - 1]


def _message(row: OutgoingMail) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        subject=row.subject,
        body=row.text,
        to=[row.recipient],
        connection=mail.get_connection("smtp"),
        headers={"Message-ID": f"<{row.id}.{row.about}@{current_app.config['MAIL_HOST']}>"},
    )
    message.attach_alternative(row.html, "text/html")
    return message


def init_app(app: Flask, settings: Settings) -> None:
    """Read SMTP_URL. Without one, sandbox mode keeps mail for /dev/mail; others hold it back."""
    server = urlsplit(settings.smtp_url or "smtp://127.0.0.1:25")
    sandbox = settings.mode is Mode.sandbox
    app.config.update(
        MAIL_BY_SMTP=bool(settings.smtp_url) or not sandbox,
        KEEP_MAIL=sandbox,
        MAIL_SERVER=server.hostname,
        MAIL_PORT=server.port or (465 if server.scheme == "smtps" else 25),
        MAIL_USERNAME=unquote(server.username) if server.username else None,
        MAIL_PASSWORD=unquote(server.password) if server.password else None,
        MAIL_USE_SSL=server.scheme == "smtps",
        MAIL_USE_TLS=server.scheme == "smtp" and server.port == 587,
        MAIL_TIMEOUT=TIMEOUT_SECONDS,
        MAIL_DEFAULT_SENDER=settings.mail_from,
        MAIL_HOST=parseaddr(settings.mail_from)[1].rpartition("@")[2] or "localhost",
    )
    mail.init_app(app)
