from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from membership.forms import Form
from membership.rounds.models import RoundTopic


class BallotForm(Form):
    GONE = _l("A topic you ticked has left the ballot. Look at the others and send it again.")

    approvals = SelectMultipleField(
        _l("Tick every topic you want covered"), coerce=int, validate_choice=False
    )

    def __init__(self, entries: Sequence[RoundTopic], **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.on_ballot = {entry.topic_id for entry in entries}

    def validate_approvals(self, field: SelectMultipleField) -> None:
        if not self.ticked <= self.on_ballot:
            raise ValidationError(self.GONE)

    @property
    def ticked(self) -> frozenset[int]:
        return frozenset(self.approvals.data or ())


class ReceiptForm(Form):
    receipt = StringField(
        _l("Your receipt"),
        filters=[lambda text: "".join(text.split()).upper() if text else text],
        validators=[DataRequired(_l("Enter the receipt you were given.")), Length(max=40)],
    )
