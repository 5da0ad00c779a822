"""Queueing an e-mail, in the caller's transaction."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import render_template
from flask_babel import LazyString, force_locale

from membership.clock import clock
from membership.extensions import db, insert_once
from membership.mail.models import MOST_LETTERS, MailState, OutgoingMail
from membership.settings import letters, words
from membership.settings.letters import Wording

# What a template leaves out leaves its empty lines behind.
GAPS = re.compile(r"\n{3,}")
Says = Mapping[str, str | LazyString]
NOTHING: Says = {}


class Written(NamedTuple):
    """An e-mail in words and as HTML."""

    subject: str
    text: str
    html: str


def queue(
    template: str,
    *,
    to: str,
    language: str,
    about: str,
    says: Says = NOTHING,
    bulk: bool = False,
    **context: Any,
) -> bool:
    """Queue `templates/mail/<template>.{txt,mjml}` for `to`; False if `about` was told already.

    What the newsroom words itself (settings/letters.py) is filled in with `says`, in the letter's
    language. Nothing is sent unless the caller commits, and then at once, but for `bulk`: that
    waits until nothing else is to be sent.
    """
    written = write(template, language=language, says=says, **context)
    return put(written, to=to, about=about, bulk=bulk)


def write(
    template: str,
    *,
    language: str,
    says: Says = NOTHING,
    wording: Wording | None = None,
    **context: Any,
) -> Written:
    """An e-mail as it is sent, with another wording than is in force if there is one.

    The first line of the .txt is the subject where it is none of settings/letters.py.
    """
    with force_locale(language):
        context["language"] = language
        if template not in letters.LETTERS:
            told = render_template(f"mail/{template}.txt", **context)
            subject, _, text = told.partition("\n")
        else:
            its, facts = wording or letters.wording(template, language), in_words(says)
            context["words"] = words.rendered(its.text, facts)
            subject = words.filled(its.subject, facts)
            rest = render_template(f"mail/{template}.txt", **context)
            text = f"{words.filled(its.text, facts)}\n\n{rest}"
        html = render_template(f"mail/{template}.mjml", **context)
    return Written(
        " ".join(subject.split())[:MOST_LETTERS], GAPS.sub("\n\n", text.strip()) + "\n", html
    )


def put(written: Written, *, to: str, about: str, bulk: bool = False) -> bool:
    """Queue what is written, as `queue` does."""
    now = clock.now()
    row = {
        "about": about,
        "recipient": to,
        "bulk": bulk,
        **written._asdict(),
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


def in_words(says: Says) -> dict[str, str]:
    """In the language at hand."""
    return {name: str(fact) for name, fact in says.items()}
