"""What the desk calls Stripe's states and its own acts, in the reader's language.

Of the words for all of them only the one that is wanted is looked for among the translations: a
page has hundreds.
"""

from flask_babel import lazy_gettext as _

from membership.books.changes import FEEDBACK
from membership.books.models import EntryKind
from membership.history.facts import DISPUTED, OWN_WILL
from membership.history.models import DueKind, MovementKind, Outcome, SupporterMove
from membership.history.movements import FAILED
from membership.history.revenue import UNKNOWN
from membership.rounds import planning, roll
from membership.topics import life, merges, proposals


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
    return str(known.get(status, status))


def act_name(act: str) -> str:
    known: dict[str, str] = {
        "invite": _("invited"),
        "change roles": _("changed roles"),
        "end sessions": _("signed somebody out"),
        "change setting": _("changed a setting"),
        "suggest topic": _("put up a topic"),
        "edit topic": _("changed a topic"),
        "judge topic": _("judged what a topic takes"),
        "accept topic": _("took a topic into consideration"),
        "decline topic": _("declined a topic"),
        "merge topic": _("merged a topic"),
        "unmerge topic": _("parted a merged topic"),
        "topic assigned": _("assigned a topic"),
        "topic reporting": _("began to report a topic"),
        "topic published": _("published a topic"),
        "drop topic": _("dropped a topic"),
        "prepare round": _("prepared a round"),
        "change round": _("changed a round"),
        "discard round": _("gave up a round"),
        "open round": _("opened a round"),
        "withdraw topic": _("withdrew a topic from a ballot"),
        "close round": _("closed a round"),
        "connect": _("registered our endpoint at Stripe"),
        "compare": _("compared the books with Stripe"),
        "refund": _("refunded"),
        "take back": _("took back an offline gift"),
        "offline": _("entered an offline gift"),
        "import": _("brought people along"),
        "undo import": _("took out what came along"),
        "note": _("wrote a note"),
        "send link": _("sent a sign-in link"),
        "comp": _("gave a membership away"),
        "take back comp": _("took back a membership"),
        "change gift": _("changed a gift"),
        "pause gift": _("paused a gift"),
        "resume gift": _("resumed a gift"),
        "end gift": _("ended a gift"),
        "keep gift": _("let a gift go on"),
        "name": _("corrected a name"),
        "address": _("asked for another address"),
        "take out": _("exported what is kept of somebody"),
        "erase": _("erased somebody"),
        "keep segment": _("kept a segment"),
        "drop segment": _("dropped a segment"),
        "join": _("made two people one"),
        "part": _("parted two people again"),
        "lift correction": _("took a correction out of a flood"),
        "let corrections go": _("threw away reports from a flood"),
        "mend correction": _("mended a slip"),
        "note correction": _("published a correction"),
        "decline correction": _("declined a correction"),
        "ask about correction": _("asked back about a correction"),
        "take undelivered": _("took undelivered events"),
        "replay": _("applied an event again"),
    }
    return str(known.get(act, act))


def kind_name(kind: EntryKind) -> str:
    """What a kind of row of the ledger is called."""
    known: dict[EntryKind, str] = {
        EntryKind.charge: _("Payments"),
        EntryKind.fee: _("Stripe’s fees"),
        EntryKind.refund: _("Refunds"),
        EntryKind.refund_reversal: _("Refunds that failed"),
        EntryKind.dispute: _("Contested at the bank"),
        EntryKind.dispute_reversal: _("Returned by the bank"),
        EntryKind.offline: _("Gifts outside Stripe"),
    }
    return str(known[kind])


def row_name(kind: EntryKind) -> str:
    """What one row of a kind is called."""
    known: dict[EntryKind, str] = {
        EntryKind.charge: _("Gift"),
        EntryKind.fee: _("Stripe’s fee"),
        EntryKind.refund: _("Refund"),
        EntryKind.refund_reversal: _("Refund that failed"),
        EntryKind.dispute: _("Contested at the bank"),
        EntryKind.dispute_reversal: _("Returned by the bank"),
        EntryKind.offline: _("Gift outside Stripe"),
    }
    return str(known[kind])


def difference_name(kind: str) -> str:
    """What a comparison with Stripe found, in words."""
    known: dict[str, str] = {
        "subscription missing": _("Subscriptions that were missing"),
        "subscription differs": _("Subscriptions that differed"),
        "payment missing": _("Payments that were missing"),
        "gift missing": _("One-time gifts that were missing"),
        "waived invoice missing": _("Renewals that nobody has to pay and that were missing"),
        "failed payment missing": _("Failed payments that were missing"),
        "refund missing": _("Refunds that were missing"),
        "dispute differs": _("Disputes that differed"),
        "settlement missing": _("Settlements that were missing"),
        "payout missing": _("Payouts that were missing"),
        "payout differs": _("Payouts that differed"),
        "cannot be taken": _("Objects that could not be taken"),
        "unknown to Stripe": _("Subscriptions unknown to Stripe"),
    }
    return str(known.get(kind, kind))


def read_name(kind: str) -> str:
    """What a comparison with Stripe reads, in words."""
    known: dict[str, str] = {
        "subscriptions": _("subscriptions"),
        "invoices": _("invoices"),
        "unpaid invoices": _("unpaid invoices"),
        "waived invoices": _("waived invoices"),
        "payment intents": _("payments"),
        "refunds": _("refunds"),
        "disputes": _("disputes"),
        "balance transactions": _("settlements"),
        "payouts": _("payouts"),
    }
    return str(known.get(kind, kind))


def why(trouble: Exception) -> str:
    """What keeps an editors' act from being done."""
    if isinstance(trouble, planning.CannotPrepare):
        return why_not_prepared(str(trouble))
    known: list[tuple[type[Exception], str]] = [
        (
            planning.Frozen,
            _("This round is open, and what members were told at the opening stays as it is."),
        ),
        (roll.CannotVote, _("This round is not open.")),
        (life.ReasonMissing, _("Give a reason; it is published.")),
        (
            merges.CannotMerge,
            _("Only topics that are not on a ballot yet can be merged or parted."),
        ),
        (proposals.CannotEdit, _("Members have voted on this text, or are voting; it stays.")),
        (life.WrongTurn, _("The topic has moved on meanwhile; look at where it is now.")),
    ]
    return str(next(words for kind, words in known if isinstance(trouble, kind)))


def why_not_prepared(trouble: str) -> str:
    """Why a round cannot be prepared or opened: rounds/planning.py, CannotPrepare."""
    what, _colon, about = trouble.partition(": ")
    known: dict[str, str] = {
        "open": _("It is open already."),
        "over": _("Its close has come already; choose a later one."),
        "empty": _("There is no topic on the ballot."),
        "many": _("That is more topics than fit on a ballot."),
        "hours": _("“%(topic)s” needs a reporting time, and one within the budget.", topic=about),
        "moved": _("“%(topic)s” cannot go on a ballot where it is now.", topic=about),
        "opens_at": _("The opening must be before the close."),
        "join_by": _("The day to join by must be before the close."),
        "remind_at": _("The reminder must be before the close."),
    }
    return str(known.get(what, trouble))


def movement_name(kind: MovementKind) -> str:
    """What docs/metrics.md calls a movement, in the reader's language."""
    known: dict[MovementKind, str] = {
        MovementKind.new: _("New"),
        MovementKind.reactivation: _("Came back"),
        MovementKind.resumption: _("Resumed"),
        MovementKind.expansion: _("Give more"),
        MovementKind.contraction: _("Give less"),
        MovementKind.pause: _("Paused"),
        MovementKind.churn: _("Lost"),
        MovementKind.lapse: _("Lost while paused"),
    }
    return str(known[kind])


def supporter_move_name(move: SupporterMove) -> str:
    known: dict[SupporterMove, str] = {
        SupporterMove.new: _("New"),
        SupporterMove.returned: _("Came back"),
        SupporterMove.lost: _("Lost"),
        SupporterMove.changed: _("Changed"),
    }
    return str(known[move])


def outcome_name(outcome: Outcome) -> str:
    """What became of a renewal."""
    known: dict[Outcome, str] = {
        Outcome.failed: _("Refused at first"),
        Outcome.recovered: _("Recovered"),
        Outcome.lost: _("Given up"),
    }
    return str(known[outcome])


def due_name(kind: DueKind) -> str:
    known: dict[DueKind, str] = {
        DueKind.renewal: _("Renewals"),
        DueKind.end: _("Set to end"),
        DueKind.card: _("Cards that expire"),
        DueKind.second: _("They give twice"),
    }
    return str(known[kind])


REASONS = (*FEEDBACK, OWN_WILL, FAILED, DISPUTED, UNKNOWN)
"""Why somebody left, as docs/metrics.md counts it."""


def reason_name(reason: str) -> str:
    """In the reader's language; Stripe's own word where we have none."""
    known: dict[str, str] = {
        "cancellation_requested": _("asked for it, without a reason"),
        "payment_failed": _("the payment failed"),
        "payment_disputed": _("contested at the bank"),
        "too_expensive": _("too expensive"),
        "unused": _("does not use it"),
        "low_quality": _("not good enough"),
        "missing_features": _("something is missing"),
        "switched_service": _("supports something else"),
        "customer_service": _("was not helped well"),
        "too_complex": _("too complicated"),
        "other": _("another reason"),
        "unknown": _("not known"),
    }
    return str(known.get(reason, reason))


def refusal_name(reason: str) -> str:
    """Why the bank refused, in the reader's language; Stripe's own word where we have none."""
    known: dict[str, str] = {
        "": _("not known"),
        "unknown": _("not known"),
        "card_declined": _("the card was declined"),
        "generic_decline": _("the bank gave no reason"),
        "do_not_honor": _("the card was declined"),
        "insufficient_funds": _("not enough money on the account"),
        "expired_card": _("the card has expired"),
        "authentication_required": _("the patron has to confirm it"),
        "processing_error": _("the bank could not process it"),
        "incorrect_cvc": _("a wrong security code"),
        "lost_card": _("the card was lost"),
        "stolen_card": _("the card was stolen"),
    }
    return str(known.get(reason, reason))
