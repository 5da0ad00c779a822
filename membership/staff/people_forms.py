"""Staff's forms about people."""

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from membership.forms import Form


class NoteForm(Form):
    text = TextAreaField(
        _l("Note"),
        validators=[
            DataRequired(_l("Write something down first.")),
            Length(max=2000, message=_l("Keep it within 2000 characters.")),
        ],
    )
