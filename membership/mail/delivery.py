"""Delivering what is queued: each e-mail claimed by one process, retried, never sent twice.

SMTP cannot say whether a message arrived when the connection breaks after the data was
sent. An e-mail whose process died in that moment stays `sending` and is shown to staff
instead of being sent again.
"""

import smtplib
import time
from collections.abc import Collection, Sequence
from datetime import timedelta
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa
from flask import Flask
from flask_mailman import EmailMultiAlternatives
from flask_mailman.backends.smtp import EmailBackend

from config import Mode, Settings
from membership.clock import clock
from membership.extensions import db, mail, settings
from membership.mail.models import MailState, OutgoingMail

RETRY_AFTER = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 480, 1440))
TIMEOUT_SECONDS = 20
SECONDS_A_RUN = 40


def deliver_due(*, seconds: float = SECONDS_A_RUN) -> int:
    """Deliver what is due, bulk mail last, for so many `seconds`; how many e-mails were sent.

    The rest waits for the next run, so that other jobs get their turn however slow the server.
    """
    return _deliver_all(seconds, [True, False])


def deliver_urgent(*, seconds: float = SECONDS_A_RUN) -> int:
    """Deliver what is due but for bulk mail, likewise."""
    return _deliver_all(seconds, [False])


def _deliver_all(seconds: float, kinds: Collection[bool]) -> int:
    connection = mail.get_connection("smtp")
    until = time.monotonic() + seconds
    sent = 0
    try:
        while time.monotonic() < until and (row := _claim_next(kinds)) is not None:
            sent += _deliver(row, connection)
    finally:
        connection.close()
    return sent


def _claim_next(kinds: Collection[bool]) -> OutgoingMail | None:
    """One at a time, so that what is queued meanwhile gets before the bulk that is waiting."""
    following = (
        sa.select(OutgoingMail.id)
        .where(
            OutgoingMail.state == MailState.queued,
            OutgoingMail.bulk.in_(kinds),
            OutgoingMail.next_try_at <= clock.now(),
        )
        .order_by(OutgoingMail.bulk, OutgoingMail.next_try_at, OutgoingMail.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    mail_id = db.session.scalar(
        sa.update(OutgoingMail)
        .where(OutgoingMail.id == following.scalar_subquery())
        .values(state=MailState.sending, attempts=OutgoingMail.attempts + 1)
        .returning(OutgoingMail.id)
    )
    db.session.commit()
    return db.session.get(OutgoingMail, mail_id) if mail_id else None


def _deliver(row: OutgoingMail, connection: EmailBackend) -> bool:
    message = _message(row, connection)
    db.session.commit()  # nobody else may wait for the server
    try:
        if settings.sends_mail:
            connection.open()  # and it stays open for the next one
            message.send()
    except (smtplib.SMTPException, OSError) as error:
        _put_back(row, error)
    else:
        row.state, row.sent_at, row.error = MailState.sent, clock.now(), None
        if settings.mode is not Mode.sandbox:
            # A mail holds sign-in links: once it is out, only the fact of it is kept.
            row.text = row.html = ""
    sent = row.state is MailState.sent
    db.session.commit()
    if not sent:
        connection.close()
    return sent


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


def _message(row: OutgoingMail, connection: EmailBackend) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        subject=row.subject,
        body=row.text,
        to=[row.recipient],
        connection=connection,
        headers={"Message-ID": f"<{row.id}.{row.about}@{settings.mail_host}>"},
    )
    message.attach_alternative(row.html, "text/html")
    return message


def init_app(app: Flask, settings: Settings) -> None:
    """Read SMTP_URL. Without one, sandbox mode keeps mail for /dev/mail; others hold it back."""
    server = urlsplit(settings.smtp_url or "smtp://127.0.0.1:25")
    app.config.update(
        MAIL_SERVER=server.hostname,
        MAIL_PORT=server.port or (465 if server.scheme == "smtps" else 25),
        MAIL_USERNAME=unquote(server.username) if server.username else None,
        MAIL_PASSWORD=unquote(server.password) if server.password else None,
        MAIL_USE_SSL=server.scheme == "smtps",
        MAIL_USE_TLS=server.scheme == "smtp" and server.port == 587,
        MAIL_TIMEOUT=TIMEOUT_SECONDS,
        MAIL_DEFAULT_SENDER=settings.mail_from,
    )
    mail.init_app(app)


def undelivered(*, limit: int, offset: int = 0) -> Sequence[OutgoingMail]:
    """Letters that were given up, the latest first."""
    return db.session.scalars(
        sa.select(OutgoingMail)
        .where(OutgoingMail.state == MailState.failed)
        .order_by(OutgoingMail.id.desc())
        .limit(limit)
        .offset(offset)
    ).all()
