"""/dev/mail: the mailbox of a newsroom that has no SMTP yet. Hung up in sandbox mode only."""

from collections.abc import Sequence
from functools import partial

import sqlalchemy as sa
from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from membership.extensions import db, talisman
from membership.mail.models import MailState, OutgoingMail
from membership.mail.shown import AS_MAIL
from membership.paging import asked_for, page_of

bp = Blueprint("mailbox", __name__, url_prefix="/dev/mail")


@bp.context_processor
def in_words() -> dict[str, object]:
    return {"mail_state": state_name}


def state_name(state: MailState) -> str:
    names: dict[MailState, str] = {
        MailState.queued: _("waiting"),
        MailState.sending: _("on its way"),
        MailState.sent: _("delivered"),
        MailState.failed: _("given up"),
    }
    return names[state]


@bp.get("")
def index() -> ResponseReturnValue:
    wanted = request.args.get("to", "").strip()[:100]
    page = page_of(partial(_mails, wanted))
    return render_template("mail/mailbox.html", page=page, wanted=wanted, asked=asked_for())


def _mails(wanted: str, *, limit: int, offset: int) -> Sequence[OutgoingMail]:
    return db.session.scalars(
        sa.select(OutgoingMail)
        .where(OutgoingMail.recipient.icontains(wanted, autoescape=True))
        .order_by(OutgoingMail.id.desc())
        .limit(limit)
        .offset(offset)
    ).all()


@bp.get("/<int:mail_id>")
def message(mail_id: int) -> ResponseReturnValue:
    return render_template("mail/message.html", mail=db.get_or_404(OutgoingMail, mail_id))


@bp.get("/<int:mail_id>/html")
@talisman(content_security_policy=AS_MAIL)
def as_html(mail_id: int) -> ResponseReturnValue:
    """The HTML part alone, for a frame."""
    return db.get_or_404(OutgoingMail, mail_id).html
