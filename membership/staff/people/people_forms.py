"""Staff's forms about people."""

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, HiddenField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from membership.books.changes import FEEDBACK
from membership.books.offline import new_key
from membership.forms import Form
from membership.patrons.forms import is_address
from membership.staff import words
from membership.staff.people.comps import LONGEST_MONTHS
from membership.topics.forms import one_line


class NoteForm(Form):
    text = TextAreaField(
        _l("Note"),
        validators=[
            DataRequired(_l("Write something down first.")),
            Length(max=2000, message=_l("Keep it within 2000 characters.")),
        ],
    )


class CompForm(Form):
    """For how long a membership is given away, and why."""

    key = HiddenField(validators=[InputRequired(), Length(min=16, max=64)])
    months = IntegerField(
        _l("Months"),
        default=12,
        validators=[
            InputRequired(_l("Enter a number of months between 1 and 36.")),
            NumberRange(
                1, LONGEST_MONTHS, message=_l("Enter a number of months between 1 and 36.")
            ),
        ],
    )
    why = StringField(
        _l("Why, for the audit log"),
        filters=[one_line],
        validators=[DataRequired(_l("Say why.")), Length(max=150)],
    )

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.key.data = self.key.data or new_key()


class NameForm(Form):
    name = StringField(_l("Name"), filters=[one_line], validators=[Optional(), Length(max=200)])


class AddressForm(Form):
    email = EmailField(
        _l("New e-mail"),
        validators=[InputRequired(_l("Enter the new address.")), Length(max=254), is_address],
    )


class JoinForm(Form):
    """The address of who turned out to be the same person."""

    other = EmailField(
        _l("E-mail of the other one"),
        validators=[InputRequired(_l("Enter the other address.")), Length(max=254), is_address],
    )


class EndForm(Form):
    """Why a patron stops, as far as they told."""

    attempt = HiddenField(validators=[InputRequired(), Length(min=16, max=64)])
    feedback = RadioField(_l("Why, if they said"), validators=[Optional()], validate_choice=False)
    comment = StringField(_l("In their words"), validators=[Length(max=500)])

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.attempt.data = self.attempt.data or new_key()
        self.feedback.choices = [SelectChoice(one, words.reason_name(one)) for one in FEEDBACK]
