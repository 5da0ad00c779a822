from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, Field, StringField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length

from membership.forms import Form
from membership.patrons import people


def is_address(_form: Form, field: Field) -> None:
    """WTForms validator: an address that e-mail could be sent to."""
    try:
        people.normalise(field.data or "")
    except people.NotAnAddress as error:
        raise ValidationError(
            _("This does not look like an e-mail address. It needs a name, an @ and a domain.")
        ) from error


class SignInForm(Form):
    email = EmailField(
        _l("E-mail"),
        validators=[InputRequired(_l("Enter your e-mail address.")), Length(max=254), is_address],
    )

    @property
    def address(self) -> str:
        """As we keep it. Only after `validate` said yes."""
        return people.normalise(self.email.data or "")


class NamingForm(Form):
    """Under what name somebody may be named in public."""

    public_name = StringField(
        _l("Name to be published"),
        filters=[lambda text: text and text.strip()],
        validators=[DataRequired(_l("Enter the name.")), Length(max=200)],
    )

    @property
    def name(self) -> str:
        """Only after `validate` said yes."""
        return self.public_name.data or ""
