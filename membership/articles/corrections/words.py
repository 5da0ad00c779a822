"""What kinds of mistakes and states of cases are called."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from membership.articles.corrections.models import Kind, State

KINDS = {
    Kind.slip: _l("A slip: a typing or language mistake"),
    Kind.fact: _l("A fact: something is not so"),
    Kind.other: _l("Something else"),
}
SHORT_KINDS = {Kind.slip: _l("slip"), Kind.fact: _l("fact"), Kind.other: _l("something else")}
STATES = {
    State.open: _l("open"),
    State.asked: _l("asked back"),
    State.mended: _l("mended"),
    State.noted: _l("mended, with a note"),
    State.declined: _l("declined"),
}


def no_letter() -> str:
    return str(_("We will not write to the address that you left: there are too many reports."))


def correction_kind_name(kind: Kind) -> str:
    return str(SHORT_KINDS[kind])


def correction_state_name(state: State) -> str:
    return str(STATES[state])
