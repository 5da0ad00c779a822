"""Editors' forms about corrections, and what the list of them is narrowed by."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import HiddenInput

from membership.articles.corrections.casework import Wanted
from membership.articles.corrections.forms import TOO_LONG, lines, one_line
from membership.articles.corrections.models import LONGEST, LONGEST_TITLE, Correction
from membership.forms import Form
from membership.settings.articles import NotOurs, ours

WITHIN = Length(max=LONGEST, message=TOO_LONG)


class FilterForm(Form):
    """What an address asks of the list."""

    words = StringField(_l("Words"), filters=[one_line], validators=[Length(max=200)])
    article = StringField(_l("Address of the article"), validators=[Optional(), Length(max=1000)])
    same = StringField(validators=[Length(max=32)])

    def validate_article(self, field: StringField) -> None:
        try:
            self.spelt = ours(field.data or "")
        except NotOurs:
            raise ValidationError(_("This is not the address of an article of yours.")) from None

    @property
    def wanted(self) -> Wanted:
        """Only after `read` said yes."""
        article = self.spelt if self.article.data else ""
        return Wanted(article, self.words.data or "", self.same.data or "")

    @property
    def asked(self) -> dict[str, str]:
        """The same for another address."""
        return {field.name: field.data for field in self if field.data}


class DecisionForm(Form):
    """`seen` is how many decisions the page knew that it stands on."""

    seen = IntegerField(widget=HiddenInput(), validators=[InputRequired()])

    @property
    def known(self) -> int:
        return self.seen.data or 0

    @classmethod
    def on(cls, case: Correction, prefix: str) -> "DecisionForm":
        """As it stands on the page of the case."""
        return cls(formdata=None, prefix=prefix, seen=len(case.decisions))


class NoteForm(DecisionForm):
    title = StringField(
        _l("Title of the article"),
        filters=[one_line],
        validators=[
            DataRequired(_l("Enter the title; it stands in the list.")),
            Length(max=LONGEST_TITLE, message=_l("Keep the title within 200 characters.")),
        ],
    )
    was = TextAreaField(
        _l("It said"),
        filters=[lines],
        validators=[DataRequired(_l("Say what it said before.")), WITHIN],
    )
    now = TextAreaField(
        _l("It should say"),
        filters=[lines],
        validators=[DataRequired(_l("Say what is right.")), WITHIN],
    )

    @classmethod
    def on(cls, case: Correction, prefix: str) -> "NoteForm":
        return cls(
            formdata=None,
            prefix=prefix,
            seen=len(case.decisions),
            title=case.article_title,
            was=case.was or case.exact,
            now=case.now,
        )


class DeclineForm(DecisionForm):
    reason = TextAreaField(
        _l("Reason, for the readers who reported it"),
        filters=[lines],
        validators=[
            DataRequired(_l("Give a reason; the readers who reported it read it.")),
            WITHIN,
        ],
    )


class AskForm(DecisionForm):
    question = TextAreaField(
        _l("Question, by e-mail"),
        filters=[lines],
        validators=[DataRequired(_l("Write what you want to know.")), WITHIN],
    )
