"""What readers send: a passage that is wrong, from its article or a page of ours; an answer."""

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from membership.articles.corrections.models import LONGEST, LONGEST_TITLE, Kind
from membership.articles.corrections.passages import passage, tidy, tidy_lines
from membership.articles.corrections.reporting import Report
from membership.articles.corrections.words import KINDS
from membership.forms import Form
from membership.patrons import people
from membership.patrons.forms import is_address
from membership.settings.articles import NotOurs, ours

TOO_LONG = _l("Keep it within 1000 characters.")


def one_line(text: str | None) -> str | None:
    return tidy(text) if text else text


def lines(text: str | None) -> str | None:
    return tidy_lines(text) if text else text


class ReportForm(Form):
    """What the script for articles knows of the place beside the passage is in hidden fields; it is
    taken as far as it makes sense.
    """

    article = StringField(
        _l("Address of the article"), validators=[DataRequired(_l("Enter the article’s address."))]
    )
    exact = TextAreaField(
        _l("The passage, word for word"),
        filters=[one_line],
        validators=[
            DataRequired(_l("Copy the passage that is wrong.")),
            Length(max=LONGEST, message=_l("Keep the passage within 1000 characters.")),
        ],
    )
    kind = RadioField(
        _l("What is wrong"),
        choices=[SelectChoice(kind.value, label) for kind, label in KINDS.items()],
        validate_choice=False,
    )
    right = TextAreaField(
        _l("What would be right"),
        filters=[lines],
        validators=[Length(max=LONGEST, message=TOO_LONG)],
    )
    email = EmailField(
        _l("E-mail, if you want to hear from us"),
        filters=[lambda text: text.strip() if text else text],
        validators=[Optional(), Length(max=254), is_address],
    )
    website = StringField(_l("Leave this field empty"), validators=[Length(max=200)])
    title = HiddenField()
    prefix = HiddenField()
    suffix = HiddenField()
    paragraph = HiddenField()

    def check_asked(self) -> None:
        """Say so if the address of the page asks about what is no article of ours."""
        try:
            self.validate_article(self.article)
        except ValidationError as error:
            self.refuse(str(error), self.article)

    def validate_article(self, field: StringField) -> None:
        try:
            self.spelt = ours(field.data or "")
        except NotOurs:
            raise ValidationError(
                _("This is not the address of an article of ours. Copy it from your browser.")
            ) from None

    def validate_kind(self, field: RadioField) -> None:
        if field.data not in KINDS:
            raise ValidationError(_("Choose what is wrong."))

    def validate_right(self, field: TextAreaField) -> None:
        """Of a slip one sees what would be right; of what kind it is has to be said first."""
        if not field.data and self.kind.data in KINDS and self.kind.data != Kind.slip:
            raise ValidationError(_("Say what would be right."))

    def validate_website(self, field: StringField) -> None:
        if field.data:
            raise ValidationError(_("Leave this field empty."))

    @property
    def report(self) -> Report:
        """Only after `validate` said yes."""
        its = passage(
            self.spelt,
            self.exact.data or "",
            self.prefix.data or "",
            self.suffix.data or "",
            self.paragraph.data or "",
        )
        return Report(
            passage=its,
            kind=Kind(self.kind.data),
            said=self.right.data or "",
            email=people.normalise(self.email.data) if self.email.data else None,
            language=str(get_locale()),
            title=tidy(self.title.data or "")[:LONGEST_TITLE],
        )

    @property
    def errors_by_field(self) -> dict[str, str]:
        """What is wrong, for the article's script; under no name what lies in no one field."""
        found = {field.name: " ".join(map(str, field.errors)) for field in self if field.errors}
        if self.form_errors:
            found[""] = " ".join(map(str, self.form_errors))
        return found


class AnswerForm(Form):
    answer = TextAreaField(
        _l("Your answer"),
        filters=[lines],
        validators=[
            DataRequired(_l("Write your answer.")),
            Length(max=LONGEST, message=TOO_LONG),
        ],
    )
