"""What the elements say of themselves, in the language at hand."""

from flask_babel import gettext as _


def element_words() -> dict[str, str]:
    """By the names that static/elements knows them by; `{…}` is filled in there."""
    return {
        "amounts": _("Amounts"),
        "become": _("Become a patron"),
        "close": _("Close"),
        "other_ways": _("See other ways to support"),
        "see_topics": _("See what is up for a vote"),
        "thanks": _("Thank you for being a patron"),
        "you_carry_it": _("It is readers like you who keep our reporting free for everybody."),
        "to_blockers": _("To readers who block advertisements"),
        "chosen": _("Patrons chose this story"),
        "its_life": _("What became of it"),
        "members_decide": _("Patrons decide what we cover next"),
        "how_to_vote": _("Every patron has one vote, whatever they give."),
        "now_voted": _("Being voted on now:"),
        "no_vote": _("No vote is open now."),
        "propose": _("Propose a topic"),
        "related": _("More that patrons asked for"),
        "why_chosen": _("Why it was chosen"),
        "corrections": _("Corrections"),
        "mistake": _("Found a mistake?"),
        "how_to_report": _("Select the passage and press {keys}."),
        "how_to_tap": _("Select the passage and tap the button beside it."),
        "report": _("Point out a mistake"),
        "what_is_wrong": _("What is wrong"),
        "a_slip": _("A slip: a typing or language mistake"),
        "a_fact": _("A fact: something is not so"),
        "something_else": _("Something else"),
        "what_is_right": _("What would be right"),
        "email": _("E-mail, if you want to hear from us"),
        "forgotten": _("After ninety days we forget it."),
        "send": _("Send it to the editors"),
        "sent": _("Thank you. It is with the editors."),
        "see_what_becomes": _("See what becomes of it"),
        "not_sent": _("It was not sent. Look at your connection and try again."),
        "too_much_marked": _("Select a shorter passage, of up to 1000 characters."),
        "it_said": _("It said"),
        "right_is": _("It should say"),
        "quoting": _("Quoting this article"),
        "copy": _("Copy the selection with its source"),
        "mark_first": _("Select a passage in the article first."),
        "ready": _("A passage is selected."),
        "copied": _("Copied, with its source."),
        "copied_long": _(
            "Copied, with its source. It has {letters} characters; up to {most} may be quoted."
        ),
        "too_long": _("({letters} characters; up to {most} may be quoted without asking.)"),
        "not_copied": _(
            "Your browser did not let us copy. Select the passage and copy it yourself."
        ),
    }
