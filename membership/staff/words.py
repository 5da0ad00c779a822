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
        "compare": _("compared the books with Stripe"),
        "refund": _("refunded"),
        "take back": _("took back an offline gift"),
        "offline": _("entered an offline gift"),
        "take undelivered": _("took undelivered events"),
        "replay": _("applied an event again"),
    }
    return known.get(act, act)


def difference_name(kind: str) -> str:
    """What a comparison with Stripe found, in words."""
    known: dict[str, str] = {
        "subscription missing": _("Subscriptions that were missing"),
        "subscription differs": _("Subscriptions that differed"),
        "payment missing": _("Payments that were missing"),
        "gift missing": _("One-time gifts that were missing"),
        "failed payment missing": _("Failed payments that were missing"),
        "refund missing": _("Refunds that were missing"),
        "dispute differs": _("Disputes that differed"),
        "settlement missing": _("Settlements that were missing"),
        "unknown to Stripe": _("Subscriptions unknown to Stripe"),
    }
    return known.get(kind, kind)
