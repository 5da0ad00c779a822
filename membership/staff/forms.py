"""Staff's forms about money."""

from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, EmailField, HiddenField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from membership import days
from membership.books.offline import new_key
from membership.clock import clock
from membership.extensions import settings
from membership.forms import Form
from membership.giving import amounts
from membership.money import Money
from membership.patrons.forms import is_address


class RefundForm(Form):
    """How much of a payment to give back; all that is left of it unless changed."""

    key = HiddenField(validators=[InputRequired(), Length(min=16, max=64)])
    amount = StringField(
        _l("Amount"), validators=[InputRequired(_l("Enter the amount.")), Length(max=20)]
    )

    def __init__(self, left: Money, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.left = left
        self.key.data = self.key.data or new_key()
        if self.amount.data is None:
            self.amount.data = left.plain

    def validate_amount(self, field: StringField) -> None:
        self.money = typed(field, self.left.currency)
        if not 0 < self.money.amount <= self.left.amount:
            raise ValidationError(_("Enter no more than what is left of the payment."))


class OfflineForm(Form):
    """A gift by bank transfer or in cash."""

    key = HiddenField(validators=[InputRequired(), Length(min=16, max=64)])
    email = EmailField(
        _l("E-mail"),
        validators=[
            InputRequired(_l("Enter the giver’s e-mail address.")),
            Length(max=254),
            is_address,
        ],
    )
    name = StringField(_l("Name"), validators=[Optional(), Length(max=200)])
    amount = StringField(
        _l("Amount"), validators=[InputRequired(_l("Enter the amount.")), Length(max=20)]
    )
    currency = SelectField(_l("Currency"))
    received_on = DateField(
        _l("Received on"), validators=[InputRequired(_l("Enter the day as year-month-day."))]
    )
    months = IntegerField(
        _l("Months of membership"),
        default=0,
        validators=[NumberRange(0, 120, message=_l("Enter a number of months between 0 and 120."))],
    )
    note = StringField(_l("Note"), validators=[Optional(), Length(max=300)])

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.key.data = self.key.data or new_key()
        self.currency.choices = [(code, code.upper()) for code in settings.currencies]

    def validate_amount(self, field: StringField) -> None:
        self.money = typed(field, self.currency.data or "")
        if self.money.amount <= 0:
            raise ValidationError(_("Enter an amount above zero."))

    def validate_received_on(self, field: DateField) -> None:
        if field.data is None:
            field.errors = []
            raise ValidationError(_("Enter the day as year-month-day."))
        if self.received_at > clock.now():
            raise ValidationError(_("This day has not come yet."))

    @property
    def received_at(self) -> datetime:
        """The beginning of that day in the newsroom's time zone, in UTC."""
        assert self.received_on.data is not None
        return days.begin(self.received_on.data)


def typed(field: StringField, currency: str) -> Money:
    """The amount that was typed in a field. Raises ValidationError."""
    try:
        return amounts.read(field.data or "", currency)
    except amounts.Unacceptable as why:
        raise ValidationError(str(why)) from None
