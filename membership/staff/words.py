"""What the desk calls Stripe's states and its own acts, in the reader's language."""

from flask_babel import gettext as _


def status_name(status: str) -> str:
    """A subscription's status in words; Stripe's own where we have none."""
    return {
        "active": _("active"),
        "past_due": _("past due"),
        "unpaid": _("unpaid"),
        "canceled": _("cancelled"),
        "incomplete": _("not confirmed"),
        "incomplete_expired": _("never confirmed"),
        "trialing": _("trial"),
        "paused": _("paused"),
    }.get(status, status)


def act_name(act: str) -> str:
    return {
        "invite": _("invited"),
        "close round": _("closed a round"),
        "replay": _("applied an event again"),
    }.get(act, act)
