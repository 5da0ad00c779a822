from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from membership.topics.models import RoundTopic


def _one_line(text: str | None) -> str | None:
    return " ".join(text.split()) if text else text


class ProposalForm(FlaskForm):
    title = StringField(
        _l("Title"),
        filters=[_one_line],
        validators=[
            DataRequired(_l("Give your topic a title.")),
            Length(max=120, message=_l("Keep the title within 120 characters.")),
        ],
    )
    why = TextAreaField(
        _l("Why it matters"),
        filters=[_one_line],
        validators=[
            DataRequired(_l("Say in one line why it matters.")),
            Length(max=240, message=_l("Keep it within 240 characters.")),
        ],
    )


class BallotForm(FlaskForm):
    approvals = SelectMultipleField(_l("Tick every topic you want covered"), coerce=int)

    def __init__(self, entries: Sequence[RoundTopic], **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.approvals.choices = [(entry.topic_id, entry.topic.title) for entry in entries]

    @property
    def ticked(self) -> frozenset[int]:
        return frozenset(self.approvals.data or ())
