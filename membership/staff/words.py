"""What the desk calls Stripe's states and its own acts, in the reader's language."""

from flask_babel import gettext as _


def status_name(status: str) -> str:
    """A subscription's status in words; Stripe's own where we have none."""
    known: dict[str, str] = {
        "active": _("active"),
        "past_due": _("past due"),
        "unpaid": _("unpaid"),
        "canceled": _("cancelled"),
        "incomplete": _("not confirmed"),
        "incomplete_expired": _("never confirmed"),
        "trialing": _("trial"),
        "paused": _("paused"),
    }
    return known.get(status, status)


def act_name(act: str) -> str:
    known: dict[str, str] = {
        "invite": _("invited"),
        "close round": _("closed a round"),
        "replay": _("applied an event again"),
    }
    return known.get(act, act)
