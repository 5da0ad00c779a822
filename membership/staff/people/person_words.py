"""What the desk calls what it tells of a person, in the reader's language."""

from flask import Blueprint
from flask_babel import gettext as _

from membership.rounds import joined
from membership.staff import words
from membership.staff.people.joining import CannotJoin, Why


def init_app(bp: Blueprint) -> None:
    for name in (membership_name, letter_state, dispute_state, words.status_name):
        bp.add_app_template_filter(name)


def membership_name(kind: str) -> str:
    """Why somebody is a member: `MembershipKind`."""
    known: dict[str, str] = {
        "patron": _("as a patron"),
        "gift": _("by a gift"),
        "comped": _("by our invitation"),
        "offline": _("by a payment outside Stripe"),
    }
    return known[kind]


def letter_state(state: str) -> str:
    """How far a letter came: `MailState`."""
    known: dict[str, str] = {
        "queued": _("waits to go out"),
        "sending": _("is being sent"),
        "sent": _("was delivered to the mail server"),
        "failed": _("could not be delivered"),
    }
    return known[state]


def why_not_joined(trouble: Exception) -> str:
    """What keeps two people from being made one, or from being parted."""
    if isinstance(trouble, CannotJoin):
        return _why_not_one(trouble.why)
    if isinstance(trouble, joined.BothVoted):
        why = _(
            "Each of them has voted in “%(round)s”. They can be joined once it is closed.",
            round=str(trouble),
        )
    else:
        why = _(
            "In “%(round)s”, which is open, only the one who would go has a vote. Join them the "
            "other way round, or once it is closed.",
            round=str(trouble),
        )
    return str(why)


def _why_not_one(why: Why) -> str:
    known: dict[Why, str] = {
        Why.same: _("That is the same person already."),
        Why.joined: _("One of them has been joined with somebody else; part those two first."),
        Why.erased: _("One of them is erased, and nothing leads back from there."),
        Why.staff: _("Whoever works at the desk must be the one who stays."),
        Why.undone: _("They have been parted already."),
    }
    return known[why]


def dispute_state(status: str) -> str:
    """Stripe's own word where we have none."""
    known: dict[str, str] = {
        "warning_needs_response": _("the bank asks; an answer is due"),
        "warning_under_review": _("the bank asks"),
        "warning_closed": _("the bank asked; nothing came of it"),
        "needs_response": _("an answer is due"),
        "under_review": _("the bank is deciding"),
        "won": _("decided for us"),
        "lost": _("decided against us"),
    }
    return known.get(status, status)
