"""What the newsroom writes to people: the subject and text of each letter, in its own words.

The text is Markdown, in each language by itself. What follows it in a letter, such as its button,
what one should know of a link, or the topics of a ballot, stands in templates/mail.
"""

from collections.abc import Mapping
from typing import NamedTuple

from flask import current_app
from flask_babel import LazyString, force_locale
from flask_babel import lazy_gettext as _l

from membership.settings import current

SUBJECT, TEXT = "subject", "text"
PARTS = (SUBJECT, TEXT)


class Letter(NamedTuple):
    """Its words as they come along; `facts` may be filled in beside words.FILLED_IN."""

    subject: LazyString
    text: LazyString
    facts: tuple[str, ...]


class Wording(NamedTuple):
    """As they are to be filled in."""

    subject: str
    text: str


LETTERS = {
    "thanks_patron": Letter(
        _l("You are a patron. Thank you"),
        _l(
            "Thank you.\n\n"
            "Your bank has confirmed {sum}. You are a patron now, and you have a vote on what we "
            "cover next."
        ),
        ("name", "sum"),
    ),
    "thanks_gift": Letter(
        _l("Thank you for your gift"),
        _l(
            "Thank you.\n\n"
            "Your bank has confirmed {sum}. It keeps our reporting free for everybody."
        ),
        ("name", "sum"),
    ),
    "not_paid": Letter(
        _l("Your payment did not arrive"),
        _l("You wanted to give {sum}, and your bank did not pay it. Nothing was charged."),
        ("sum",),
    ),
    "payment_failed": Letter(
        _l("Your bank refused a payment"),
        _l("Your bank refused your gift of {sum}. {reason}\n\n{ends}"),
        ("name", "sum", "reason", "ends"),
    ),
    "second_subscription": Letter(
        _l("You now give twice"),
        _l(
            "You gave {first} already, and have now started to give {second} beside it.\n\n"
            "If you meant to, thank you twice: nothing needs to be done. If not, end one of the "
            "two and get its payment back."
        ),
        ("name", "first", "second"),
    ),
    "sign_in": Letter(
        _l("Your way in to {newsroom}"),
        _l("Here is your link. It signs you in once."),
        ("name",),
    ),
    "confirm_old_address": Letter(
        _l("Your address with us"),
        _l(
            "We were asked to write to you at another address from now on. If you asked for it, "
            "say so here."
        ),
        ("name",),
    ),
    "confirm_new_address": Letter(
        _l("Your address with us"),
        _l(
            "We were asked to write to a supporter of ours at this address from now on. If you "
            "asked for it, say so here."
        ),
        (),
    ),
    "round_opened": Letter(
        _l("The vote is open: {round}"),
        _l(
            "You have a vote on what we cover next. It is open until {until}. Tick every topic "
            "you want covered:"
        ),
        ("name", "round", "until"),
    ),
    "round_reminder": Letter(
        _l("Your vote is still missing: {round}"),
        _l(
            "You have not voted yet. The vote closes on {until}. We know that you have not, and "
            "nobody knows how anybody did."
        ),
        ("name", "round", "until"),
    ),
    "round_outcome": Letter(
        _l("What members decided: {round}"), _l("We will cover:"), ("name", "round")
    ),
    "round_without_outcome": Letter(
        _l("What members decided: {round}"),
        _l("Nothing was chosen this time. The page says why."),
        ("name", "round"),
    ),
    "topic_published": Letter(
        _l("The story is out: {topic}"),
        _l("You follow “{topic}”. The story is out.\n\n{why}"),
        ("name", "topic", "why"),
    ),
    "topic_merged": Letter(
        _l("{topic}: merged into another topic"),
        _l("You follow “{topic}”. It was merged into “{into}”, which you follow now.\n\n{why}"),
        ("name", "topic", "into", "why"),
    ),
    "topic_step": Letter(
        _l("{topic}: {state}"),
        _l("You follow “{topic}”. Where it is now: {state}.\n\n{why}"),
        ("name", "topic", "state", "why"),
    ),
    "correction_mended": Letter(
        _l("Mended, thanks to you: {article}"),
        _l("You pointed out a mistake in “{article}”. It is mended; thank you.\n\n{passage}"),
        ("article", "passage"),
    ),
    "correction_noted": Letter(
        _l("Corrected, thanks to you: {article}"),
        _l(
            "You pointed out a mistake in “{article}”. We corrected it, and say so to everybody; "
            "thank you.\n\nIt said: {was}\n\nIt should say: {now}"
        ),
        ("article", "passage", "was", "now"),
    ),
    "correction_declined": Letter(
        _l("What became of your hint: {article}"),
        _l(
            "You pointed out a passage in “{article}”. We looked into it and leave it as it "
            "is.\n\n{passage}\n\nWhy: {reason}"
        ),
        ("article", "passage", "reason"),
    ),
    "correction_question": Letter(
        _l("A question about what you pointed out: {article}"),
        _l(
            "You pointed out a passage in “{article}”. Before we decide we would like to ask "
            "you:\n\n{question}\n\n{passage}"
        ),
        ("article", "passage", "question"),
    ),
    "staff_invitation": Letter(
        _l("Your way to the desk of {newsroom}"),
        _l("You are on the staff of {newsroom} now. Here is your link. It signs you in once."),
        ("name",),
    ),
}


def own(name: str) -> Mapping[str, Mapping[str, str]]:
    """What the newsroom worded itself, by language and by PARTS."""
    return current.of(current_app).letters.get(name, {})


def default(name: str, code: str) -> Wording:
    """What comes along, in a language; in English where it comes along in no other."""
    letter = LETTERS[name]
    with force_locale(code):
        return Wording(str(letter.subject), str(letter.text))


def wording(name: str, code: str) -> Wording:
    """What a letter in that language says."""
    its = own(name).get(code, {})
    return default(name, code)._replace(**{part: its[part] for part in PARTS if its.get(part)})
