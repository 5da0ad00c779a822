"""Forms for who is on the staff."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import EmailField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length

from membership.forms import ChecksField, Form
from membership.patrons import people
from membership.patrons.forms import is_address
from membership.staff.settings import setting_words


class RolesForm(Form):
    """What somebody may do; nothing at all takes them off the staff."""

    roles = ChecksField(
        _l("Roles"),
        choices=[SelectChoice(*role) for role in setting_words.ROLES.items()],
    )


class InviteForm(RolesForm):
    email = EmailField(
        _l("E-mail"),
        validators=[InputRequired(_l("Enter an e-mail address.")), Length(max=254), is_address],
    )

    def validate(self, extra_validators: object = None) -> bool:
        good: bool = super().validate(extra_validators)
        if not self.roles.data:
            self.refuse(_("Say what they are to do."), self.roles)
        return good and bool(self.roles.data)

    @property
    def address(self) -> str:
        """As we keep it. Only after `validate` said yes."""
        return people.normalise(self.email.data or "")
