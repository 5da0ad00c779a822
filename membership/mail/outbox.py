"""Queueing an e-mail, in the caller's transaction."""

import re
from typing import Any

import sqlalchemy as sa
from flask import render_template
from flask_babel import force_locale

from membership.clock import clock
from membership.extensions import db, insert_once
from membership.mail.models import MailState, OutgoingMail

# What a template leaves out leaves its empty lines behind.
GAPS = re.compile(r"\n{3,}")


def queue(
    template: str, *, to: str, language: str, about: str, bulk: bool = False, **context: Any
) -> bool:
    """Queue `templates/mail/<template>.{txt,mjml}` for `to`; False if `about` was told already.

    The first line of the .txt is the subject. Nothing is sent unless the caller commits, and
    then at once, but for `bulk`: that waits until nothing else is to be sent.
    """
    with force_locale(language):
        words = render_template(f"mail/{template}.txt", language=language, **context)
        html = render_template(f"mail/{template}.mjml", language=language, **context)
    subject, _, text = words.partition("\n")
    now = clock.now()
    row = {
        "about": about,
        "recipient": to,
        "bulk": bulk,
        "subject": subject.strip(),
        "text": GAPS.sub("\n\n", text.strip()) + "\n",
        "html": html,
        "state": MailState.queued,
        "attempts": 0,
        "created_at": now,
        "next_try_at": now,
    }
    if not bulk:
        db.session().info["mail_queued"] = True
    return insert_once(OutgoingMail, ["about"], row)


def forget(about: str) -> None:
    """Take the letter about it out, sent or not."""
    db.session.execute(sa.delete(OutgoingMail).where(OutgoingMail.about == about))
