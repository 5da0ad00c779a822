"""Editors' forms about topics."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from membership.extensions import settings
from membership.forms import Form
from membership.topics.forms import is_web_address, one_line
from membership.topics.models import Topic

LONGEST_REASON = 500


def _reason(*validators: object) -> TextAreaField:
    return TextAreaField(
        _l("Reason, which everybody reads"),
        filters=[one_line],
        validators=[
            *validators,
            Length(max=LONGEST_REASON, message=_l("Keep it within 500 characters.")),
        ],
    )


class ReasonForm(Form):
    reason = _reason(DataRequired(_l("Give a reason; it is published.")))


class DeclineForm(ReasonForm):
    hidden = BooleanField(_l("Do not show this topic to others: abuse, or private matters"))


class MergeForm(ReasonForm):
    """Into which topic; named by its address, which is unlike every other."""

    into = SelectField(_l("Into which topic"), coerce=int)

    def __init__(self, topics: Sequence[Topic], **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.into.choices = [(topic.id, topic.title) for topic in topics]


class HoursForm(Form):
    hours = SelectField(_l("Reporting it takes"), coerce=int)

    def __init__(self, known: int | None = None, **kwargs: object) -> None:
        """`known` is what was said before, perhaps in a band that is offered no more."""
        super().__init__(**kwargs)
        offered = sorted({*settings.reporting_bands, *([known] if known else [])})
        self.hours.choices = [(hours, _("about %(num)d hours", num=hours)) for hours in offered]


class StoryForm(Form):
    link = StringField(
        _l("Address of the story"),
        filters=[lambda text: text.strip() if text else text],
        validators=[DataRequired(_l("Enter the address of the story."))],
    )

    def validate_link(self, field: StringField) -> None:
        if not is_web_address(field.data or ""):
            raise ValidationError(_("Enter a web address, such as https://…"))
