"""What payouts and the journal are called, in the reader's language."""

from flask_babel import gettext as _

from membership.staff.money.journal import Account


def payout_state(status: str) -> str:
    """A payout's status in words; Stripe's own where we have none."""
    known: dict[str, str] = {
        "pending": _("not sent yet"),
        "in_transit": _("on its way"),
        "paid": _("arrived"),
        "failed": _("sent back by the bank"),
        "canceled": _("called off"),
    }
    return known.get(status, status)


def payout_line(line: str) -> str:
    """What a payout is made of: staff/money/payouts.py, Made."""
    known: dict[str, str] = {
        "payments": _("Payments"),
        "refunds": _("Refunds"),
        "disputes": _("Contested at the bank"),
        "fees": _("Stripe’s fees"),
        "returned": _("Earlier payouts that came back"),
        "other": _("Other movements of the account"),
    }
    return known[line]


def account_name(account: Account) -> str:
    """What docs/journal.md calls an account, in the reader's language."""
    known: dict[Account, str] = {
        Account.balance: _("Stripe balance"),
        Account.unsettled: _("Not settled yet at Stripe"),
        Account.on_the_way: _("Payouts on the way"),
        Account.bank: _("Bank"),
        Account.outside: _("Bank and cash outside Stripe"),
        Account.recurring: _("Regular gifts"),
        Account.once: _("One-time gifts"),
        Account.offline: _("Gifts outside Stripe"),
        Account.refunds: _("Refunds"),
        Account.disputes: _("Contested at the bank"),
        Account.fees: _("Stripe’s fees"),
        Account.exchange: _("Exchange"),
        Account.other: _("Other movements of the account"),
    }
    return known[account]
