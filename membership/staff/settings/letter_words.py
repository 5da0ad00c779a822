"""How letters are called, when each is sent, and what may be filled in."""

from flask_babel import lazy_gettext as _l

NAMES = {
    "thanks_patron": _l("Thanks to a new patron"),
    "thanks_gift": _l("Thanks for one gift"),
    "not_paid": _l("A first payment did not arrive"),
    "payment_failed": _l("A regular payment was refused"),
    "second_subscription": _l("Somebody gives twice"),
    "sign_in": _l("Link to sign in"),
    "confirm_old_address": _l("Another address: to the old one"),
    "confirm_new_address": _l("Another address: to the new one"),
    "round_opened": _l("A vote opens"),
    "round_reminder": _l("A vote is about to close"),
    "round_outcome": _l("A vote is counted"),
    "round_without_outcome": _l("A vote is counted, and nothing was chosen"),
    "topic_published": _l("A story is out"),
    "topic_merged": _l("A topic was merged"),
    "topic_step": _l("A topic moves on"),
    "staff_invitation": _l("Invitation to the staff"),
}
PLACES = {
    "thanks_patron": _l("Once the first payment of a regular gift has arrived."),
    "thanks_gift": _l("Once a gift that is given one time has arrived."),
    "not_paid": _l("When a bank does not pay after all what was given at Stripe."),
    "payment_failed": _l("When a bank refuses a renewal, once for each."),
    "second_subscription": _l("When a patron starts to give beside what they give already."),
    "sign_in": _l("When somebody asks for a link on the page where one signs in."),
    "confirm_old_address": _l("When somebody wants to be written to at another address."),
    "confirm_new_address": _l("When somebody wants to be written to at another address."),
    "round_opened": _l("To who may vote, unless they want no such letters."),
    "round_reminder": _l("To who may vote and has not, some days before the close."),
    "round_outcome": _l("To who could vote, once topics were chosen."),
    "round_without_outcome": _l("To who could vote, where none was."),
    "topic_published": _l("To who follows the topic, with the way to the story."),
    "topic_merged": _l("To who follows the topic."),
    "topic_step": _l("To who follows the topic, at each other step that it takes."),
    "staff_invitation": _l("To whom an admin invites to the desk."),
}
FACTS = {
    "name": _l("name, or address without one"),
    "sum": _l("what they give"),
    "reason": _l("what the bank says, in a sentence"),
    "ends": _l("when the membership ends, in a sentence"),
    "first": _l("what they gave before"),
    "second": _l("what they give beside it"),
    "round": _l("title of the vote"),
    "until": _l("when it closes"),
    "topic": _l("title of the topic"),
    "into": _l("title of the topic that it became part of"),
    "state": _l("where it is now"),
    "why": _l("the editors’ reason, in a sentence, if there is one"),
}
