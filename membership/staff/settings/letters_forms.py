"""The form of a letter's subject and text, in each of the newsroom's languages."""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField

from membership.patrons import people
from membership.patrons.models import Person
from membership.patrons.people import NotAnAddress
from membership.settings import letters
from membership.settings.current import LETTER
from membership.settings.letters import SUBJECT, TEXT
from membership.staff.settings.own_words_forms import OwnWordsForm, Part, Texts


class LetterForm(OwnWordsForm):
    """`shown_to` is the address of the person whose facts are filled in to look at it."""

    prefix = LETTER
    shown_to = StringField(_l("As it would be written to"))

    @classmethod
    def parts(cls, name: str) -> Mapping[str, Part]:
        return {SUBJECT: Part(_l("Subject"), is_line=True), TEXT: Part(_l("Text"), is_line=False)}

    @classmethod
    def default(cls, name: str, code: str) -> Texts:
        return letters.default(name, code)._asdict()

    @property
    def facts(self) -> tuple[str, ...]:
        return letters.LETTERS[self.name].facts

    def person(self, otherwise: Person) -> Person:
        """Whom it is shown as written to; nobody of that address is said at the field."""
        if not self.shown_to.data:
            self.shown_to.data = otherwise.email
        try:
            found = people.by_email(self.shown_to.data)
        except NotAnAddress:
            found = None
        if found is None:
            self.refuse(_("We know nobody of that address."), self.shown_to)
        return found or otherwise
